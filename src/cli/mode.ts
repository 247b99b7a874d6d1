import { userInfo } from 'node:os'
import type { ModeChange, Status } from '../admin/contract.ts'
import { adminUrl, callAdmin, reporting } from './admin-client.ts'
import { type Command, EXIT, parseFlags, type Takes } from './command.ts'

export const takes: Takes = {
  command: 'off',
  flags: ['json'],
  values: ['admin', 'reason', 'by'],
}

/** As the console asks for it. */
const SHORTEST_REASON = 3

/** `sluice off|observe|enforce -m REASON [--by NAME]`: changes the mode of a running instance, at once and on the record. */
export const run: Command = async ([mode, ...args], terminal) => {
  const { options, rest } = parseFlags(args, { ...takes, command: mode! })
  const reason = (options.get('reason') ?? rest.join(' ')).trim()
  if (reason.length < SHORTEST_REASON) {
    const fault = reason === '' ? 'say why' : `a reason has at least ${SHORTEST_REASON} characters, this one has fewer`
    terminal.stderr(`sluice ${mode}: ${fault}: sluice ${mode} -m "…"\n`)
    return EXIT.usage
  }
  return reporting(terminal, async () => {
    const by = options.get('by') ?? whoTypes()
    const change = { mode: mode as ModeChange['mode'], reason, by } satisfies ModeChange
    const status = await callAdmin<Status>(adminUrl(options.get('admin')), '/api/mode', change)
    const since = new Date(status.modeSinceMs).toISOString()
    terminal.stdout(
      options.has('json') ? `${JSON.stringify(status)}\n` : `mode ${status.mode} since ${since} by ${status.modeBy}\n`,
    )
    return EXIT.done
  })
}

/** Name of the account that runs this; a container may run under one that has none. */
function whoTypes(): string {
  try {
    return userInfo().username
  } catch {
    return 'operator'
  }
}
