// SPDX-License-Identifier: Apache-2.0
import { join } from 'node:path'
import { newest } from './sources.mjs'

const root = join(import.meta.dirname, '..')
const consoleDir = join(root, 'src/admin/console')
/** What the pages are made of: their own folder, and the types and pure functions they share with the server. */
const SOURCES = [
  consoleDir,
  join(root, 'src/core'),
  join(root, 'src/admin/contract.ts'),
  join(root, 'src/jobs/prove-record.ts'),
  join(root, 'package-lock.json'),
]

/** Folder of the built pages: `index.html`, `decision.html`, `assets/`. */
export const CONSOLE_DIST = join(root, 'dist/console')

/** Whether the built pages are newer than every source. */
export function isConsoleBuilt(): boolean {
  return newest([join(CONSOLE_DIST, 'decision.html')]) > newest(SOURCES)
}

/** Builds the console's pages into `dist/console`, unless what is there is newer than every source. */
export async function buildConsole(): Promise<void> {
  if (isConsoleBuilt()) return
  // A test runner names its own environment, and React's development build would end up in the pages.
  const environment = process.env['NODE_ENV']
  process.env['NODE_ENV'] = 'production'
  try {
    // Loaded only when there is something to build: most starts find the pages as they should be.
    const { build } = await import('vite')
    await build({ root: consoleDir, configFile: join(consoleDir, 'vite.config.ts'), logLevel: 'warn' })
  } finally {
    if (environment === undefined) delete process.env['NODE_ENV']
    else process.env['NODE_ENV'] = environment
  }
}

if (import.meta.main) await buildConsole()
