import { bestBaselines, sumsOf } from './crossfit.ts'
import type { Outcomes } from './outcomes.ts'

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
