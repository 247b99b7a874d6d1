import { spawnSync } from 'node:child_process'
import { copyFileSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { type Child, ROOT, startChild } from './children.ts'

export const PEER = 'Portkey 1.15.2'
const INSTALL_WITHIN_MS = 120_000

/**
 * A gateway of others, to compare with: installed into `folder` as `bench/peer` locks it, and started on loopback.
 *
 * Its `@hono/node-server` is held at 1.14.1. From 1.14.2 on, which is what a plain install takes, it answers every
 * stream with status 500 (`TypeError: immutable`, Portkey-AI/gateway#1389).
 *
 * @throws when it cannot be installed or does not start.
 */
export async function startPeer(folder: string): Promise<Child> {
  const place = join(folder, 'peer')
  mkdirSync(place)
  const locked = join(ROOT, 'bench', 'peer')
  for (const name of ['package.json', 'package-lock.json']) copyFileSync(join(locked, name), join(place, name))
  const npm = spawnSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], {
    ...{ cwd: place, encoding: 'utf8', timeout: INSTALL_WITHIN_MS },
    shell: process.platform === 'win32',
  })
  if (npm.status !== 0) throw new Error(`npm ci: ${(npm.error?.message ?? npm.stderr).trim().slice(0, 300)}`)
  const home = join(place, 'node_modules', '@portkey-ai', 'gateway')
  const { bin } = JSON.parse(readFileSync(join(home, 'package.json'), 'utf8')) as { bin: string }
  return startChild(join(home, bin), ['--headless'], { NODE_ENV: 'production' }, /^peer on (\d+)$/, [
    `--import=${pathToFileURL(join(ROOT, 'bench', 'parts', 'peer-loopback.ts'))}`,
  ])
}

/** Where it is told to send a request, header by header. */
export function peerHeaders(upstreamPort: string, provider: 'anthropic' | 'openai'): Readonly<Record<string, string>> {
  return { 'x-portkey-provider': provider, 'x-portkey-custom-host': `http://127.0.0.1:${upstreamPort}/v1` }
}
