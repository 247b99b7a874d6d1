import { EXIT, failed } from './cli/command.ts'
import { COMMANDS } from './cli/commands.ts'
import { USAGE } from './cli/usage.ts'

const terminal = {
  stdout: (text: string) => void process.stdout.write(text),
  stderr: (text: string) => void process.stderr.write(text),
}

/** A reader that stops early (`sluice classify | head`) is no fault. */
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(EXIT.done)
  throw error
})

const HELP = ['--help', '-h', 'help']
const [first = 'serve', ...rest] = process.argv.slice(2)
const name = first.startsWith('-') ? 'serve' : first
const args = name === first ? rest : [first, ...rest]
const load = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined

if (HELP.includes(first)) {
  terminal.stdout(USAGE)
} else if (load === undefined) {
  terminal.stderr(`sluice: no command named \`${name}\`\n\n${USAGE}`)
  process.exitCode = EXIT.usage
} else {
  const { run, takes } = await load()
  // Asked for help, wherever on the line, a command does nothing else.
  if (args.includes('--help') || args.includes('-h')) terminal.stdout('page' in takes ? takes.page : USAGE)
  else process.exitCode = await run(args, terminal).catch((error) => failed(error, terminal))
}
