import { message } from '../core/briefs/format.ts'
import { type Action, rank } from '../core/policy/policy.ts'
import type { Receipt } from '../core/policy/receipt.ts'

/** What a line on the terminal says of a decision: an id, what was done, and why. Nothing that a caller wrote. */
export interface LiveFact {
  readonly id: string
  readonly atMs: number
  readonly action: Action
  readonly would: Action
  readonly reason: string | null
}

type Language = 'ja' | 'en'

/** Lines of one batch: nobody reads a terminal that moves faster. */
const MOST_LINES = 20

export function liveFact({ id, atMs, decision: { action, would, reason } }: Receipt): LiveFact {
  return { id, atMs, action, would, reason }
}

/**
 * What a terminal shows of decisions as they arrive: each that did, or would do, more than allow; and the very first,
 * whatever it is, so that whoever changed a base URL sees that it arrives.
 */
export function openLiveLines(lang: Language, write: (text: string) => void): (facts: readonly LiveFact[]) => void {
  let first = true
  return (facts) => {
    const shown = facts.filter(({ would }, i) => (first && i === 0) || rank(would) > rank('allow'))
    first &&= facts.length === 0
    for (const fact of shown.slice(0, MOST_LINES)) write(`  ${liveLine(fact, lang)}\n`)
    const more = shown.length - MOST_LINES
    if (more > 0) write(`  ${message(lang, 'cli.live.more', { n: String(more) })}\n`)
  }
}

function liveLine({ id, atMs, action, would, reason }: LiveFact, lang: Language): string {
  const at = `${new Date(atMs).toISOString().slice(11, 19)} UTC`
  const did = message(lang, `action.${action}`, {})
  const done =
    would === action ? did : message(lang, 'cli.live.would', { did, would: message(lang, `action.${would}`, {}) })
  return [at, done, ...(reason === null ? [] : [reason]), id].join('  ')
}
