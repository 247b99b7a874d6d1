import type { Label } from '../core/base/reasons.ts'
import type { Receipt } from '../core/policy/receipt.ts'
import type { PublicContent } from './contract.ts'
import type { AdminPorts, KeptExchange } from './ports.ts'

const MOST_SPANS = 8
const MOST_CODE_POINTS = 6_000

/**
 * The text that decided, and the words in it that weighed most. Null where nothing was read, or nothing is kept.
 * @param ports The classifier is asked only where something decided by its word.
 */
export function matchedText(
  receipt: Receipt,
  kept: KeptExchange | null,
  ports: Pick<AdminPorts, 'classifier'>,
): PublicContent | null {
  const { decision } = receipt
  const { reason } = decision
  if (kept === null) return null
  const place = decision.where[0]
  const answer = decision.stage === 'output' || decision.stage === 'exchange'
  const turn = place === undefined || answer ? null : kept.turns[place.turn]
  const part = turn?.parts.find((one) => one.kind === 'text' && one.place === place!.part)
  const newest = kept.turns.flatMap(({ parts }) => parts).findLast((one) => one.kind === 'text' && one.trust === 'user')
  const shown = answer ? null : (part ?? newest)
  const whole = answer ? kept.answer.join('') : shown?.kind === 'text' ? shown.text : null
  if (whole === null || whole === undefined || whole === '') return null
  const text = [...whole].slice(0, MOST_CODE_POINTS).join('')
  const label =
    reason !== null && (reason.startsWith('harm.') || reason.startsWith('attack.')) ? (reason as Label) : null
  return {
    text,
    part: answer ? 'assistant' : (shown?.place ?? 'user'),
    turn: answer ? -1 : (place?.turn ?? 0),
    spans: label === null ? [] : ports.classifier.explain(text, answer ? 'output' : 'input', label, MOST_SPANS),
  }
}
