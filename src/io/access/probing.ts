import type { PrincipalId } from '../../core/base/ids.ts'

/** Refusals within the window from which on a principal is told less (threats.md T12). */
export interface ProbingBudget {
  readonly refusals: number
  readonly windowMs: number
}

const MOST_PRINCIPALS = 10_000

/**
 * Counts refusals per principal over a sliding window; memory is bounded, the longest silent is forgotten first.
 * @param spent Told when a principal's budget is spent: once, until its window has room again.
 */
export function createProbing(budget: ProbingBudget, nowMs: () => number, spent: (principal: PrincipalId) => void) {
  const refusals = new Map<PrincipalId, number[]>()
  const recent = (principal: PrincipalId) => {
    const times = refusals.get(principal)
    if (times === undefined) return []
    const from = nowMs() - budget.windowMs
    while (times.length > 0 && times[0]! < from) times.shift()
    if (times.length === 0) refusals.delete(principal)
    return times
  }
  return {
    over: (principal: PrincipalId) => recent(principal).length >= budget.refusals,
    refused(principal: PrincipalId) {
      const times = recent(principal)
      times.push(nowMs())
      if (times.length === budget.refusals) spent(principal)
      // More than the budget says nothing more.
      if (times.length > budget.refusals) times.shift()
      refusals.delete(principal)
      refusals.set(principal, times)
      if (refusals.size > MOST_PRINCIPALS) refusals.delete(refusals.keys().next().value!)
    },
  }
}
