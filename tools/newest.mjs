// Plain JavaScript, so that `bootstrap.mjs` can ask on the Node that it finds.
import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'

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
