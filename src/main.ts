import type { Command } from './cli/command.ts'
import { EXIT } from './cli/command.ts'
import { USAGE } from './cli/usage.ts'

/** Commands are loaded when they are asked for: `sluice why` needs no server, and starts in a blink. */
const COMMANDS: Readonly<Record<string, () => Promise<{ run: Command }>>> = {
  serve: () => import('./cli/serve.ts'),
  try: () => import('./cli/try.ts'),
  why: () => import('./cli/why.ts'),
  classify: () => import('./cli/classify.ts'),
  train: () => import('./cli/train.ts'),
  eval: () => import('./cli/eval.ts'),
  data: () => import('./cli/data.ts'),
  respond: () => import('./cli/respond.ts'),
  demo: () => import('./cli/demo.ts'),
  review: () => import('./cli/review.ts'),
  appeals: () => import('./cli/appeals.ts'),
  collateral: () => import('./cli/collateral.ts'),
  usefulness: () => import('./cli/usefulness.ts'),
  key: () => import('./cli/key.ts'),
  release: () => import('./cli/release.ts'),
  plan: () => import('./cli/plan.ts'),
  report: () => import('./cli/report.ts'),
  duty: () => import('./cli/duty.ts'),
  people: () => import('./cli/people.ts'),
  safeguard: () => import('./cli/safeguard.ts'),
  feed: () => import('./cli/feed.ts'),
  severity: () => import('./cli/severity.ts'),
  reproduce: () => import('./cli/reproduce.ts'),
  record: () => import('./cli/record.ts'),
  transparency: () => import('./cli/transparency.ts'),
  doctor: () => import('./cli/doctor.ts'),
  off: () => import('./cli/mode.ts'),
  observe: () => import('./cli/mode.ts'),
  enforce: () => import('./cli/mode.ts'),
}

const terminal = {
  stdout: (text: string) => void process.stdout.write(text),
  stderr: (text: string) => void process.stderr.write(text),
}

/** A reader that stops early (`sluice classify | head`) is no fault. */
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(EXIT.done)
  throw error
})

const [first = 'serve', ...rest] = process.argv.slice(2)
if (first === '--help' || first === '-h' || first === 'help') {
  terminal.stdout(USAGE)
} else {
  const name = first.startsWith('--') ? 'serve' : first
  const args = name === first ? rest : [first, ...rest]
  const load = COMMANDS[name]
  if (load === undefined) {
    terminal.stderr(`sluice: no command named \`${name}\`\n\n${USAGE}`)
    process.exitCode = EXIT.usage
  } else {
    const { run } = await load()
    process.exitCode = await run(
      name === 'off' || name === 'observe' || name === 'enforce' ? [name, ...args] : args,
      terminal,
    )
  }
}
