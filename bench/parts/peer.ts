import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { type Child, ROOT, startChild } from './children.ts'
import { installPeer } from './install-peer.ts'

export const PEER = 'Portkey 1.15.2'

/**
 * A gateway of others, to compare with: installed into `folder` as `bench/peer` locks it, and started on loopback.
 *
 * Its `@hono/node-server` is held at 1.14.1. From 1.14.2 on, which is what a plain install takes, it answers every
 * stream with status 500 (`TypeError: immutable`, Portkey-AI/gateway#1389).
 *
 * @throws when it cannot be installed or does not start.
 */
export async function startPeer(folder: string): Promise<Child> {
  const home = join(installPeer(folder, 'peer'), '@portkey-ai', 'gateway')
  const { bin } = JSON.parse(readFileSync(join(home, 'package.json'), 'utf8')) as { bin: string }
  return startChild(join(home, bin), ['--headless'], { NODE_ENV: 'production' }, /^peer on (\d+)$/, [
    `--import=${pathToFileURL(join(ROOT, 'bench', 'parts', 'peer-loopback.ts'))}`,
  ])
}

/** Where it is told to send a request, header by header. */
export function peerHeaders(upstreamPort: string, provider: 'anthropic' | 'openai'): Readonly<Record<string, string>> {
  return { 'x-portkey-provider': provider, 'x-portkey-custom-host': `http://127.0.0.1:${upstreamPort}/v1` }
}
