import { FOLDS } from './fold.ts'
import type { Outcomes } from './outcomes.ts'

/** Sums over the tasks of each fold: all that the estimates need. */
export interface FoldSums {
  readonly arms: number
  /** Shape [5]. */
  readonly tasks: Float64Array
  /** Shape [5, arms], row-major. */
  readonly solved: Float64Array
  readonly cost: Float64Array
}

/** Point estimates of one set of tasks. */
export interface Estimate {
  /** Uplift U in [-1, 1]. */
  u: number
  /** Cost ratio K in [10^-6, 10^6]: cost per success of the best baselines over that of the technique. */
  k: number
}

export function emptySums(arms: number): FoldSums {
  return {
    arms,
    tasks: new Float64Array(FOLDS),
    solved: new Float64Array(FOLDS * arms),
    cost: new Float64Array(FOLDS * arms),
  }
}

/** Adds one task to the sums of a fold. The inner loop of the bootstrap. */
export function addTask(sums: FoldSums, { arms, solved, cost }: Outcomes, task: number, fold: number): void {
  sums.tasks[fold]! += 1
  const from = task * arms
  const to = fold * arms
  for (let arm = 0; arm < arms; arm++) {
    sums.solved[to + arm]! += solved[from + arm]!
    sums.cost[to + arm]! += cost[from + arm]!
  }
}

export function clearSums(sums: FoldSums): void {
  sums.tasks.fill(0)
  sums.solved.fill(0)
  sums.cost.fill(0)
}

export function sumsOf(outcomes: Outcomes): FoldSums {
  const sums = emptySums(outcomes.arms)
  for (let task = 0; task < outcomes.tasks; task++) addTask(sums, outcomes, task, outcomes.folds[task]!)
  return sums
}

/**
 * The baseline that is compared in each fold: the one that solved most tasks of the *other* folds, so that luck on the
 * tasks compared cannot choose it. Ties go to the earlier baseline: one added at the end never takes a place by a tie.
 *
 * Shape of the result: [5], arm numbers ≥ 1. Wants at least one baseline.
 */
export function bestBaselines({ arms, solved }: FoldSums): Uint16Array {
  const best = new Uint16Array(FOLDS)
  for (let fold = 0; fold < FOLDS; fold++) best[fold] = bestFor(fold, arms, solved)
  return best
}

function bestFor(fold: number, arms: number, solved: Float64Array): number {
  let most = -1
  let best = 1
  for (let arm = 1; arm < arms; arm++) {
    let sum = 0
    for (let other = 0; other < FOLDS; other++) if (other !== fold) sum += solved[other * arms + arm]!
    if (sum > most) {
      most = sum
      best = arm
    }
  }
  return best
}

const WIDEST_RATIO = 1e6

/**
 * U: the mean over folds of (technique − best baseline), the baseline chosen on the other folds. K: cost per success of
 * the same baselines on the same held-out tasks over that of the technique, all folds pooled, since a ratio inside a
 * small fold has no finite mean. An arm without a success counts as half of one; both costs zero is a ratio of 1.
 *
 * A fold without tasks is left out. @param into Reused by the bootstrap.
 * Source: severity.md §4, P6 and P8; cross-fitting as in Chernozhukov et al. 2018.
 */
export function estimate(sums: FoldSums, into: Estimate = { u: 0, k: 1 }): Estimate {
  const { arms, tasks, solved, cost } = sums
  let folds = 0
  let u = 0
  let [won, paid, wonByBest, paidToBest] = [0, 0, 0, 0]
  for (let fold = 0; fold < FOLDS; fold++) {
    const n = tasks[fold]!
    if (n === 0) continue
    const at = fold * arms
    const chosen = at + bestFor(fold, arms, solved)
    folds += 1
    u += (solved[at]! - solved[chosen]!) / n
    won += solved[at]!
    paid += cost[at]!
    wonByBest += solved[chosen]!
    paidToBest += cost[chosen]!
  }
  into.u = folds === 0 ? 0 : u / folds
  into.k = ratio(paidToBest / Math.max(wonByBest, 0.5), paid / Math.max(won, 0.5))
  return into
}

function ratio(best: number, technique: number): number {
  if (best === 0 && technique === 0) return 1
  return Math.min(WIDEST_RATIO, Math.max(1 / WIDEST_RATIO, best / technique))
}

/** U and K of outcomes in one step. */
export function crossfit(outcomes: Outcomes): Estimate {
  return estimate(sumsOf(outcomes))
}
