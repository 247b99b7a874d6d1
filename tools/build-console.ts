// SPDX-License-Identifier: Apache-2.0
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'

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
export async function isConsoleBuilt(): Promise<boolean> {
  const [built, changed] = await Promise.all([newest([join(CONSOLE_DIST, 'decision.html')]), newest(SOURCES)])
  return built > changed
}

/** Builds the console's pages into `dist/console`, unless what is there is newer than every source. */
export async function buildConsole(): Promise<void> {
  if (await isConsoleBuilt()) return
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

/** Latest change below the given files and folders, milliseconds since 1970; 0 when none exists. */
async function newest(paths: readonly string[]): Promise<number> {
  const times = await Promise.all(
    paths.map(async (path) => {
      const found = await stat(path).catch(() => null)
      if (found === null) return 0
      if (!found.isDirectory()) return found.mtimeMs
      const names = (await readdir(path)).filter((name) => !name.includes('.test.'))
      return newest(names.map((name) => join(path, name)))
    }),
  )
  return Math.max(0, ...times)
}

if (import.meta.main) await buildConsole()
