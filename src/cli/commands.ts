import type { Command, Takes } from './command.ts'

/** What a command's file gives; what it takes is of each where one name stands for several. */
export interface CommandModule {
  readonly run: Command
  readonly takes: Takes | readonly Takes[]
}

/** Commands are loaded when they are asked for: `sluice why` needs no server, and starts in a blink. */
export const COMMANDS: Readonly<Record<string, () => Promise<CommandModule>>> = {
  serve: () => import('./serve.ts'),
  try: () => import('./try.ts'),
  why: () => import('./why.ts'),
  classify: () => import('./classify.ts'),
  train: () => import('./train.ts'),
  eval: () => import('./eval.ts'),
  data: () => import('./data.ts'),
  respond: () => import('./respond.ts'),
  demo: () => import('./demo.ts'),
  review: () => import('./review.ts'),
  appeals: () => import('./appeals.ts'),
  collateral: () => import('./collateral.ts'),
  usefulness: () => import('./usefulness.ts'),
  key: () => import('./key.ts'),
  release: () => import('./release.ts'),
  plan: () => import('./plan.ts'),
  report: () => import('./report.ts'),
  duty: () => import('./duty.ts'),
  people: () => import('./people.ts'),
  safeguard: () => import('./safeguard.ts'),
  feed: () => import('./feed.ts'),
  severity: () => import('./severity.ts'),
  reproduce: () => import('./reproduce.ts'),
  record: () => import('./record.ts'),
  transparency: () => import('./transparency.ts'),
  doctor: () => import('./doctor.ts'),
  off: mode('off'),
  observe: mode('observe'),
  enforce: mode('enforce'),
}

/** One file for the three of them: it is told which. */
function mode(name: 'off' | 'observe' | 'enforce'): () => Promise<CommandModule> {
  return async () => {
    const { run, takes } = await import('./mode.ts')
    return { takes: { ...takes, command: name }, run: (args, terminal) => run([name, ...args], terminal) }
  }
}
