import { NO_USAGE } from '../core/conversation/exchange.ts'
import type { WireError } from '../core/protocols/adapter.ts'
import type { JsonDocument } from '../core/protocols/json.ts'
import { withoutSluice } from '../core/protocols/sluice-member.ts'
import { wireErrorBody, wireErrors } from '../core/protocols/wire-errors.ts'
import { composeContext, composedHeaders, NOTHING, requestIdHeader, requestIdOf, servedFacts } from './composing.ts'
import { mintCredit } from './credit.ts'
import { cleanedBytes } from './foreign-word.ts'
import type { Guarded } from './guard.ts'
import type { Inspection } from './inspect.ts'
import { claimWhole } from './kept-objects.ts'
import { moderatedEvents, moderatedWhole } from './moderated-reply.ts'
import { appealUrl, memberOf, noticeOf } from './notice.ts'
import type { Passage } from './passage.ts'
import { type Ports, STOPPING, type WireReply } from './ports.ts'
import { countProbing } from './probing.ts'
import { passedHeaders, sluiceHeaders } from './response-headers.ts'
import { effective, type Outcome, settle } from './settle.ts'
import { streamReply } from './stream-reply.ts'

/**
 * The answer in the caller's protocol, with its receipt written first: appended for every answer, on disk for every
 * one that is not a plain `allow`.
 */
export async function encode(
  guarded: Guarded,
  inspection: Inspection,
  passage: Passage,
  ports: Ports,
): Promise<WireReply> {
  switch (guarded.kind) {
    case 'composed':
      return composed(guarded, inspection, passage, ports)
    case 'gone':
      return gone(inspection, passage, ports)
    case 'failed':
      return failed(guarded.error, inspection, passage, ports)
    case 'passed':
      return passed(guarded, inspection, passage, ports)
    case 'whole':
      return whole(guarded, inspection, passage, ports)
    case 'stream':
      return streamReply(guarded, inspection, passage, ports)
  }
}

/** A refusal, native to the caller's protocol, in the form it asked for. */
async function composed(
  guarded: Extract<Guarded, { kind: 'composed' }>,
  inspection: Inspection,
  passage: Passage,
  ports: Ports,
): Promise<WireReply> {
  const { adapter, exchange, request } = passage
  const { decision, withheld, recommendedModel, charsScored } = guarded
  const outcome: Outcome = {
    ...NOTHING,
    status: 200,
    end: 'refused',
    usage: NO_USAGE,
    charsScored,
    upstreamRequestId: withheld === null ? null : requestIdOf(withheld.upstream.headers),
    answer: withheld === null ? [] : withheld.reply.texts.map(({ text }) => text),
  }
  const { receipt, safe } = settle(outcome, inspection, passage, ports)
  countProbing('refused', passage, ports)
  // Which in-process layer refused must not show in the time it took (wire.md E13).
  const wait = 5 + (ports.random(1)[0]! / 255) * 20
  await Promise.all([safe, ports.clock.sleep(wait, request.signal)])
  const credit = decision.action === 'fall_back' ? mintCredit(passage, null, ports) : null
  const facts = { servedModel: null, midStream: false, guard: 'none', receipt: () => receipt } as const
  const notice = noticeOf(decision, { ...facts, credit, recommendedModel }, passage, ports)
  const context = composeContext(passage, null)
  const body = exchange.stream
    ? moderatedEvents(adapter.refusalStream(notice, exchange, context), passage)
    : moderatedWhole(adapter.refusal(notice, exchange, context), passage)
  const served = servedFacts(passage, ports, { servedModel: null })
  const headers = {
    ...composedHeaders(passage, exchange.stream),
    // Also where a model was asked: the layer that refused must not show in the headers (wire.md E13).
    ...sluiceHeaders(passage, served, null),
  }
  return { status: 200, headers, body }
}

/** Nobody reads this reply, unless it is the gateway that goes; the receipt is what counts. */
async function gone(inspection: Inspection, passage: Passage, ports: Ports): Promise<WireReply> {
  if (passage.request.signal.reason === STOPPING)
    return failed(wireErrors.overloaded(passage.dialect), inspection, passage, ports)
  await settle({ ...NOTHING, end: 'client_gone' }, inspection, passage, ports).safe
  return { status: 499, headers: {}, body: '' }
}

async function failed(error: WireError, inspection: Inspection, passage: Passage, ports: Ports): Promise<WireReply> {
  const { receipt, safe } = settle({ ...NOTHING, status: error.status, end: 'error' }, inspection, passage, ports)
  await safe
  const headers = {
    ...composedHeaders(passage, false),
    ...error.headers,
    ...sluiceHeaders(passage, servedFacts(passage, ports, {}), null),
  }
  // A control or a missing grant is a decision as well: it can be appealed, and says so.
  const decision = effective(passage)
  const told =
    error.status === 403 ? { ...error, details: { ...error.details, appeal_url: appealUrl(passage, ports) } } : error
  const member = error.status === 403 ? memberOf(decision, null, receipt, passage, ports) : undefined
  return { status: error.status, headers, body: wireErrorBody(passage.dialect, told, passage.ids.request, member) }
}

/** The upstream's own error or redirect: status, headers and bytes as they came, but for what it says in our name. */
async function passed(
  guarded: Extract<Guarded, { kind: 'passed' }>,
  inspection: Inspection,
  passage: Passage,
  ports: Ports,
): Promise<WireReply> {
  const { upstream, bytes } = guarded
  const upstreamRequestId = requestIdOf(upstream.headers)
  const outcome: Outcome = { ...NOTHING, status: upstream.status, end: 'upstream_error', upstreamRequestId }
  await settle(outcome, inspection, passage, ports).safe
  const headers = {
    ...passedHeaders(upstream.headers, passage.state),
    ...sluiceHeaders(passage, servedFacts(passage, ports, {}), upstream.headers),
  }
  return { status: upstream.status, headers, body: passage.state.trustUpstreamSluice ? bytes : cleanedBytes(bytes) }
}

async function whole(
  guarded: Extract<Guarded, { kind: 'whole' }>,
  inspection: Inspection,
  passage: Passage,
  ports: Ports,
): Promise<WireReply> {
  const { upstream, bytes, document, reply, model } = guarded
  const { adapter, exchange } = passage
  const decision = effective(passage)
  const answer = reply.texts.map(({ text }) => text)
  const servedModel = reply.model ?? model
  const outcome: Outcome = {
    servedModel,
    usage: reply.usage,
    guard: { mode: 'none', releasedChars: answer.reduce((sum, text) => sum + text.length, 0), heldMs: 0 },
    status: upstream.status,
    end: 'complete',
    upstreamRefusal: reply.upstreamRefusal,
    vendorCategory: reply.refusedCategory,
    upstreamRequestId: requestIdOf(upstream.headers),
    answer,
    charsScored: guarded.charsScored,
  }
  claimWhole(document.value, passage, ports)
  const { receipt, safe } = settle(outcome, inspection, passage, ports)
  countProbing('answered', passage, ports)
  await safe
  const served = servedFacts(passage, ports, { servedModel })
  const headers = {
    ...passedHeaders(upstream.headers, passage.state),
    ...sluiceHeaders(passage, served, upstream.headers),
  }
  if (model === exchange.model) return { status: upstream.status, headers, body: unchanged(bytes, document, passage) }
  const facts = { servedModel, midStream: false, guard: 'none', receipt: () => receipt } as const
  const notice = noticeOf(decision, facts, passage, ports)
  return {
    status: upstream.status,
    headers: { ...headers, ...requestIdHeader(passage) },
    body: moderatedWhole(
      adapter.servedByFallback(document, notice, exchange, composeContext(passage, servedModel)),
      passage,
    ),
  }
}

/** The upstream's bytes, but for what an upstream says in our name, and the state of a credit token of ours. */
function unchanged(bytes: Uint8Array, { value, text }: JsonDocument, passage: Passage): Uint8Array | string {
  const { adapter, credit, state } = passage
  const clean = state.trustUpstreamSluice ? text : withoutSluice(text)
  if (clean === text && credit === null && passage.exchange.moderation === undefined) return bytes
  return moderatedWhole(credit === null ? clean : adapter.withCredit({ text: clean, value }, credit), passage)
}
