import { betaInterval, type Interval, studentQuantile } from './intervals.ts'

/**
 * Sums over clusters (sessions) that suffice for shares and their differences. A cluster has m trials, x of them hits.
 * Clusters without a hit count in `clusters`, `n` and `mm` alone.
 */
export interface ClusterSums {
  /** Number of clusters, trials and hits. */
  readonly clusters: number
  readonly n: number
  readonly k: number
  /** Σ m², Σ x·m, Σ x². */
  readonly mm: number
  readonly xm: number
  readonly xx: number
}

/** A share with what it was counted on and its two-sided interval. */
export interface Share extends Interval {
  readonly k: number
  readonly n: number
  readonly share: number
}

/**
 * Share of hits per trial, trials of one cluster being alike: the exact interval at the effective sample, n divided by
 * the design effect. Equal to Clopper–Pearson where each cluster has one trial. Null without trials.
 *
 * Where nothing or everything was hit the spread cannot be seen; then each cluster counts as one trial.
 * @param confidence In (0, 1). Source: Korn and Graubard 1998.
 */
export function clusteredShare(sums: ClusterSums, confidence: number): Share | null {
  const { clusters, n, k } = sums
  if (n === 0) return null
  const share = k / n
  const effective = k === 0 || k === n ? clusters : effectiveSample(sums, confidence)
  return { k, n, share, ...betaInterval(share * effective, effective, confidence) }
}

function effectiveSample(sums: ClusterSums, confidence: number): number {
  const { clusters, n, k } = sums
  if (clusters === n) return n
  if (clusters < 2) return 1
  const share = k / n
  const variance = residual(sums, share, sums, share, sums.xx) / n ** 2
  if (variance <= 0) return n
  const few = clusters < 200 ? (studentQuantile(confidence, n - 1) / studentQuantile(confidence, clusters - 1)) ** 2 : 1
  return Math.max(1, Math.min(n, ((share * (1 - share)) / variance) * few))
}

/** Sum over clusters of the product of two residuals, corrected for the number of clusters. */
function residual(a: ClusterSums, p: number, b: ClusterSums, q: number, ab: number): number {
  return (a.clusters / (a.clusters - 1)) * (ab - q * a.xm - p * b.xm + p * q * a.mm)
}

/** A difference of shares, in [-1, 1], with its two-sided interval. */
export interface Difference extends Interval {
  readonly value: number
}

/**
 * Share of `up` minus share of `down` on the same trials: what was taken away minus what was given back is the paired
 * difference. The interval combines both shares' own (so it has a width also where one was never seen) and their
 * correlation over clusters. Null without trials.
 *
 * @param product Σ over clusters of hits of `up` times hits of `down`.
 * Source: Zou and Donner 2008 (MOVER).
 */
export function clusteredDifference(
  up: ClusterSums,
  down: ClusterSums,
  product: number,
  confidence: number,
): Difference | null {
  const a = clusteredShare(up, confidence)
  const b = clusteredShare(down, confidence)
  return a === null || b === null ? null : mover(a, b, correlation(up, down, product))
}

function correlation(up: ClusterSums, down: ClusterSums, product: number): number {
  if (up.clusters < 2 || up.k === 0 || down.k === 0) return 0
  const p = up.k / up.n
  const q = down.k / down.n
  const spread = Math.sqrt(residual(up, p, up, p, up.xx) * residual(down, q, down, q, down.xx))
  return spread > 0 ? Math.max(-1, Math.min(1, residual(up, p, down, q, product) / spread)) : 0
}

/** Interval of a difference of two estimates from the intervals of each. @param r Their correlation; 0: independent. */
export function mover(a: Interval & { share: number }, b: Interval & { share: number }, r = 0): Difference {
  const value = a.share - b.share
  const arm = (x: number, y: number) => Math.sqrt(Math.max(0, x * x - 2 * r * x * y + y * y))
  const lo = value - arm(a.share - a.lo, b.hi - b.share)
  const hi = value + arm(a.hi - a.share, b.share - b.lo)
  return { value, lo: Math.max(-1, lo), hi: Math.min(1, hi) }
}
