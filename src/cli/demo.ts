import { type Command, EXIT, parseFlags, type Takes } from './command.ts'
import type { Story } from './demo-stage.ts'

const WIDEN: Takes = { command: 'demo widen', flags: ['json'], values: ['data', 'out'] }
const REPORT: Takes = { command: 'demo report', flags: ['json'], values: ['out', 'tasks'] }
export const takes = [WIDEN, REPORT]

/** Stories that show what Sluice is for, each a real run of the program's own parts. */
const STORIES: Readonly<Record<string, { readonly takes: Takes; load(): Promise<{ run: Story }> }>> = {
  widen: { takes: WIDEN, load: () => import('./demo-widen.ts') },
  report: { takes: REPORT, load: () => import('./demo-report.ts') },
}

/** `sluice demo NAME`. */
export const run: Command = async (args, terminal) => {
  const [name, ...rest] = args
  const story = name === undefined ? undefined : STORIES[name]
  if (story === undefined) {
    terminal.stderr(`sluice demo: wanted one of ${Object.keys(STORIES).join(', ')}\n`)
    return EXIT.usage
  }
  const { options } = parseFlags(rest, story.takes)
  return (await story.load()).run(options, terminal)
}
