import type { PlanReply } from '../admin/release-contract.ts'
import { readBundleFolder } from '../io/safeguards/bundle-folder.ts'
import { adminUrl, callAdmin, reporting } from './admin-client.ts'
import { type Command, EXIT, parseFlags, type Takes } from './command.ts'
import { planText } from './release-text.ts'

export const takes: Takes = {
  command: 'plan',
  flags: ['json'],
  values: ['admin'],
}

/** `sluice plan FOLDER`: what the safeguard in the folder would change against what is enforcing. Changes nothing. */
export const run: Command = async (args, terminal) => {
  const { options, rest } = parseFlags(args, takes)
  const [folder] = rest
  if (folder === undefined || rest.length > 1) {
    terminal.stderr('sluice plan FOLDER: a folder of `sluice safeguard export`, edited or not\n')
    return EXIT.usage
  }
  return reporting(terminal, async () => {
    // A plan is asked for while one edits, so hashes do not matter yet.
    const bundle = readBundleFolder(folder, 'ignore')
    const plan = await callAdmin<PlanReply>(adminUrl(options.get('admin')), '/api/plan', { bundle })
    terminal.stdout(options.has('json') ? `${JSON.stringify(plan)}\n` : planText(plan))
    return EXIT.done
  })
}
