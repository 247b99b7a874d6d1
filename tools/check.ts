import { spawnSync } from 'node:child_process'

/**
 * What one runs while working: types, lint, docs, the tests beside the code. No services, no network, a minute or two.
 * `--but-tests` leaves the tests to `npm test`, which runs them too.
 */
const STEPS: readonly (readonly [name: string, command: readonly string[]])[] = [
  ['types', ['tsc', '-p', 'tsconfig.json']],
  ['types of core, without Node or DOM', ['tsc', '-p', 'tsconfig.core.json']],
  ['types of the console', ['tsc', '-p', 'src/admin/console/tsconfig.json']],
  ['lint and format', ['biome', 'check', '--error-on-warnings']],
  ['reference pages', ['node', 'tools/reference.ts', '--check']],
  ['docs', ['node', 'tools/check-docs.ts']],
  ['tests beside the code', ['vitest', 'run', '--project', 'unit']],
]

const wanted = process.argv.includes('--but-tests') ? STEPS.filter(([name]) => name !== 'tests beside the code') : STEPS
for (const [name, [program, ...args]] of wanted) {
  const started = performance.now()
  process.stdout.write(`\n▸ ${name}\n`)
  const command = program === 'node' ? process.execPath : `node_modules/.bin/${program}`
  const done = spawnSync(command, args, { stdio: 'inherit', shell: process.platform === 'win32' })
  if (done.status !== 0) {
    process.stderr.write(`\n✕ ${name} failed\n`)
    process.exit(1)
  }
  process.stdout.write(`✓ ${name}, ${((performance.now() - started) / 1000).toFixed(1)} s\n`)
}
