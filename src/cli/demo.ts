import { type Command, EXIT, type Takes } from './command.ts'

export const WIDEN: Takes = { command: 'demo widen', flags: ['json'], values: ['data', 'out'] }
export const REPORT: Takes = { command: 'demo report', flags: ['json'], values: ['out', 'tasks'] }
export const takes = [WIDEN, REPORT]

/** Stories that show what Sluice is for, each a real run of the program's own parts. */
const STORIES: Readonly<Record<string, () => Promise<{ run: Command }>>> = {
  widen: () => import('./demo-widen.ts'),
  report: () => import('./demo-report.ts'),
}

/** `sluice demo NAME`. */
export const run: Command = async (args, terminal) => {
  const [name, ...rest] = args
  const story = name === undefined ? undefined : STORIES[name]
  if (story === undefined) {
    terminal.stderr(`sluice demo: wanted one of ${Object.keys(STORIES).join(', ')}\n`)
    return EXIT.usage
  }
  return (await story()).run(rest, terminal)
}
