import type { PrincipalId } from '../../core/base/ids.ts'
import { ALIKE, likeness, signatureOf } from '../../core/safeguards/min-hash.ts'
import type { Ports } from '../../gateway/ports.ts'

/** What counts within the window, from which on a principal is told less (threats.md T12). */
export interface ProbingBudget {
  readonly refusals: number
  readonly windowMs: number
}

/** What is remembered of one principal: times of what counted, and of refused requests a signature each, never text. */
interface Seen {
  readonly times: number[]
  readonly refused: { readonly atMs: number; readonly signature: readonly number[] }[]
}

const MOST_PRINCIPALS = 10_000
/** Of refused requests; with the bound above, some 20 MB at most. */
const MOST_SIGNATURES = 8
/** A signature costs some microseconds for a hundred code units: what is tried again is tried with its beginning. */
const MOST_CHARS = 1_000

/**
 * Counts refusals per principal over a sliding window, and what is answered though it says nearly what was refused within
 * it. Memory is bounded, the longest silent is forgotten first. Whoever was not refused lately costs a look-up.
 *
 * @param seed Of signatures: a secret of the instance.
 * @param spent Told when a principal's budget is spent: once, until its window has room again.
 * @param again Told of each near-duplicate.
 */
export function createProbing(
  budget: ProbingBudget,
  seed: number,
  nowMs: () => number,
  spent: (principal: PrincipalId) => void,
  again: () => void = () => undefined,
): Ports['probing'] {
  const seen = new Map<PrincipalId, Seen>()
  const recent = (principal: PrincipalId): Seen | null => {
    const one = seen.get(principal)
    if (one === undefined) return null
    const from = nowMs() - budget.windowMs
    while (one.times.length > 0 && one.times[0]! < from) one.times.shift()
    while (one.refused.length > 0 && one.refused[0]!.atMs < from) one.refused.shift()
    if (one.times.length > 0) return one
    seen.delete(principal)
    return null
  }
  const over = (one: Seen | null) => one !== null && one.times.length >= budget.refusals
  const count = (principal: PrincipalId, one: Seen) => {
    one.times.push(nowMs())
    if (one.times.length === budget.refusals) spent(principal)
    // More than the budget says nothing more.
    if (one.times.length > budget.refusals) one.times.shift()
    seen.delete(principal)
    seen.set(principal, one)
    if (seen.size > MOST_PRINCIPALS) seen.delete(seen.keys().next().value!)
  }
  const signature = (asked: () => string) => {
    const text = asked().slice(0, MOST_CHARS)
    return text.trim() === '' ? null : signatureOf(text, seed)
  }
  return {
    over: (principal) => over(recent(principal)),
    refused(principal, asked) {
      const one = recent(principal) ?? { times: [], refused: [] }
      const made = over(one) || asked === null ? null : signature(asked)
      if (made !== null) one.refused.push({ atMs: nowMs(), signature: made })
      if (one.refused.length > MOST_SIGNATURES) one.refused.shift()
      count(principal, one)
    },
    answered(principal, asked) {
      const one = recent(principal)
      // Whose budget is spent is told less already.
      if (one === null || one.refused.length === 0 || over(one)) return
      const made = signature(asked)
      if (made === null || !one.refused.some((before) => likeness(before.signature, made) >= ALIKE)) return
      again()
      count(principal, one)
    },
  }
}
