import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type ClusterSums, clusteredDifference, clusteredShare, mover } from './clustered.ts'
import { betaInterval, clopperPearson, studentQuantile } from './intervals.ts'
import { holm, mcnemar } from './paired.ts'

/** Sums of clusters given as [trials, hits]. */
function sums(clusters: readonly (readonly [m: number, x: number])[]): ClusterSums {
  const of = (f: (m: number, x: number) => number) => clusters.reduce((sum, [m, x]) => sum + f(m, x), 0)
  return {
    clusters: clusters.length,
    n: of((m) => m),
    k: of((_, x) => x),
    mm: of((m) => m * m),
    xm: of((m, x) => x * m),
    xx: of((_, x) => x * x),
  }
}

test('mcnemar: known exact values', () => {
  for (const [up, down, p] of [
    [0, 0, 1],
    [5, 5, 1],
    [1, 9, 0.021484375],
    [0, 10, 0.001953125],
    [2, 6, 0.2890625],
  ] as const)
    expect(mcnemar(up, down)).toBeCloseTo(p, 12)
})

test('holm: corrected values keep their order, never fall below the raw ones, and the least is times their number', () => {
  expect(holm([0.01, 0.04, 0.03])).toEqual([0.03, 0.06, 0.06])
  fc.assert(
    fc.property(fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 20 }), (values) => {
      const corrected = holm(values)
      for (const [i, value] of values.entries()) {
        expect(corrected[i]!).toBeGreaterThanOrEqual(value)
        for (const [j, other] of values.entries())
          if (value < other) expect(corrected[i]!).toBeLessThanOrEqual(corrected[j]!)
      }
      expect(Math.min(...corrected)).toBeCloseTo(Math.min(1, Math.min(...values) * values.length), 12)
    }),
  )
})

test('clustered: with one trial per cluster the interval is Clopper–Pearson', () => {
  for (const [k, n] of [
    [0, 40],
    [3, 40],
    [40, 40],
  ] as const) {
    const share = clusteredShare(sums(Array.from({ length: n }, (_, i) => [1, Number(i < k)] as const)), 0.95)!
    const { lo, hi } = clopperPearson(k, n, 0.95)
    expect(share.lo).toBeCloseTo(lo, 12)
    expect(share.hi).toBeCloseTo(hi, 12)
  }
})

test('clustered: trials that agree within their cluster count as one, and unseen hits leave room for one', () => {
  const alike = clusteredShare(sums(Array.from({ length: 500 }, (_, i) => [10, i < 50 ? 10 : 0] as const)), 0.95)!
  const single = betaInterval(50, 500, 0.95)
  expect(alike.n).toBe(5000)
  expect(alike.lo).toBeCloseTo(single.lo, 3)
  expect(alike.hi).toBeCloseTo(single.hi, 3)
  const none = clusteredShare(sums(Array.from({ length: 20 }, () => [50, 0] as const)), 0.95)!
  expect(none.hi).toBeCloseTo(betaInterval(0, 20, 0.95).hi, 12)
  expect(clusteredShare(sums([]), 0.95)).toBeNull()
})

test('clustered: a difference has a width also where nothing moved, and grows with what moved', () => {
  const zero = sums(Array.from({ length: 300 }, () => [1, 0] as const))
  const some = sums(Array.from({ length: 300 }, (_, i) => [1, Number(i < 30)] as const))
  const still = clusteredDifference(zero, zero, 0, 0.95)!
  expect(still.value).toBe(0)
  expect(still.hi).toBeGreaterThan(0.01)
  expect(still.lo).toBe(-still.hi)
  const moved = clusteredDifference(some, zero, 0, 0.95)!
  expect(moved.value).toBeCloseTo(0.1, 12)
  expect(moved.lo).toBeGreaterThan(0.05)
  // Estimates that move together leave less doubt about their difference.
  const a = { share: 0.5, lo: 0.4, hi: 0.6 }
  expect(mover(a, a, 0.9).hi).toBeLessThan(mover(a, a, 0).hi)
})

test('student: known quantiles', () => {
  expect(studentQuantile(0.95, 1)).toBeCloseTo(12.7062, 3)
  expect(studentQuantile(0.95, 10)).toBeCloseTo(2.22814, 4)
  expect(studentQuantile(0.95, 1000)).toBeCloseTo(1.96234, 4)
})
