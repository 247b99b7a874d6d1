import { expect, test } from 'vitest'
import type { Entry } from '../../record/entry.ts'
import { figuresOf } from './figures.ts'
import { monthOf } from './month.ts'
import { createTally } from './tally.ts'

const JUNE = monthOf('2026-06')!

function tallied(entries: readonly (readonly [Entry['k'], at: string, about: string, d: Entry['d']])[], month = JUNE) {
  const tally = createTally(month)
  for (const [i, [k, at, about, d]] of entries.entries()) tally.take(i, { v: 1, k, at, who: 'system:x', about, d })
  return tally.tally()
}

const day = (n: number, rest = '00:00:00.000') => `2026-06-${String(n).padStart(2, '0')}T${rest}Z`
const rollup = (at: string, from: string, n: number) =>
  ['rollup', at, from, { segment: 'other', from, count: n, actions: { allow: n }, would: { allow: n } }] as const
const VECTOR = 'JSS:1.0/UP:M/HD:S/UN:D/EF:L/RE:C/DI:K/CF:B'

test('month: names of months only, and a day to settle', () => {
  expect(monthOf('2026-12')).toMatchObject({ until: '2027-01-01T00:00:00.000Z', settled: '2027-01-02T00:00:00.000Z' })
  for (const name of ['2026-13', '2026-6', '', '2026-06-01']) expect(monthOf(name)).toBeNull()
})

test('tally: each minute counts in exactly one month, the late ones as late', () => {
  const rollups = [
    rollup(day(1), '2026-05-31T23:59:00.000Z', 1),
    rollup(day(3), '2026-05-31T23:58:00.000Z', 2),
    rollup(day(30), day(30), 4),
    rollup('2026-07-01T00:00:00.000Z', day(30, '23:59:00.000'), 8),
    rollup('2026-07-01T05:00:00.000Z', '2026-07-01T04:59:00.000Z', 16),
    rollup('2026-07-03T00:00:00.000Z', day(30, '23:58:00.000'), 32),
  ]
  // Whoever makes a report stops where its month is settled.
  const of = (name: string) => {
    const month = monthOf(name)!
    return tallied(
      rollups.filter(([, at]) => at < month.settled),
      month,
    )
  }
  expect(['2026-05', '2026-06', '2026-07'].map((name) => of(name).requests)).toEqual([1, 2 + 4 + 8, 16 + 32])
  expect(['2026-05', '2026-06', '2026-07'].map((name) => of(name).lateRollups)).toEqual([0, 1, 1])
})

test('tally: a report is in the band and grade of its last assessment, with its times', () => {
  const said = (k: 'report' | 'assessment', at: string, kind: string, vector?: string) =>
    [k, at, 'REP-1', { object: 'x', kind, ...(vector === undefined ? {} : { vector }) }] as const
  const { reports, acknowledgeHours, reproduceHours, received } = tallied([
    said('report', day(2), 'intake'),
    said('report', day(2, '03:00:00.000'), 'acknowledge'),
    said('report', day(3), 'acknowledge'),
    said('assessment', day(4), 'assess', VECTOR.replace('UP:M', 'UP:?')),
    said('report', day(5), 'reproduce'),
    said('assessment', day(6), 'assess', VECTOR),
    ['report', day(7), 'REP-2', { object: 'x', kind: 'intake' }],
  ])
  expect([received, acknowledgeHours, reproduceHours]).toEqual([2, [3], [72]])
  expect(Object.fromEntries([...reports].map(([band, row]) => [band, [...row]]))).toEqual({
    Medium: [['B', 1]],
    unrated: [['none', 1]],
  })
})

test('tally: the last word on a decision counts, unless it was revoked', () => {
  const label = (at: string, decision: string, name: string, outcome = 'given') =>
    [
      'label',
      at,
      `lab ${at}`,
      { label: name, decision, outcome, category: 'cyber', source: 'review', role: 'reviewer' },
    ] as const
  const { labels, revokedLabels } = tallied([
    ['decision', '2026-05-30T00:00:00.000Z', 'dec_1', { action: 'refuse', would: 'refuse', unavailable: [] }],
    label(day(2), 'dec_1', 'harmful'),
    label(day(3), 'dec_1', 'benign'),
    label(day(4), 'dec_2', 'harmful'),
    label(day(5), 'dec_3', 'unsure'),
    label(day(6), 'dec_3', 'unsure', 'revoked'),
  ])
  expect(revokedLabels).toBe(1)
  expect([...labels.get('benign')!]).toEqual([['acted', 1]])
  expect([...labels.get('harmful')!]).toEqual([['allowed', 1]])
  expect(labels.has('unsure')).toBe(false)
})

test('RC-8: too few spans have no median, and a share of hidden counts is not told', () => {
  const appeal = (i: number, at: string, d: Readonly<Record<string, string>>) =>
    ['appeal', at, `apl_${i}`, { appeal: `apl_${i}`, ...d }] as const
  const figures = (n: number) =>
    figuresOf(
      tallied([
        ...Array.from({ length: n }, (_, i) => appeal(i, day(2), { move: 'file' })),
        ...Array.from({ length: n }, (_, i) => appeal(i, day(3), { move: 'decide', outcome: 'upheld' })),
      ]),
      { kept: 0, unwitnessed: 0 },
    )
  const of = (n: number, query: string) => figures(n).filter((one) => one.query === query)
  expect(of(9, 'appeals.hours').map(({ state }) => state)).toEqual(['withheld', 'withheld'])
  expect(of(9, 'appeals.filed').map(({ state, value }) => [state, value])).toEqual([['small', null]])
  expect(of(10, 'appeals.hours').map(({ value }) => value)).toEqual([24, 24])
  expect(of(0, 'appeals.hours').map(({ state }) => state)).toEqual(['none'])
})
