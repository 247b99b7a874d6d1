import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { buildConsole } from './build-console.ts'
import { buildProgram } from './build-program.ts'
import { PROGRAM } from './sources.mjs'

const CHROMIUM =
  process.env.CHROMIUM_PATH ??
  ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((path) => existsSync(path))

/**
 * The tests: those beside the code, then those that need the whole program. `npm test -- <vitest arguments>` narrows.
 * What a newcomer's machine lacks is said plainly and not run; with CI=true it fails instead.
 */
const ci = process.env.CI === 'true'
if (process.env.DATABASE_URL === undefined && !ci)
  process.stdout.write(
    'PostgreSQL: the contract suite does not run here. To run it: DATABASE_URL=postgres://… npm test\n',
  )
if (CHROMIUM === undefined && !ci)
  process.stdout.write(
    'Pages in a browser: not run, no Chromium found. To run them: install it, or CHROMIUM_PATH=… npm test\n',
  )
if (process.env.SLUICE_TEST_DATA === undefined)
  process.stdout.write('Quality rows on a data folder: not run. To run them: SLUICE_TEST_DATA=… npm test\n')

await buildConsole()
await buildProgram()
const done = spawnSync('node_modules/.bin/vitest', ['run', ...process.argv.slice(2)], {
  stdio: 'inherit',
  env: { ...process.env, SLUICE_TEST_PROGRAM: PROGRAM },
  shell: process.platform === 'win32',
})
process.exit(done.status ?? 1)
