import { expect, test } from 'vitest'
import { type LiveFact, liveFact, openLiveLines } from './live-line.ts'

const fact = (facts: Partial<LiveFact> = {}): LiveFact => ({
  ...{ id: 'dec_1', atMs: Date.UTC(2026, 10, 26, 9, 5, 7), action: 'allow', would: 'allow', reason: null },
  ...facts,
})
const cyber = { action: 'refuse', would: 'refuse', reason: 'harm.cyber' } as const

test('live lines: the first decision, then only those that did or would do more than allow', () => {
  const out: string[] = []
  const show = openLiveLines('en', (text) => out.push(text))
  show([])
  show([fact(), fact({ id: 'dec_2' })])
  show([fact({ id: 'dec_3' }), fact({ id: 'dec_4', ...cyber })])
  show([fact({ id: 'dec_5', ...cyber, action: 'flag' })])
  expect(out).toEqual([
    '  09:05:07 UTC  allow  dec_1\n',
    '  09:05:07 UTC  refuse  harm.cyber  dec_4\n',
    '  09:05:07 UTC  flag (in enforce: refuse)  harm.cyber  dec_5\n',
  ])
})

test('live lines: in Japanese, and no more at once than somebody reads', () => {
  const out: string[] = []
  openLiveLines('ja', (text) => out.push(text))(Array.from({ length: 25 }, () => fact({ ...cyber, action: 'flag' })))
  expect(out[0]).toBe('  09:05:07 UTC  要確認（適用時：拒否）  harm.cyber  dec_1\n')
  expect([out.length, out.at(-1)]).toEqual([21, '  ほかに5件以上。ライブのページで確認\n'])
})

test('live lines: nothing of what a caller wrote crosses over', () => {
  const receipt = { id: 'dec_1', atMs: 1, requestedModel: 'x\u001b[2J', decision: { ...cyber, where: [] } } as never
  expect(liveFact(receipt)).toEqual({ id: 'dec_1', atMs: 1, ...cyber })
})
