import fc from 'fast-check'
import { expect, test } from 'vitest'
import { burnDown, type DayRollup, dayNumber, usefulness } from './usefulness.ts'

const SESSIONS = { all: { sessions: 200, touched: 12 }, of: new Map([['hit', { sessions: 50, touched: 10 }]]) }
const day = (facts: Partial<DayRollup> = {}): DayRollup => ({
  ...{ day: '2026-11-20', segment: 'other', requests: 1000, diverted: 0, refused: 0 },
  ...{ reviewed: 0, falsePositives: 0 },
  ...facts,
})

test('usefulness: strict counts every diversion as lost, weighted only what it loses; without a measure nothing is weighted', () => {
  const days = [day({ diverted: 50, refused: 10 }), day({ day: '2026-11-21' })]
  const [all] = usefulness(days, SESSIONS, null)
  expect(all).toMatchObject({ segment: 'all', requests: 2000, sessions: 200, weighted: null })
  expect(all!.retained!.value).toBeCloseTo(1 - 60 / 2000, 12)
  expect(all!.friction!.value).toBeCloseTo(60, 12)
  const [weighed] = usefulness(days, SESSIONS, { value: 0.2, lo: 0.1, hi: 0.3 })
  expect(weighed!.weighted!.value).toBeCloseTo(1 - 10 / 2000 - (50 / 2000) * 0.2, 12)
  expect(weighed!.weighted!.value).toBeGreaterThan(weighed!.retained!.value)
  expect(usefulness([], { all: { sessions: 0, touched: 0 }, of: new Map() }, null)).toMatchObject([
    { retained: null, friction: null },
  ])
})

test('usefulness: segments come worst hit first, by what is surely lost', () => {
  const rows = usefulness(
    [
      day({ segment: 'fine' }),
      day({ segment: 'hit', diverted: 100 }),
      day({ segment: 'tiny', requests: 3, diverted: 1 }),
    ],
    SESSIONS,
    null,
  )
  expect(rows.map(({ segment, sessions }) => [segment, sessions])).toEqual([
    ['all', 200],
    ['hit', 50],
    ['tiny', 0],
    ['fine', 0],
  ])
})

test('usefulness: intervals hold their value, and weighted lies between refusals alone and strict', () => {
  const counts = fc.record({ diverted: fc.nat(300), refused: fc.nat(300) })
  const touched = fc.nat(100)
  fc.assert(
    fc.property(counts, touched, fc.double({ min: 0, max: 1, noNaN: true }), (facts, met, loss) => {
      const sessions = { all: { sessions: 100, touched: met }, of: new Map() }
      const [all] = usefulness([day(facts)], sessions, { value: loss, lo: loss, hi: loss })
      for (const one of [all!.retained!, all!.weighted!, all!.friction!]) {
        expect(one.lo).toBeLessThanOrEqual(one.value + 1e-12)
        expect(one.hi).toBeGreaterThanOrEqual(one.value - 1e-12)
      }
      expect(all!.weighted!.value).toBeGreaterThanOrEqual(all!.retained!.value - 1e-12)
    }),
  )
})

test('burn-down: met, on track, off track, or too few reviews to tell', () => {
  const target = { share: 0.1, day: '2026-12-10' }
  const falling = (from: number, step: number, n = 100) =>
    Array.from({ length: 10 }, (_, i) =>
      day({ day: `2026-11-${20 + i}`, reviewed: n, falsePositives: Math.round(n * (from - step * i)) }),
    )
  expect(burnDown(falling(0.5, 0.02), target)).toMatchObject({ state: 'on_track', projected: expect.closeTo(0.1, 2) })
  expect(burnDown(falling(0.5, 0.005), target).state).toBe('off_track')
  expect(burnDown(falling(0.04, 0.004), { ...target, share: 0.1 }).state).toBe('met')
  expect(burnDown(falling(0.5, 0.02, 2), target)).toMatchObject({ state: 'INCONCLUSIVE', projected: null })
  expect(burnDown([], target)).toMatchObject({ state: 'INCONCLUSIVE', days: [], slopePerDay: null })
  const two = burnDown([...falling(0.5, 0.02)].reverse(), target)
  expect(two.slopePerDay).toBeCloseTo(-0.02, 6)
  expect(two.days[0]!.day).toBe('2026-11-20')
})

test('days: one after the other is one apart, over months, years and leap days', () => {
  for (const [a, b] of [
    ['2026-02-28', '2026-03-01'],
    ['2024-02-28', '2024-02-29'],
    ['2024-12-31', '2025-01-01'],
    ['2000-02-29', '2000-03-01'],
  ])
    expect(dayNumber(b!) - dayNumber(a!)).toBe(1)
})
