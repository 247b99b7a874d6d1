// Plain JavaScript, so that `bootstrap.mjs` can ask on the Node that it finds.
import { readdirSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
/** The built program: what `npm start` and `npx sluice` run. It stands as deep below the root as the sources do. */
export const PROGRAM = join(root, 'dist', 'program', 'main.mjs')
const PROGRAM_SOURCES = ['src', join('tools', 'build-program.ts'), 'package-lock.json'].map((path) => join(root, path))

/** Whether the built program is newer than what it is made of. */
export function isProgramBuilt() {
  return newest([PROGRAM]) > newest(PROGRAM_SOURCES)
}

/**
 * Latest change below the given files and folders, tests apart, milliseconds since 1970; 0 when none exists. A folder
 * changes when something in it comes or goes.
 * @param {readonly string[]} paths
 * @returns {number}
 */
export function newest(paths) {
  let latest = 0
  for (const path of paths) {
    const found = statSync(path, { throwIfNoEntry: false })
    if (found === undefined) continue
    latest = Math.max(latest, found.mtimeMs)
    if (!found.isDirectory()) continue
    const names = readdirSync(path).filter((name) => !name.includes('.test.'))
    latest = Math.max(latest, newest(names.map((name) => join(path, name))))
  }
  return latest
}
