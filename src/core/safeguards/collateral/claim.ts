import { betaInterval, trialsNeeded } from '../../base/intervals.ts'

export type Outcome = 'pass' | 'fail' | 'INCONCLUSIVE'

/** What may be said of a share that someone wants to claim. */
export interface Claim {
  readonly outcome: Outcome
  readonly trials: number
  readonly misses: number
  /** Trials that this many misses would need. */
  readonly needed: number
  /** One-sided 95 % bounds of the share of misses. */
  readonly missUpper: number
  readonly missLower: number
}

/**
 * Least trials for "at least 99 %" at one-sided 95 % confidence, by misses from 0 to 8 (governance.md §5.1). The same as
 * `trialsNeeded` gives; a test holds them together.
 */
export const TRIALS_FOR_99: readonly number[] = [299, 473, 628, 773, 913, 1049, 1182, 1312, 1441]

/**
 * "At least `share` of them are caught": granted only with the trials it needs. Too few trials are INCONCLUSIVE, which is
 * no pass; `fail` where the misses seen already contradict it.
 *
 * @param share In (0, 1). @param trials Whole, ≥ 0; @param misses of them.
 */
export function claimAtLeast(share: number, trials: number, misses: number): Claim {
  const needed = trialsNeeded(share, misses, 0.95)
  // One-sided 95 %: each end of the two-sided 90 % interval.
  const { lo, hi } = trials === 0 ? { lo: 0, hi: 1 } : betaInterval(misses, trials, 0.9)
  const missLower = misses === 0 ? 0 : lo
  const outcome = trials >= needed ? 'pass' : missLower > 1 - share ? 'fail' : 'INCONCLUSIVE'
  return { outcome, trials, misses, needed, missUpper: hi, missLower }
}

/** "Both decide alike": no more than `margin` of the pairs differ, one-sided 95 %; never granted on too few pairs. */
export function claimEqual(margin: number, pairs: number, different: number): Claim {
  return claimAtLeast(1 - margin, pairs, different)
}
