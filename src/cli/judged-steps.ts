import type { Classifier } from '../core/classifier/types.ts'
import { type Exchange, NOTHING_WANTED, type Part, type Turn } from '../core/conversation/exchange.ts'
import type { Finding, Stage } from '../core/policy/finding.ts'
import { newestFrom } from '../core/protocols/parts.ts'
import { answerFinding, inspect } from '../gateway/inspect.ts'
import type { ScoredTexts } from '../gateway/scored-texts.ts'

export type PlainTurns = readonly { readonly role: string; readonly content: string }[]

/**
 * What the gateway would find in turns that came in no protocol. With the assistant's turn last it is an exchange and
 * its answer is judged, by itself and together with what was asked; else a prompt.
 */
export function judgedSteps(
  turns: PlainTurns,
  classifier: Classifier,
  texts: ScoredTexts,
): { readonly stage: Stage; readonly findings: readonly Finding[] }[] {
  const last = turns.at(-1)!
  const isExchange = last.role === 'assistant'
  const asked = inspect(exchangeOf(isExchange ? turns.slice(0, -1) : turns), null, texts)
  if (!isExchange) return [{ stage: 'input', findings: asked.findings }]
  const scores = texts.scoreOnce('output', last.content)
  const together = asked.asked === null ? [] : [answerFinding('exchange', classifier.exchange(asked.asked, scores))]
  return [{ stage: 'output', findings: [answerFinding('output', scores), ...together] }]
}

/** Turns as a request: who speaks says who vouches. */
export function exchangeOf(turns: PlainTurns): Exchange {
  const decoded = turns.map(
    ({ role, content }): Turn => ({ role: roleOf(role), parts: [partOf(roleOf(role), content)] }),
  )
  return {
    surface: 'messages',
    model: 'classify',
    stream: false,
    turns: decoded,
    newestFrom: newestFrom(decoded.map(({ role }) => role)),
    ...NOTHING_WANTED,
    session: null,
  }
}

function roleOf(role: string): Turn['role'] {
  return role === 'system' || role === 'assistant' || role === 'tool' ? role : 'user'
}

function partOf(role: Turn['role'], text: string): Part {
  switch (role) {
    case 'system':
      return { kind: 'text', place: 'system', trust: 'system', text }
    case 'user':
      return { kind: 'text', place: 'user', trust: 'user', text }
    case 'assistant':
      return { kind: 'text', place: 'assistant', trust: 'untrusted', text }
    case 'tool':
      return { kind: 'text', place: 'tool_result', trust: 'untrusted', text }
  }
}
