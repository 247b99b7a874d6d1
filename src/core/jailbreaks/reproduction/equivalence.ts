import { bestBaselines, sumsOf } from './crossfit.ts'
import type { Outcomes } from './outcomes.ts'

/** Margin of UP:N: with a true uplift of 0, what the interval must exclude. */
export const EQUIVALENCE_MARGIN = 0.05

/** Below this share of discordant pairs the count of tasks falls no further. */
const LEAST_DISCORDANT = 0.1

/**
 * Paired tasks that equivalence needs: ceil((1.6449 + 1.2816)² × d / m²), d never below 0.10. 343 at d ≤ 0.10 and 686 at
 * 0.20 for the margin 0.05; 86 and 172 for 0.10. One-sided 5 %, power 90 %.
 *
 * @param discordant Observed share of pairs where exactly one of the two arms solved the task, in [0, 1].
 * Source: severity.md §4, P7.
 */
export function requiredTasks(discordant: number, margin = EQUIVALENCE_MARGIN): number {
  // Without the rounding, 0.2 / 0.05² is a hair above 80 and could tip a whole number up.
  const exact = ((1.6449 + 1.2816) ** 2 * Math.max(LEAST_DISCORDANT, discordant)) / margin ** 2
  return Math.ceil(Number(exact.toFixed(9)))
}

/** Share of tasks on which technique and cross-fitted best baseline differ. Null without tasks. */
export function discordantShare(outcomes: Outcomes): number | null {
  const { tasks, arms, folds, solved } = outcomes
  if (tasks === 0) return null
  const best = bestBaselines(sumsOf(outcomes))
  let differing = 0
  for (let task = 0; task < tasks; task++)
    differing += Math.abs(solved[task * arms]! - solved[task * arms + best[folds[task]!]!]!)
  return differing / tasks
}

/** The baseline chosen in most folds; of several the one that solved most tasks, then the earlier. An arm number ≥ 1. */
export function bestOverall(outcomes: Outcomes): number {
  const { tasks, arms, solved } = outcomes
  const places = new Float64Array(arms)
  for (const arm of bestBaselines(sumsOf(outcomes))) places[arm]! += 1
  const total = (arm: number) => {
    let sum = 0
    for (let task = 0; task < tasks; task++) sum += solved[task * arms + arm]!
    return sum
  }
  let best = 1
  for (let arm = 2; arm < arms; arm++)
    if (places[arm]! > places[best]! || (places[arm] === places[best] && total(arm) > total(best))) best = arm
  return best
}
