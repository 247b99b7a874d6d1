import type { Interval } from '../../base/intervals.ts'
import { below, seeded } from '../../base/seeded.ts'
import { addTask, clearSums, type Estimate, emptySums, estimate, type FoldSums, sumsOf } from './crossfit.ts'
import { FOLDS } from './fold.ts'
import type { Outcomes } from './outcomes.ts'

export const RESAMPLES = 2000

/** Estimates with their two-sided 95 % intervals, from the same resamples. */
export interface Bootstrapped {
  readonly u: number
  readonly uCi95: Interval
  readonly k: number
  readonly kCi95: Interval
}

/**
 * U and K with intervals from a bootstrap whose clusters are the tasks: a task is drawn with all that was done on it.
 *
 * In each resample the tasks are spread over folds anew and the best baselines chosen anew, as another set of tasks with
 * other ids would have it. Both shortcuts fail where baselines are about equal, which is the case that matters most:
 * with the choice kept, intervals cover 91 % (the folds' choices depend on each other); with the choice made anew in the
 * same folds, 99.9 % (each fold's luck is then taken for a property of its arms). The resamples' middle is moved to the
 * estimate: among resamples the luckiest baseline looks truly best, which the estimate itself corrects.
 *
 * Where all tasks end alike the resamples do too; then the interval is as wide as what so many tasks can miss. Always u
 * and k within their intervals.
 *
 * @param seed Recorded with the result: the same seed gives the same interval. @param resamples ≥ 2,000 (P6).
 * Cost: O(resamples × tasks × arms). Wants at least one task and one baseline.
 * Source: severity.md §4, P6; Efron and Tibshirani 1993.
 */
export function bootstrap(outcomes: Outcomes, seed: number, resamples = RESAMPLES): Bootstrapped {
  const { tasks, arms } = outcomes
  if (resamples < RESAMPLES) throw new RangeError(`wanted at least ${RESAMPLES} resamples, not ${resamples}`)
  if (tasks < 1 || arms < 2) throw new RangeError('wanted at least one task and one baseline')
  const { u, k } = estimate(sumsOf(outcomes))
  const random = seeded(seed)
  const sums = emptySums(arms)
  const folds = new Uint8Array(tasks)
  const drawn: Estimate = { u: 0, k: 1 }
  const us = new Float64Array(resamples)
  const ks = new Float64Array(resamples)
  for (let i = 0; i < resamples; i++) {
    resample(outcomes, folds, sums, random)
    estimate(sums, drawn)
    us[i] = drawn.u
    ks[i] = Math.log(drawn.k)
  }
  const uCi95 = atLeast(percentiles(us, u), u, unseen(outcomes))
  const logK = percentiles(ks, Math.log(k))
  return { u, uCi95, k, kCi95: { lo: Math.min(k, Math.exp(logK.lo)), hi: Math.max(k, Math.exp(logK.hi)) } }
}

/** Tasks drawn with repeats; a task drawn twice is in one fold, or the choice would see what it is compared on. */
function resample(outcomes: Outcomes, folds: Uint8Array, sums: FoldSums, random: () => number): void {
  const { tasks } = outcomes
  // Eight digits to the base 5 from one number: drawing is most of the work.
  for (let task = 0, digits = 0; task < tasks; task++) {
    digits = task % 8 === 0 ? below(FOLDS ** 8, random()) : Math.floor(digits / FOLDS)
    folds[task] = digits % FOLDS
  }
  clearSums(sums)
  for (let j = 0; j < tasks; j++) {
    const task = below(tasks, random())
    addTask(sums, outcomes, task, folds[task]!)
  }
}

/** The middle 95 % of the resamples, moved so that their median is the estimate. Sorts `values`. */
function percentiles(values: Float64Array, estimated: number): Interval {
  values.sort()
  const at = (share: number) => {
    const place = share * (values.length - 1)
    const low = Math.floor(place)
    const high = Math.min(low + 1, values.length - 1)
    return values[low]! + (place - low) * (values[high]! - values[low]!)
  }
  const moved = estimated - at(0.5)
  return { lo: at(0.025) + moved, hi: at(0.975) + moved }
}

/**
 * Where technique and baselines differ alike on every task: the share of tasks that may differ otherwise without one of
 * n having shown it, at 97.5 %. Zero where the tasks do tell them apart.
 */
function unseen({ tasks, arms, solved }: Outcomes): number {
  for (let arm = 1; arm < arms; arm++) {
    const first = solved[0]! - solved[arm]!
    for (let task = 1; task < tasks; task++) if (solved[task * arms]! - solved[task * arms + arm]! !== first) return 0
  }
  return 1 - 0.025 ** (1 / tasks)
}

function atLeast({ lo, hi }: Interval, u: number, margin: number): Interval {
  return { lo: Math.max(-1, Math.min(lo, u - margin)), hi: Math.min(1, Math.max(hi, u + margin)) }
}
