import fc from 'fast-check'
import { expect, test } from 'vitest'
import { clopperPearson, regularisedBeta, trialsNeeded } from './intervals.ts'

test('intervals: known values of Clopper–Pearson', () => {
  for (const [k, n, lo, hi] of [
    [0, 10, 0, 0.30849710781876083],
    [10, 10, 0.6915028921812392, 1],
    [5, 10, 0.18708602844739855, 0.8129139715526015],
    [1, 100, 0.00025314603297283, 0.05445938539208],
  ] as const) {
    const interval = clopperPearson(k, n, 0.95)
    expect(interval.lo).toBeCloseTo(lo, 10)
    expect(interval.hi).toBeCloseTo(hi, 10)
  }
})

test('intervals: "at least 99 %" needs 299, 473, 628, 773, 913, 1049, 1182, 1312, 1441 trials', () => {
  expect([0, 1, 2, 3, 4, 5, 6, 7, 8].map((misses) => trialsNeeded(0.99, misses, 0.95))).toEqual([
    299, 473, 628, 773, 913, 1049, 1182, 1312, 1441,
  ])
})

test('intervals: the share lies inside, and a wider confidence is a wider interval', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 100_000 }), fc.double({ min: 0, max: 1, noNaN: true }), (n, share) => {
      const k = Math.round(n * share)
      const narrow = clopperPearson(k, n, 0.9)
      const wide = clopperPearson(k, n, 0.99)
      expect(narrow.lo).toBeLessThanOrEqual(k / n)
      expect(narrow.hi).toBeGreaterThanOrEqual(k / n)
      expect(wide.lo).toBeLessThanOrEqual(narrow.lo)
      expect(wide.hi).toBeGreaterThanOrEqual(narrow.hi)
    }),
  )
})

test('intervals: the beta function rises from 0 to 1', () => {
  fc.assert(
    fc.property(
      fc.double({ min: 0.5, max: 500, noNaN: true }),
      fc.double({ min: 0.5, max: 500, noNaN: true }),
      fc.double({ min: 0, max: 0.99, noNaN: true }),
      (a, b, x) => {
        expect(regularisedBeta(x + 0.01, a, b)).toBeGreaterThanOrEqual(regularisedBeta(x, a, b) - 1e-12)
      },
    ),
  )
})
