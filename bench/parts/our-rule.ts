import { ruleBook } from '../../src/core/safeguards/rules.ts'
import type { Verdict } from './peer-checks.ts'

/** A rule of the operator with these phrases, or RE2 patterns, as the gateway applies it. */
export function ourRule(words: {
  readonly phrases?: readonly string[]
  readonly patterns?: readonly string[]
}): Verdict {
  const facts = { name: 'bench', stage: 'input', action: 'refuse', category: 'cyber' } as const
  const book = ruleBook([{ ...facts, phrases: [], patterns: [], ...words }])!
  return async (text) => book.match('input', text).length > 0
}
