import { clopperPearson, type Interval, trialsNeeded } from '../../base/intervals.ts'

/** A share with its sample and exact two-sided 95 % interval. */
export interface Measured extends Interval {
  readonly k: number
  readonly n: number
  readonly share: number
}

/** @param n At least 1. */
export function measured(k: number, n: number): Measured {
  return { k, n, share: k / n, ...clopperPearson(k, n, 0.95) }
}

/** The same for a sample that may be empty. */
export function measuredOrNull(k: number, n: number): Measured | null {
  return n === 0 ? null : measured(k, n)
}

/** Whether a sample shows that a share is at least a bar, shows that it is not, or is too small to say. */
export type Claim =
  | { readonly kind: 'shown' | 'refuted'; readonly bar: number; readonly k: number; readonly n: number }
  /** `needed`: trials in all that would show it if no further one misses. */
  | {
      readonly kind: 'inconclusive'
      readonly bar: number
      readonly k: number
      readonly n: number
      readonly needed: number
    }

/**
 * Judges "at least `bar`" by one-sided exact bounds of 95 %: 299 trials without a miss show 99 %, 298 do not.
 * @param bar In (0, 1).
 */
export function claimAtLeast(k: number, n: number, bar: number): Claim {
  if (n > 0) {
    const { lo, hi } = clopperPearson(k, n, 0.9)
    if (lo >= bar) return { kind: 'shown', bar, k, n }
    if (hi < bar) return { kind: 'refuted', bar, k, n }
  }
  return { kind: 'inconclusive', bar, k, n, needed: trialsNeeded(bar, n - k, 0.95) }
}
