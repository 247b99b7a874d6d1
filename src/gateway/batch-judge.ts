import { NO_USAGE } from '../core/conversation/exchange.ts'
import { rank } from '../core/policy/policy.ts'
import type { Reply } from '../core/protocols/adapter.ts'
import { anthropicMessages } from '../core/protocols/anthropic-messages.ts'
import type { BatchItem } from '../core/protocols/batch-record.ts'
import { type BatchResult, erroredLine, withMessage } from '../core/protocols/batch-result.ts'
import { ProtocolError, readJson } from '../core/protocols/json.ts'
import { wireErrorBody, wireErrors } from '../core/protocols/wire-errors.ts'
import { refused } from './act.ts'
import { answerLine, inBatch } from './batch-items.ts'
import { NOTHING } from './composing.ts'
import { judge } from './guard.ts'
import { openPassage, type Passage } from './passage.ts'
import type { Caller, Ports, WireRequest } from './ports.ts'
import { NO_GUARD, type Outcome, settle } from './settle.ts'

type SentItem = Extract<BatchItem, { kind: 'sent' }>

/** Ends without an answer: there is nothing to judge, and the vendor's words for it pass. */
const UNANSWERED: ReadonlySet<string> = new Set(['errored', 'canceled', 'expired'])

/**
 * Judges the answer to one item, leaves its receipt, and gives the line that takes its place; null when it passes as it
 * came.
 */
export async function judgedLine(
  result: BatchResult,
  item: SentItem | null,
  batch: { readonly id: string; readonly request: WireRequest; readonly caller: Caller },
  ports: Ports,
): Promise<string | null> {
  const { mode } = ports.state()
  if (UNANSWERED.has(result.type) && result.message === null) return null
  const reply = readReply(result)
  const passage = openItem(result, item, batch, ports)
  if (reply === null) {
    if (mode !== 'enforce') return null
    // Nothing was decided on: the request has its receipt, and what is no answer leaves none.
    const error = wireErrors.upstreamInvalid(passage.exchange.model)
    return erroredLine(result.customId, wireErrorBody('anthropic', error, passage.ids.request))
  }
  if (mode === 'off') return disclosed(result, item, reply)
  const model = item?.diverted?.context.servedModel ?? passage.exchange.model
  const asked = item === null || item.asked === null ? null : Float64Array.from(item.asked, (ppm) => ppm / 1e6)
  const { chars, decision } = await judge({ reply, model }, { asked }, passage, ports)
  const answer = reply.texts.map(({ text }) => text)
  const outcome = { ...NOTHING, status: 200, answer, charsScored: chars }
  if (rank(decision.action) > rank('flag')) {
    passage.declined.push(...(item?.diverted?.context.declined ?? []), { model, usage: reply.usage ?? NO_USAGE })
    const instead = refused(decision, passage)
    const end = instead.kind === 'failed' ? 'error' : 'refused'
    const { receipt, safe } = settle({ ...outcome, end, usage: NO_USAGE }, NOTHING_READ, passage, ports)
    await safe
    return answerLine(result.customId, instead, receipt, passage, ports)
  }
  const releasedChars = answer.reduce((sum, text) => sum + text.length, 0)
  const passed: Outcome = {
    ...outcome,
    end: 'complete',
    servedModel: reply.model ?? model,
    usage: reply.usage,
    upstreamRefusal: reply.upstreamRefusal,
    vendorCategory: reply.refusedCategory,
    guard: { ...NO_GUARD, releasedChars },
  }
  await settle(passed, NOTHING_READ, passage, ports).safe
  return disclosed(result, item, reply)
}

/** The request was read when the batch was made. */
const NOTHING_READ = { findings: [], asked: null, chars: 0 }

function readReply({ message }: BatchResult): Reply | null {
  try {
    return anthropicMessages.readReply(message?.value)
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error
    return null
  }
}

/** The answer of a weaker model, named as one; null where the model that was asked answered. */
function disclosed(result: BatchResult, item: SentItem | null, reply: Reply): string | null {
  if (item === null || item.diverted === null) return null
  const { notice, context } = item.diverted
  const servedModel = reply.model ?? context.servedModel
  const named = { ...notice, member: { ...notice.member, served_model: servedModel } }
  const exchange = anthropicMessages.decode(asking(item.model), () => undefined)
  const message = anthropicMessages.servedByFallback(result.message!, named, exchange, {
    ...context,
    servedModel,
  })
  return withMessage(result, message)
}

/** The item's request, of which nothing is left here but the model it named. */
function openItem(
  result: BatchResult,
  item: SentItem | null,
  { id, request, caller }: { readonly id: string; readonly request: WireRequest; readonly caller: Caller },
  ports: Ports,
): Passage {
  const answering = result.message?.value.model
  const document = asking(item?.model ?? (typeof answering === 'string' && answering !== '' ? answering : 'unknown'))
  const decoded = anthropicMessages.decode(document, (name) => request.headers[name])
  const wants = { ...decoded.wants, fallbackMembers: item?.fallbackMembers ?? decoded.wants.fallbackMembers }
  const exchange = { ...decoded, wants, fallback: { kind: 'none' } as const }
  const passage = openPassage(request, anthropicMessages, document, exchange, caller, ports.state(), ports)
  // The model has answered; nobody is asked again.
  return inBatch({ ...passage, chain: { hops: [], leftToCaller: false } }, id)
}

function asking(model: string) {
  return readJson(JSON.stringify({ model, messages: [] }))
}
