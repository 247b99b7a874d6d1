import { expect, test } from 'vitest'
import { newCounters } from './counters.ts'
import type { Ports, WireReply } from './ports.ts'
import { rejected } from './rejected.ts'

const ports = (mode: string) =>
  ({
    counters: newCounters(),
    state: () => ({ mode, arm: 'enforcing', safeguard: { release: 'base-1', releases: {} } }),
    clock: { nowMs: () => 0 },
    random: (bytes: number) => new Uint8Array(bytes),
  }) as unknown as Ports
const said = ({ status, body }: WireReply) => [status, JSON.parse(body as string)]
const hook = { path: '/hooks/anthropic-inference', headers: { 'accept-language': 'ja' } }

test('CL-15: a hook for whose body there is no room is a verdict, counted', () => {
  const enforcing = ports('enforce')
  const deny = { action: 'deny', deny_reason: '必須の段階が応答しませんでした：gateway' }
  expect(said(rejected(hook, 'overloaded', 0, enforcing))).toEqual([200, deny])
  expect(enforcing.counters.shed).toBe(1)
  expect(said(rejected(hook, 'overloaded', 0, ports('observe')))).toEqual([200, { action: 'allow' }])
  expect(rejected({ ...hook, path: '/v1/messages' }, 'overloaded', 0, enforcing).status).toBe(529)
})

test('GW-22: a body that is too large is told the bound that it broke', () => {
  const of = (bytes: number) =>
    said(rejected({ path: '/v1/messages', headers: {} }, 'body_too_large', bytes, ports('off')))
  for (const [bytes, size] of [
    [64 * 1024, '64 KiB'],
    [12 * 1024 ** 2, '12 MiB'],
    [4_512_300, '4.3 MiB'],
  ] as const)
    expect(of(bytes)).toEqual([
      413,
      expect.objectContaining({ error: expect.objectContaining({ message: `body is larger than ${size}` }) }),
    ])
})
