import fc from 'fast-check'
import { expect, test } from 'vitest'
import { aJailbreakRecord, anAssessmentBy } from '../../../../test/fakes/a-jailbreak-record.ts'
import { freshnessOf } from './freshness.ts'
import { parsePointer, pointerText } from './pointer.ts'
import { type Applied, inForce, recordViews } from './record-view.ts'
import type { Statement } from './statement.ts'

const hash = 'ab'.repeat(32)
const applied = (index: number, modified: string, more: object = {}): Applied => ({
  ...{ type: 'record', publisher: 'partner-a', level: 'clear', index, sha256: hash },
  object: aJailbreakRecord({ modified, ...more }),
})
const said = (index: number, by: string, more: object): Applied => ({
  ...{ type: 'statement', publisher: by, level: 'clear', index, sha256: hash },
  object: {
    ...{ id: `STM-2026-${String(index).padStart(6, '0')}`, by, at: '2026-06-15T00:00:00Z' },
    about: { publisher: 'partner-a', id: 'JRX-2026-000017', sha256: hash },
    ...more,
  } as Statement,
})
const NONE = { sameControl: [] }
const texts = { en: 'measured otherwise', ja: '測定が異なる' }

test('in force: the later `modified`, then the later place; whatever the order they come in', () => {
  const all = [
    applied(0, '2026-06-13T00:00:00Z'),
    applied(1, '2026-06-15T00:00:00Z'),
    applied(2, '2026-06-15T00:00:00Z'),
    applied(3, '2026-06-14T00:00:00Z'),
  ]
  fc.assert(
    fc.property(fc.shuffledSubarray(all, { minLength: 4 }), (order) => {
      expect([...inForce(order).values()].map(({ index }) => index)).toEqual([2])
    }),
  )
})

test('views: an open dispute takes the number away; settled, it comes back; a withdrawn word does not count', () => {
  const dispute = { kind: 'dispute', claim: 'UP', reason: texts, evidence: [] }
  const record = applied(0, '2026-06-13T00:00:00Z')
  const of = (...more: Applied[]) =>
    recordViews([record, ...more], NONE).map(({ disputed, cells }) => [disputed, cells[0]!.tenths])
  expect(of()).toEqual([[false, 13]])
  expect(of(said(1, 'partner-b', dispute))).toEqual([[true, null]])
  expect(of(said(1, 'partner-b', { ...dispute, settled: '2026-06-16T00:00:00Z' }))).toEqual([[false, 13]])
  const withdrawn = { at: '2026-06-16T00:00:00Z', reason: 'a mistake' }
  expect(of(said(1, 'partner-b', { ...dispute, withdrawn }))).toEqual([[false, 13]])
})

test('views: replies, corrections and requests stand beside the record, oldest first, and say which version they mean', () => {
  const reply = { kind: 'reply', text: texts, evidence: [], at: '2026-06-14T00:00:00Z' }
  const request = { kind: 'withdrawal_request', reason: texts }
  const other = { publisher: 'partner-a', id: 'JRX-2026-000017', sha256: 'cd'.repeat(32) }
  const [view] = recordViews(
    [
      said(2, 'partner-b', request),
      said(1, 'vendor-x', { ...reply, about: other }),
      applied(0, '2026-06-13T00:00:00Z'),
    ],
    NONE,
  )
  expect(view!.statements.map(({ statement, by, aboutThis }) => [statement.kind, by, aboutThis])).toEqual([
    ['reply', 'vendor-x', false],
    ['withdrawal_request', 'partner-b', true],
  ])
})

test('views: two parties agree within one level: a number of the consensus, and evidence grade A from two with B', () => {
  const B = (by: string) =>
    anAssessmentBy(by, { vector: 'JSS:1.0/UP:M/HD:S/UN:F/EF:M/RE:C/DI:P/CF:B/LG:D', at: '2026-06-14T00:00:00Z' })
  const [view] = recordViews(
    [
      applied(0, '2026-06-13T00:00:00Z', { assessments: [B('partner-a')] }),
      said(1, 'partner-b', { kind: 'assessment', assessment: B('partner-b') }),
    ],
    NONE,
  )
  expect([view!.disputed, view!.cells[0]!.tenths, view!.cells[0]!.consensus.vector.CF]).toEqual([false, 27, 'A'])
})

test('pointers: one form only', () => {
  const pointer = {
    t: 'record',
    id: 'JRX-2026-000017',
    modified: '2026-06-13T09:20:00Z',
    sha256: hash,
    len: 1234,
  } as const
  expect(parsePointer(pointerText(pointer))).toEqual(pointer)
  for (const bad of [
    ` ${pointerText(pointer)}`,
    pointerText(pointer).replace('"t":"record",', ''),
    pointerText(pointer).replace('1234', '1234.5'),
    pointerText(pointer).replace('"len":1234', '"len":1234,"more":1'),
    pointerText(pointer).replace('record', 'root'),
    '[]',
    'null',
  ])
    expect([bad, parsePointer(bad)]).toEqual([bad, null])
})

test('freshness: the last time at which a quorum had seen it counts; one from the future is refused', () => {
  const key = (name: string) => ({ name, id: name, type: 'cosignature', publicKey: new Uint8Array(32) }) as const
  const policy = {
    logs: [],
    witnesses: ['w1', 'w2', 'w3'].map((name) => ({ name, key: key(name), url: null })),
    groups: [{ name: 'two', needs: 2, members: ['w1', 'w2', 'w3'] }],
    quorum: 'two',
  }
  const at = (times: Record<string, number>, nowH: number) => {
    const signers = Object.entries(times).map(([name, h]) => ({ key: key(name), timeS: h * 3600 }))
    return freshnessOf(signers, policy, 24, nowH * 3_600_000)
  }
  expect(at({ w1: 0, w2: 10, w3: 20 }, 34)).toEqual({ kind: 'fresh', untilMs: 34 * 3_600_000 })
  expect(at({ w1: 0, w2: 10, w3: 20 }, 34.001).kind).toBe('stale')
  expect(at({ w3: 20 }, 20)).toEqual({ kind: 'stale', untilMs: null })
  expect(at({ w1: 20, w2: 20.1 }, 20)).toEqual({ kind: 'ahead' })
  expect(freshnessOf([], { ...policy, quorum: null }, 24, 0)).toEqual({ kind: 'stale', untilMs: null })
})
