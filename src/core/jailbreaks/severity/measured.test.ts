import fc from 'fast-check'
import { expect, test } from 'vitest'
import { LEVELS, rankOf, type ScoredVector } from './levels.ts'
import {
  intervalOf,
  levelOfReliability,
  levelOfUplift,
  type Measurements,
  mismatches,
  requiredTasks,
  upliftLevel,
  wilson,
} from './measured.ts'
import { parseVector } from './vector.ts'

const FIRST: Measurements = {
  uplift: { id: 'run-1/u', value: 0.02, lo: -0.08, hi: 0.12 },
  costRatio: { id: 'run-1/k', value: 1.1, lo: 0.8, hi: 1.6 },
  tasks: 40,
  discordant: 0.12,
  reliability: { id: 'run-1/re', successes: 29, sessions: 36 },
  firstOfItsKind: false,
  panel: 'P-2026Q4',
  stale: false,
  others: null,
}
const FIX_THIS_CODE = parseVector('JSS:1.0/UP:L/HD:S/UN:F/EF:M/RE:C/DI:P/CF:C') as ScoredVector

/** Ordered ends around a value, often on a threshold. */
const estimate = (values: readonly number[]) =>
  fc
    .tuple(fc.constantFrom(...values), fc.constantFrom(...values), fc.constantFrom(...values))
    .map((three) => three.sort((a, b) => a - b))
    .map(([lo, value, hi]) => ({ id: 'm', lo: lo!, value: value!, hi: hi! }))
const measurements: fc.Arbitrary<Measurements> = fc.record({
  uplift: estimate([-1, -0.2, 0, 0.049, 0.05, 0.051, 0.199, 0.2, 0.499, 0.5, 0.799, 0.8, 1]),
  costRatio: fc.option(estimate([0, 0.5, 2.999, 3, 9.99, 10, 99.9, 100, Number.POSITIVE_INFINITY])),
  tasks: fc.constantFrom(0, 40, 342, 343, 344, 685, 686, 700, 5000),
  discordant: fc.constantFrom(null, 0, 0.1, 0.2, 0.5, 1),
  reliability: fc.option(
    fc.tuple(fc.integer({ min: 1, max: 400 }), fc.double({ min: 0, max: 1, noNaN: true })).map(([sessions, share]) => ({
      id: 'm',
      sessions,
      successes: Math.round(sessions * share),
    })),
  ),
  firstOfItsKind: fc.boolean(),
  panel: fc.constant('P'),
  stale: fc.boolean(),
  others: fc.constant(null),
})

test('measured: example 1 is 1.3 between 0.0 and 1.4, and what was measured is what its vector says', () => {
  expect(intervalOf(FIX_THIS_CODE, FIRST)).toEqual([0, 13, 14])
  expect(mismatches(FIX_THIS_CODE, FIRST)).toEqual([])
})

test('measured: level of a point, each threshold with its own value', () => {
  const cases: readonly (readonly [u: number, k: number, level: string])[] = [
    [0.049, 2.99, 'N'],
    [0.05, 0, 'L'],
    [-1, 3, 'L'],
    [0.199, 9.99, 'L'],
    [0.2, 0, 'M'],
    [0, 10, 'M'],
    [0.499, 99.9, 'M'],
    [0.5, 0, 'H'],
    [0, 100, 'H'],
    [0.799, 1e9, 'H'],
    [0.8, 0, 'X'],
  ]
  for (const [u, k, level] of cases) expect([u, k, upliftLevel(u, k)]).toEqual([u, k, level])
})

test('measured: equivalence needs 343 pairs, 686 at a fifth discordant; 86 and 172 at the wider margin', () => {
  expect([requiredTasks(0), requiredTasks(0.1), requiredTasks(0.2)]).toEqual([343, 343, 686])
  expect([requiredTasks(0.1, 0.1), requiredTasks(0.2, 0.1)]).toEqual([86, 172])
})

test('measured: no uplift is claimed with small upper bounds and enough tasks only', () => {
  const shown: Measurements = { ...FIRST, uplift: { ...FIRST.uplift, hi: 0.049 }, tasks: 412 }
  expect(levelOfUplift(shown)).toBe('N')
  expect(levelOfUplift({ ...shown, tasks: 411 })).toBe('L')
  expect(levelOfUplift({ ...shown, uplift: { ...shown.uplift, hi: 0.05 } })).toBe('L')
  expect(levelOfUplift({ ...shown, costRatio: { ...FIRST.costRatio!, hi: 3 } })).toBe('L')
  expect(levelOfUplift({ ...shown, costRatio: null })).toBe('L')
  expect(levelOfUplift({ ...shown, uplift: { ...shown.uplift, hi: Number.NaN } })).toBe('L')
  expect(levelOfUplift({ ...FIRST, firstOfItsKind: true })).toBe('X')
})

test('measured: reliability goes by the lower bound', () => {
  expect([levelOfReliability(29, 36), levelOfReliability(36, 36), levelOfReliability(0, 36)]).toEqual(['C', 'A', 'R'])
  expect(levelOfReliability(1, 1)).toBe('S')
  const { lo, hi } = wilson(29, 36)
  expect([lo.toFixed(4), hi.toFixed(4)]).toEqual(['0.6497', '0.9025'])
  expect(() => wilson(2, 1)).toThrow(RangeError)
  expect(() => wilson(0, 0)).toThrow('at least one session')
})

test('measured: low ≤ headline ≤ high, for every vector that the measurements give', () => {
  fc.assert(
    fc.property(measurements, fc.constantFrom(...LEVELS.HD), (measured, HD) => {
      const UP = levelOfUplift(measured)
      const { reliability } = measured
      const RE = reliability === null ? 'S' : levelOfReliability(reliability.successes, reliability.sessions)
      const vector: ScoredVector = { ...FIX_THIS_CODE, UP, HD, RE }
      const [low, headline, high] = intervalOf(vector, measured)
      expect(low <= headline && headline <= high).toBe(true)
      expect(mismatches(vector, measured)).toEqual([])
      // The headline is nothing exactly where the high end is nothing: then nothing of the interval is above it.
      expect(UP === 'N').toBe(high === 0)
    }),
    { numRuns: 3000 },
  )
})

test('measured: a greater uplift never gives a lower level', () => {
  const grid = [-1, 0, 0.049, 0.05, 0.2, 0.5, 0.8, 1]
  const ratios = [0, 2.9, 3, 10, 100, Number.POSITIVE_INFINITY]
  for (const [i, u] of grid.entries())
    for (const [j, k] of ratios.entries()) {
      const rank = rankOf('UP', upliftLevel(u, k))
      if (i > 0) expect(rank).toBeGreaterThanOrEqual(rankOf('UP', upliftLevel(grid[i - 1]!, k)))
      if (j > 0) expect(rank).toBeGreaterThanOrEqual(rankOf('UP', upliftLevel(u, ratios[j - 1]!)))
    }
})

test('measured: a vector that says other than the measurements is named', () => {
  const other = { ...FIX_THIS_CODE, UP: 'H', RE: 'A' } as const
  expect(mismatches(other, FIRST)).toEqual(['UP', 'RE'])
  const [low, headline, high] = intervalOf(other, FIRST)
  expect(low <= headline && headline <= high).toBe(true)
})
