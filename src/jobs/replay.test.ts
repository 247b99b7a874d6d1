import { gunzipSync, gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { aBundle } from '../../test/fakes/a-bundle.ts'
import { aReceipt } from '../../test/fakes/a-receipt.ts'
import { LABELS } from '../core/base/reasons.ts'
import { decide } from '../core/policy/decide.ts'
import type { Receipt } from '../core/policy/receipt.ts'
import type { Bundle } from '../core/safeguards/bundle.ts'
import { LEASE_MS, type ReplayPorts, resultsOf, workOn } from './replay.ts'
import { packChunk, unpackChunk } from './replay-chunk.ts'
import type { ReplayChunk } from './replay-ports.ts'

const before = aBundle({ rules: [], families: [] })
const lines = { clear: 400_000, act: 900_001, actPlus: 950_000 }
const cyber = { ...before.policy.harms.cyber, input: lines }
const after: Bundle = { ...before, policy: { ...before.policy, harms: { ...before.policy.harms, cyber } } }

/** Every fifth request asks for something that only `before` diverts. */
function receipts(n: number): Receipt[] {
  return Array.from({ length: n }, (_, i) => {
    const receipt = aReceipt({ n: i, session: `s${i % 7}` })
    const ppm = LABELS.map((label) => (label === 'harm.cyber' && i % 5 === 0 ? 800_000 : 0))
    const [found] = receipt.steps[0]!.input.findings
    const input = { ...receipt.steps[0]!.input, fallbackModel: 'small', findings: [{ ...found!, ppm }] } as never
    return {
      ...receipt,
      model: before.model!,
      steps: [{ input, decision: null }],
      decision: decide(input, before.policy),
    }
  })
}

/** A world in memory: chunks of ten. */
function world(all: readonly Receipt[], more: Partial<ReplayPorts> = {}) {
  const results = new Map<number, Uint8Array>()
  const leases = new Map<number, number>()
  const chunks: ReplayChunk[] = []
  for (let i = 0; i < all.length; i += 10)
    chunks.push({
      job: 'j',
      seq: i / 10,
      from: { atMs: i, id: '' },
      until: null,
      requests: Math.min(10, all.length - i),
    })
  const read: number[] = []
  let now = 0
  const ports: ReplayPorts = {
    book: {
      async leaseChunk(_job, _worker, nowMs, leaseMs) {
        const free = chunks.find(({ seq }) => !results.has(seq) && (leases.get(seq) ?? 0) <= nowMs)
        if (free !== undefined) leases.set(free.seq, nowMs + leaseMs)
        return free ?? null
      },
      renewChunk: async () => true,
      finishChunk: async ({ seq }, _worker, result) => results.size < results.set(seq, result).size,
      replayProgress: async () => {
        const done = chunks.filter(({ seq }) => results.has(seq))
        const sum = (list: readonly ReplayChunk[]) => list.reduce((n, { requests }) => n + requests, 0)
        return { chunks: chunks.length, chunksDone: done.length, requests: sum(chunks), requestsDone: sum(done) }
      },
      chunkResult: async (_job, seq) => results.get(seq) ?? null,
    },
    async receipts({ seq, requests }) {
      read.push(seq)
      return all.slice(seq * 10, seq * 10 + requests)
    },
    madeBy: () => before,
    again: async () => null,
    facts: () => ({ segment: 'other', label: null, family: null }),
    pack: (text) => gzipSync(text),
    unpack: (bytes) => gunzipSync(bytes).toString(),
    nowMs: () => now,
    monotonicMs: () => now++,
    sleep: async (ms) => void (now += ms),
    ...more,
  }
  return { ports, read }
}

test('SR-1: a replay lists exactly the requests that both bundles decide differently', async () => {
  const all = receipts(57)
  const { ports } = world(all)
  const seen: (number | null)[] = []
  const done = await workOn('j', 'w', { before, after }, ports, (_, left) => seen.push(left))
  expect(done).toEqual({ chunks: 6, chunksDone: 6, requests: 57, requestsDone: 57 })
  expect(seen.at(-1)).toBe(0)
  expect(seen[0]!).toBeGreaterThan(0)
  const { cases, notReplayable } = await resultsOf('j', ports)
  const differing = cases.filter((one) => one.before !== one.after)
  expect(differing.map(({ id }) => id)).toEqual(all.filter((_, i) => i % 5 === 0).map(({ id }) => id))
  expect(differing[0]).toMatchObject({ before: 'fall_back', after: 'flag', category: 'cyber', session: 's0' })
  expect([cases.length, notReplayable]).toEqual([57, {}])
})

test('replay: a worker that dies loses its chunk alone; started again, only the rest is done', async () => {
  const all = receipts(40)
  let reads = 0
  const { ports, read } = world(all)
  const failing: ReplayPorts = {
    ...ports,
    receipts: (chunk) => (++reads === 3 ? Promise.reject(new Error('killed')) : ports.receipts(chunk)),
  }
  await expect(workOn('j', 'a', { before, after }, failing, () => undefined)).rejects.toThrow('killed')
  // Its chunk is still leased: a second worker does the last one, and waits until the lease is over.
  const since = ports.nowMs()
  expect(await workOn('j', 'b', { before, after }, ports, () => undefined)).toMatchObject({ chunksDone: 4 })
  expect(ports.nowMs() - since).toBeGreaterThan(LEASE_MS - 1000)
  expect(read).toEqual([0, 1, 3, 2])
  expect((await resultsOf('j', ports)).cases).toHaveLength(40)
})

test('replay: from content where findings do not suffice; gone content is counted by reason and never guessed', async () => {
  const all = receipts(20)
  const ruled = { ...after, rules: [{ ...aBundle().rules[0]!, name: 'new' }] }
  const refused = { ...all[0]!.decision, would: 'refuse', category: 'bio' } as const
  const asked: string[] = []
  const { ports } = world(all, {
    again: async ({ id }, side) => {
      asked.push(side)
      return id === all[3]!.id ? refused : null
    },
  })
  await workOn('j', 'w', { before, after: ruled }, ports, () => undefined)
  const { cases, notReplayable } = await resultsOf('j', ports)
  expect(cases).toMatchObject([{ id: all[3]!.id, before: 'allow', after: 'refuse', category: 'bio' }])
  expect(notReplayable).toEqual({ no_content: 19 })
  // What enforces is decided from findings: only the new rule's side needs the text.
  expect(new Set(asked)).toEqual(new Set(['after']))
  const unknown = world(all, { madeBy: () => null })
  await workOn('j', 'w', { before, after }, unknown.ports, () => undefined)
  expect((await resultsOf('j', unknown.ports)).notReplayable).toEqual({ unknown_release: 20 })
})

test('replay: a refusal that would be lifted is counted as one whose answer nobody has seen', async () => {
  const place = { part: 'user', trust: 'user', turn: 0, newest: true } as const
  const found = { kind: 'rule', rule: 'house', stage: 'input', action: 'refuse', category: 'cyber', place } as const
  const refusing = { ...before, rules: [{ ...aBundle().rules[0]!, action: 'refuse' as const }] }
  const refused = receipts(5).map((receipt): Receipt => {
    const input = { ...receipt.steps[0]!.input, findings: [found] }
    return { ...receipt, steps: [{ input, decision: null }], decision: decide(input, before.policy) }
  })
  const { ports } = world(refused, { madeBy: () => refusing })
  await workOn('j', 'w', { before: refusing, after: { ...refusing, rules: [] } }, ports, () => undefined)
  const { withoutAnswer, cases } = await resultsOf('j', ports)
  expect([withoutAnswer, cases.filter(({ after: action }) => action === 'allow').length]).toEqual([5, 5])
})

test('replay: a chunk comes back as it was packed, ids of what moved included', () => {
  const facts = { session: null, user: 'u', org: 'o', surface: 'chat', language: 'ja', segment: 's', family: null }
  const moved = { id: 'a', before: 'allow', after: 'refuse', category: 'bio', label: 'harmless', ...facts } as const
  const same = { ...moved, id: '', after: 'allow', category: null, label: null } as const
  const result = { cases: [moved, same], notReplayable: { no_content: 2 }, withoutAnswer: 1 }
  expect(unpackChunk(packChunk(result))).toEqual(result)
  expect(packChunk({ ...result, cases: [{ ...same, id: 'kept' }] })).not.toContain('kept')
})
