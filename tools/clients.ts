import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

/**
 * The tests of the official clients: `npm run clients` with the pinned versions, `npm run clients -- --latest` with what
 * the registry offers now, installed into a temporary folder. The tests are the same; vitest.config.ts takes the packages
 * from the folder that SLUICE_TEST_CLIENTS names. Fails where a cell of the table of clients does not hold.
 */
const { values } = parseArgs({ options: { latest: { type: 'boolean' } } })
const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const CLIENTS = [
  '@anthropic-ai/sdk',
  'openai',
  'ai',
  '@ai-sdk/anthropic',
  '@ai-sdk/openai',
  '@langchain/anthropic',
  '@langchain/core',
  '@langchain/openai',
]
/** Every test that an official client takes part in. */
const TESTS = ['clients', 'sdk', 'wire-examples', 'wire/client-table', 'fallback', 'endpoints', 'tool-uses', 'batches']

const { dependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  dependencies: Readonly<Record<string, string>>
}
const folder = values.latest === true ? mkdtempSync(join(tmpdir(), 'sluice-clients-')) : root
try {
  // Schemas are made by the tests' own zod: the clients read them with the same version.
  if (values.latest === true) install([...CLIENTS.map((name) => `${name}@latest`), `zod@${dependencies['zod']}`])
  for (const name of CLIENTS)
    process.stdout.write(`${name} ${versionIn(folder, name)} (pinned: ${versionIn(root, name)})\n`)
  const files = TESTS.map((name) => `test/${name}.test.ts`)
  const { status } = spawnSync(
    process.execPath,
    [join(root, 'node_modules', 'vitest', 'vitest.mjs'), 'run', ...files],
    {
      ...{ cwd: root, stdio: 'inherit' },
      env: { ...process.env, ...(values.latest === true ? { SLUICE_TEST_CLIENTS: folder } : {}) },
    },
  )
  process.exitCode = status ?? 1
} finally {
  if (folder !== root) rmSync(folder, { recursive: true, force: true })
}

function install(packages: readonly string[]): void {
  writeFileSync(join(folder, 'package.json'), '{"private":true,"type":"module"}\n')
  const done = spawnSync('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund', ...packages], {
    ...{ cwd: folder, stdio: ['ignore', 2, 2], shell: process.platform === 'win32' },
  })
  if (done.status !== 0) throw new Error('the clients could not be installed; check the network and run it again')
}

function versionIn(place: string, name: string): string {
  const file = join(place, 'node_modules', name, 'package.json')
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version
}
