import { type Difference, mover } from '../../base/clustered.ts'
import { betaInterval } from '../../base/intervals.ts'
import type { Outcome } from './claim.ts'

/** Held-out members of a class that is to be stopped, and of a legitimate class that reads alike. */
export interface Separation {
  /** The class to be stopped, e.g. an attack family. */
  readonly blocked: { readonly name: string; readonly caught: number; readonly n: number }
  readonly legitimate: { readonly name: string; readonly acted: number; readonly n: number }
}

export interface Separability extends Separation {
  readonly outcome: Outcome
  /** Share caught minus share of the legitimate class acted on; both bounds one-sided 95 %. */
  readonly difference: Difference
}

/** Below this, what is stopped and what is spared cannot be told apart by text. */
export const LEAST_SEPARATION = 0.5

/**
 * Can the class be told from the legitimate one (governance.md §5.1)? `fail`, inseparable: the one-sided 95 % upper bound
 * of the difference is below one half. `pass`: the lower bound is not. Between them there are too few members to tell.
 */
export function separability(separation: Separation): Separability {
  const { blocked, legitimate } = separation
  const difference = mover(rate(blocked.caught, blocked.n), rate(legitimate.acted, legitimate.n))
  const outcome =
    blocked.n === 0 || legitimate.n === 0
      ? 'INCONCLUSIVE'
      : difference.hi < LEAST_SEPARATION
        ? 'fail'
        : difference.lo >= LEAST_SEPARATION
          ? 'pass'
          : 'INCONCLUSIVE'
  return { ...separation, outcome, difference }
}

function rate(k: number, n: number): { share: number; lo: number; hi: number } {
  return n === 0 ? { share: 0, lo: 0, hi: 1 } : { share: k / n, ...betaInterval(k, n, 0.9) }
}
