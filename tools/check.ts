import { spawn } from 'node:child_process'

interface Step {
  readonly name: string
  readonly command: readonly string[]
}

/** What one runs while working: types, lint, docs. No services, no network; the longest first, two at a time. */
const STEPS: readonly Step[] = [
  { name: 'docs', command: ['node', 'tools/check-docs.ts'] },
  { name: 'types', command: ['tsc', '-p', 'tsconfig.json'] },
  { name: 'types of core, without Node or DOM', command: ['tsc', '-p', 'tsconfig.core.json'] },
  { name: 'types of the console', command: ['tsc', '-p', 'src/admin/console/tsconfig.json'] },
  { name: 'lint and format', command: ['biome', 'check', '--error-on-warnings'] },
  { name: 'reference pages', command: ['node', 'tools/reference.ts', '--check'] },
]
const AT_A_TIME = 2

/** Some of these say something about time: nothing runs beside them. `npm test` runs them too: `--but-tests` leaves them to it. */
const TESTS: Step = { name: 'tests beside the code', command: ['vitest', 'run', '--project', 'unit'] }

const left = [...STEPS]
const lane = async () => {
  for (let step = left.shift(); step !== undefined; step = left.shift()) await take(step, 'pipe')
}
await Promise.all(Array.from({ length: AT_A_TIME }, lane))
if (process.exitCode === undefined && !process.argv.includes('--but-tests')) await take(TESTS, 'inherit')

/** Runs one step to its end; after one that fails no other begins. @param output `pipe`: shown when it is done, so that two do not mix. */
function take({ name, command: [program, ...args] }: Step, output: 'pipe' | 'inherit'): Promise<void> {
  const started = performance.now()
  const path = program === 'node' ? process.execPath : `node_modules/.bin/${program}`
  if (output === 'inherit') process.stdout.write(`\n▸ ${name}\n`)
  const child = spawn(path, args, { stdio: ['ignore', output, output], shell: process.platform === 'win32' })
  let said = ''
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk: Buffer) => (said += chunk.toString()))
  return new Promise((resolve) =>
    child.on('close', (code) => {
      const seconds = ((performance.now() - started) / 1000).toFixed(1)
      process.stdout.write(`${said}${code === 0 ? '✓' : '✕'} ${name}, ${seconds} s\n`)
      if (code !== 0) {
        process.exitCode = 1
        left.length = 0
      }
      resolve()
    }),
  )
}
