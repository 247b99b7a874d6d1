import type { Usage } from '../core/conversation/exchange.ts'
import { NO_USAGE } from '../core/conversation/exchange.ts'
import type { StreamReader, StreamRewriter } from '../core/protocols/adapter.ts'
import type { StreamAnswer } from './act.ts'
import { composeContext } from './composing.ts'
import { type Guarded, openGuard } from './guard.ts'
import type { Inspection } from './inspect.ts'
import { type NoticeFacts, noticeOf } from './notice.ts'
import type { Passage } from './passage.ts'
import type { Ports } from './ports.ts'
import { effective } from './settle.ts'
import type { StreamGuard } from './stream-guard.ts'

/** One model's part in a streamed answer: nearly always the only one. */
export interface Leg {
  readonly answer: StreamAnswer
  readonly guard: StreamGuard
  readonly reader: StreamReader
  readonly rewriter: StreamRewriter | null
}

export type LegFacts = Omit<NoticeFacts, 'guard'>

/** The part of the model that answers first: the one that was asked, or its fallback. */
export function firstLeg(
  guarded: Extract<Guarded, { kind: 'stream' }>,
  facts: LegFacts,
  passage: Passage,
  ports: Ports,
): Leg {
  const { adapter, exchange, credit } = passage
  const { guard, model } = guarded
  const reader = adapter.openStream()
  if (model === exchange.model)
    return { answer: guarded, guard, reader, rewriter: credit === null ? null : adapter.openCreditStream(credit) }
  const notice = noticeOf(effective(passage), { ...facts, guard: guard.mode }, passage, ports)
  const rewriter = adapter.openFallbackStream(notice, exchange, composeContext(passage, model))
  return { answer: guarded, guard, reader, rewriter }
}

/** After the first content, another model may go on only where the protocol and the caller have words for it. */
export function mayHop({ chain, hops, credit, exchange, caller, adapter }: Passage, started: boolean): boolean {
  if (hops >= chain.hops.length || (chain.leftToCaller && credit === null)) return false
  if (!started) return true
  const { disclosure } = caller.settings
  return (
    adapter.surface === 'messages' && (disclosure === null ? exchange.wants.fallbackBlock : disclosure !== 'standard')
  )
}

/**
 * The part of the model that goes on after a stop, and what its caller reads between the two.
 * @param said Text of the answer that has left; null before any, so that the next answers as if it had been asked first.
 */
export function nextLeg(
  before: Leg,
  answer: StreamAnswer,
  said: string | null,
  facts: LegFacts,
  inspection: Inspection,
  passage: Passage,
  ports: Ports,
): { readonly leg: Leg; readonly events: string } {
  const { adapter, exchange } = passage
  const guard = openGuard(answer, inspection, passage, ports)
  const notice = noticeOf(effective(passage), { ...facts, guard: guard.mode }, passage, ports)
  const context = composeContext(passage, answer.model)
  if (said === null) {
    const rewriter = adapter.openFallbackStream(notice, exchange, context)
    return { leg: { answer, guard, reader: adapter.openStream(), rewriter }, events: '' }
  }
  const seam = before.reader.seam(notice, exchange, context, said)!
  return { leg: { answer, guard, reader: adapter.openStream(true), rewriter: seam.rewriter }, events: seam.events }
}

/** Tokens of an answer that was not read to its end: what the upstream said, or at least one for four characters. */
export function usageSoFar({ reader, guard }: Leg): Usage | null {
  const floor = Math.floor(guard.charsTaken / 4)
  const { usage } = reader
  if (floor <= (usage?.outputTokens ?? 0)) return usage
  return { ...(usage ?? NO_USAGE), outputTokens: floor, estimated: true }
}
