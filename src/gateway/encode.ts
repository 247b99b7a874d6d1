import { NO_USAGE } from '../core/conversation/exchange.ts'
import type { Decision } from '../core/policy/decision.ts'
import type { WireError } from '../core/protocols/adapter.ts'
import { wireErrorBody } from '../core/protocols/wire-errors.ts'
import { composeContext, composedHeaders, NOTHING, requestIdHeader, requestIdOf, servedFacts } from './composing.ts'
import type { Guarded } from './guard.ts'
import type { Inspection } from './inspect.ts'
import { noticeOf } from './notice.ts'
import type { Passage } from './passage.ts'
import type { Ports, WireReply } from './ports.ts'
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
      return composed(guarded.decision, null, inspection, passage, ports, 0)
    case 'withheld': {
      const decision = passage.steps.at(-1)!.decision
      return composed(decision, guarded.whole, inspection, passage, ports, guarded.charsScored)
    }
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

type WithheldAnswer = Extract<Guarded, { kind: 'withheld' }>['whole']

/** A refusal, native to the caller's protocol, in the form it asked for. */
async function composed(
  decision: Decision,
  withheld: WithheldAnswer | null,
  inspection: Inspection,
  passage: Passage,
  ports: Ports,
  charsScored: number,
): Promise<WireReply> {
  const { adapter, exchange, request } = passage
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
  // Which in-process layer refused must not show in the time it took (wire.md E13).
  const wait = 5 + (ports.random(1)[0]! / 255) * 20
  await Promise.all([safe, ports.clock.sleep(wait, request.signal)])
  const facts = { servedModel: null, midStream: false, guard: 'none', receipt: () => receipt } as const
  const notice = noticeOf(decision, facts, passage, ports)
  const context = composeContext(passage, null)
  const body = exchange.stream
    ? adapter.refusalStream(notice, exchange, context)
    : adapter.refusal(notice, exchange, context)
  const served = servedFacts(passage, ports, { servedModel: null })
  const headers = {
    ...composedHeaders(passage, exchange.stream),
    ...sluiceHeaders(passage, served, withheld?.upstream.headers ?? null),
  }
  return { status: 200, headers, body }
}

async function failed(error: WireError, inspection: Inspection, passage: Passage, ports: Ports): Promise<WireReply> {
  await settle({ ...NOTHING, status: error.status, end: 'error' }, inspection, passage, ports).safe
  const headers = {
    ...composedHeaders(passage, false),
    ...error.headers,
    ...sluiceHeaders(passage, servedFacts(passage, ports, {}), null),
  }
  return { status: error.status, headers, body: wireErrorBody(passage.adapter.dialect, error, passage.ids.request) }
}

/** The upstream's own error or redirect: status, headers and bytes as they came. */
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
    ...passedHeaders(upstream.headers),
    ...sluiceHeaders(passage, servedFacts(passage, ports, {}), upstream.headers),
  }
  return { status: upstream.status, headers, body: bytes }
}

async function whole(
  guarded: Extract<Guarded, { kind: 'whole' }>,
  inspection: Inspection,
  passage: Passage,
  ports: Ports,
): Promise<WireReply> {
  const { upstream, bytes, json, reply, model } = guarded
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
    upstreamRequestId: requestIdOf(upstream.headers),
    answer,
    charsScored: guarded.charsScored,
  }
  const { receipt, safe } = settle(outcome, inspection, passage, ports)
  await safe
  const served = servedFacts(passage, ports, { servedModel })
  const headers = { ...passedHeaders(upstream.headers), ...sluiceHeaders(passage, served, upstream.headers) }
  if (model === exchange.model) return { status: upstream.status, headers, body: bytes }
  const facts = { servedModel, midStream: false, guard: 'none', receipt: () => receipt } as const
  const notice = noticeOf(decision, facts, passage, ports)
  return {
    status: upstream.status,
    headers: { ...headers, ...requestIdHeader(passage) },
    body: adapter.servedByFallback(json, notice, exchange, composeContext(passage, servedModel)),
  }
}
