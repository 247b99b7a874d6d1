import { spawnSync } from 'node:child_process'
import { copyFileSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT } from './children.ts'

const INSTALL_WITHIN_MS = 120_000

/**
 * Installs what `bench/{name}` locks, dependencies and all, into `folder/{name}`.
 * @returns Where its packages are.
 * @throws when it cannot be installed.
 */
export function installPeer(folder: string, name: 'peer' | 'peer-checks'): string {
  const place = join(folder, name)
  mkdirSync(place)
  const locked = join(ROOT, 'bench', name)
  for (const file of ['package.json', 'package-lock.json']) copyFileSync(join(locked, file), join(place, file))
  const npm = spawnSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], {
    ...{ cwd: place, encoding: 'utf8', timeout: INSTALL_WITHIN_MS },
    shell: process.platform === 'win32',
  })
  if (npm.status !== 0) throw new Error(`npm ci: ${(npm.error?.message ?? npm.stderr).trim().slice(0, 300)}`)
  return join(place, 'node_modules')
}
