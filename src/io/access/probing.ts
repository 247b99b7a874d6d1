import type { PrincipalId } from '../../core/base/ids.ts'
import { ALIKE, likeness, PLACES, signatureOf } from '../../core/safeguards/min-hash.ts'
import type { Ports } from '../../gateway/ports.ts'

/** What counts within the window, from which on a principal is told less (threats.md T12). */
export interface ProbingBudget {
  readonly refusals: number
  readonly windowMs: number
}

/** What is remembered of one principal: when something counted, and signatures of what was refused, never text. */
interface Seen {
  /** `question`: keyed hash of one that was answered; null for a refusal. */
  readonly counted: { readonly atMs: number; readonly question: number | null }[]
  readonly refused: { readonly atMs: number; readonly signature: Signature }[]
}

/** Of a text's beginning and, where it is longer than that, of its end after it. */
type Signature = Uint32Array

const MOST_PRINCIPALS = 10_000
/** Of refused requests; with the bound above, some 60 MB at most. */
const MOST_SIGNATURES = 8
/**
 * From either side. A signature costs some microseconds for a hundred code units. Both sides have to be alike, since a
 * template that stands before every item of its own would alone make them so.
 */
const SIDE_CHARS = 500

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
    for (const list of [one.counted, one.refused]) while (list.length > 0 && list[0]!.atMs < from) list.shift()
    if (one.counted.length > 0) return one
    seen.delete(principal)
    return null
  }
  const over = (one: Seen | null) => one !== null && one.counted.length >= budget.refusals
  const count = (principal: PrincipalId, one: Seen, question: number | null) => {
    one.counted.push({ atMs: nowMs(), question })
    if (one.counted.length === budget.refusals) spent(principal)
    // More than the budget says nothing more.
    if (one.counted.length > budget.refusals) one.counted.shift()
    seen.delete(principal)
    seen.set(principal, one)
    if (seen.size > MOST_PRINCIPALS) seen.delete(seen.keys().next().value!)
  }
  const signature = (text: string): Signature | null =>
    text.trim() === '' ? null : Uint32Array.from(sidesOf(text).flatMap((side) => signatureOf(side, seed)))
  return {
    over: (principal) => over(recent(principal)),
    refused(principal, asked) {
      const one = recent(principal) ?? { counted: [], refused: [] }
      const made = over(one) || asked === null ? null : signature(asked())
      if (made !== null) one.refused.push({ atMs: nowMs(), signature: made })
      if (one.refused.length > MOST_SIGNATURES) one.refused.shift()
      count(principal, one, null)
    },
    answered(principal, asked, question) {
      const one = recent(principal)
      // Whose budget is spent is told less already.
      if (one === null || one.refused.length === 0 || over(one)) return
      const made = signature(asked())
      if (made === null || !one.refused.some((before) => areAlike(before.signature, made))) return
      // What an agent is at comes back with every round of its tools, and shows nothing new.
      const key = hashOf(question(), seed)
      if (one.counted.some((before) => before.question === key)) return
      again()
      count(principal, one, key)
    },
  }
}

/** A short text is both of its sides. */
function areAlike(a: Signature, b: Signature): boolean {
  return likeness(a, b) >= ALIKE && likeness(a.subarray(-PLACES), b.subarray(-PLACES)) >= ALIKE
}

function sidesOf(text: string): readonly string[] {
  return text.length > SIDE_CHARS ? [text.slice(0, SIDE_CHARS), text.slice(-SIDE_CHARS)] : [text]
}

/** Of all of the text: one word more leaves the signature of a text the same as often as not. */
function hashOf(text: string, seed: number): number {
  let hash = seed
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  return hash
}
