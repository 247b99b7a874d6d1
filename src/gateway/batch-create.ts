import { ulid } from '../core/base/ids.ts'
import { rank } from '../core/policy/policy.ts'
import { viewedBatch } from '../core/protocols/batch-object.ts'
import type { BatchRecord } from '../core/protocols/batch-record.ts'
import { decodeBatch, keepItems } from '../core/protocols/batch-request.ts'
import { type JsonDocument, readJson } from '../core/protocols/json.ts'
import { isRecord, type Json, records } from '../core/protocols/values.ts'
import { upstreamFailure } from './act.ts'
import { askUpstream, batchHeaders, ownBody, passOn, resultsUrl, upstreamJson } from './batch-access.ts'
import { type DecidedItem, decideItem } from './batch-decide.ts'
import { settledItem } from './batch-items.ts'
import { NOTHING, requestIdOf, servedFacts } from './composing.ts'
import { assertOwnNamed } from './kept-objects.ts'
import { modeHeaders, modeOf } from './mode.ts'
import { assertNoneChosen } from './native-access.ts'
import {
  type Caller,
  type Ports,
  type UpstreamAnswer,
  UpstreamError,
  type WireReply,
  type WireRequest,
} from './ports.ts'
import { readable } from './reserve.ts'
import { passedHeaders, sluiceHeaders } from './response-headers.ts'
import { effective, type Outcome, settle } from './settle.ts'
import { assertUsable } from './suspended.ts'

/** The vendor keeps results for 29 days. */
const REMEMBERED_MS = 30 * 86_400_000
/** Deciding many items takes turns with other requests. */
const TURN_MS = 10

/**
 * Makes a batch: every item is decided on its own, and only those that may be answered go upstream, with the bytes that
 * they came in. A refusal is a succeeded item; it waits with us until results are fetched. When no item is left, nothing
 * goes upstream and the batch is ours.
 *
 * Nothing is sent before every item is decided; every decided item leaves a receipt, also when the upstream says no.
 * @throws {ProtocolError}, {AccessError}, {AccessChoiceError}, {NotFoundError}, {ReserveError}, {UpstreamError}
 */
export async function createBatch(request: WireRequest, ports: Ports): Promise<WireReply> {
  const caller = ports.identify(request.headers)
  const state = ports.state()
  if (modeOf(request, ports) === 'off') return passedBatch(request, caller, ports)
  const document = readJson(readable(request))
  assertNoneChosen('anthropic', request, paramsOf(document.value), caller)
  await assertOwnNamed(document.value, caller, request, ports)
  const decided = await inTurns(decodeBatch(document), ports, (item) => decideItem(item, request, caller, state, ports))
  if (!decided.some(({ kind }) => kind === 'sent')) return ownReply(decided, request, caller, ports)
  const body = bodyFor(document, decided)
  const now = ports.clock.monotonicMs()
  for (const item of decided) if (item.kind === 'sent') item.passage.sentMs = now
  const { upstream, batch } = await made(request, caller, body, ports).catch(async (error: unknown) => {
    const fault = error instanceof UpstreamError ? upstreamFailure(error, 'this batch') : null
    await settleAll(decided, fault === null ? { status: 499, end: 'client_gone' } : { status: fault.status }, ports)
    throw error
  })
  const upstreamRequestId = requestIdOf(upstream.headers)
  if (batch === null) {
    await settleAll(decided, { status: upstream.status, end: 'upstream_error', upstreamRequestId }, ports)
    return passOn(upstream, ports)
  }
  const record = await keep(batch.id, true, decided, upstreamRequestId, caller, ports).catch(async (error: unknown) => {
    await abandon(batch.id, request, caller, ports)
    throw error
  })
  const headers = { ...batchHeaders(upstream.headers, ports), ...strictestHeaders(decided, upstream.headers, ports) }
  return { status: 200, headers, body: viewedBatch(batch.document, record, resultsUrl(batch.id, ports)) }
}

interface Made {
  readonly upstream: UpstreamAnswer
  /** Null when the upstream made none. */
  readonly batch: { readonly id: string; readonly document: JsonDocument } | null
}

/** @param body Null for the caller's own bytes. @throws {UpstreamError} */
async function made(request: WireRequest, caller: Caller, body: string | null, ports: Ports): Promise<Made> {
  const upstream = await askUpstream(request, caller, ports, body === null ? {} : { body })
  if (upstream.status !== 200) return { upstream, batch: null }
  const document = upstreamJson(await upstream.whole())
  const { id } = document.value
  if (typeof id !== 'string') throw new UpstreamError('upstream_invalid', 'the batch has no id')
  return { upstream, batch: { id, document } }
}

/** A batch that could not be remembered is nobody's: its caller gets an error, so nothing of it is to run on. */
async function abandon(id: string, request: WireRequest, caller: Caller, ports: Ports): Promise<void> {
  const path = `/v1/messages/batches/${encodeURIComponent(id)}/cancel`
  try {
    await (await askUpstream(request, caller, ports, { method: 'POST', path, body: null })).whole()
  } catch {
    ports.report('batch.left_running', { batch: id })
  }
}

/** One item after the other, in turns: a large batch must not hold the other requests up. */
async function inTurns<T, R>(
  items: readonly T[],
  ports: Ports,
  act: (item: T) => R | Promise<R>,
): Promise<readonly R[]> {
  const done: R[] = []
  let since = ports.clock.monotonicMs()
  for (const item of items) {
    done.push(await act(item))
    if (ports.clock.monotonicMs() - since < TURN_MS) continue
    await ports.clock.sleep(0, NEVER)
    since = ports.clock.monotonicMs()
  }
  return done
}

const NEVER = new AbortController().signal

/** What goes upstream; null for the caller's own bytes. */
function bodyFor(document: JsonDocument, decided: readonly DecidedItem[]): string | null {
  const kept = decided.map((item) => (item.kind === 'sent' ? item.params : null))
  return kept.every((params) => params === 'same') ? null : keepItems(document, kept)
}

/** Receipts of a batch that came to nothing. */
async function settleAll(decided: readonly DecidedItem[], some: Partial<Outcome>, ports: Ports): Promise<void> {
  await Promise.all(
    decided.map((item) =>
      item.kind === 'invalid' ? undefined : settle({ ...NOTHING, ...some }, item.inspection, item.passage, ports).safe,
    ),
  )
}

/** Writes the receipts of a batch that was made, and what its results will need. */
async function keep(
  id: string,
  upstream: boolean,
  decided: readonly DecidedItem[],
  upstreamRequestId: string | null,
  caller: Caller,
  ports: Ports,
): Promise<BatchRecord> {
  const settled = await inTurns(decided, ports, (item) => {
    const kept = settledItem(item, id, upstreamRequestId, ports)
    // Awaited below, with all others; until then a disk that refuses is no fault without a handler.
    kept.safe.catch(() => undefined)
    return kept
  })
  const items = settled.map(({ item }) => item)
  const ownErrored = settled.filter(({ errored }) => errored).length
  const own = items.filter(({ kind }) => kind === 'own').length
  const createdAtMs = ports.clock.nowMs()
  const record: BatchRecord = {
    ...{ id, org: caller.org, principal: caller.principal, upstream, createdAtMs },
    expiresAtMs: createdAtMs + REMEMBERED_MS,
    ownSucceeded: own - ownErrored,
    ownErrored,
  }
  await Promise.all([ports.batches.remember(record, items), ...settled.map(({ safe }) => safe)])
  return record
}

async function ownReply(
  decided: readonly DecidedItem[],
  request: WireRequest,
  caller: Caller,
  ports: Ports,
): Promise<WireReply> {
  const id = `msgbatch_${ulid(ports.clock.nowMs(), ports.random(10))}`
  // Which in-process layer refused must not show in the time it took (wire.md E13).
  const wait = 5 + (ports.random(1)[0]! / 255) * 20
  const [record] = await Promise.all([
    keep(id, false, decided, null, caller, ports),
    ports.clock.sleep(wait, request.signal),
  ])
  const headers = { ...batchHeaders(null, ports), ...strictestHeaders(decided, null, ports) }
  return { status: 200, headers, body: ownBody(record, ports) }
}

/** Nothing is decided in mode `off`; whose batch it is, is remembered all the same. */
async function passedBatch(request: WireRequest, caller: Caller, ports: Ports): Promise<WireReply> {
  const state = ports.state()
  // Who chose `off` for itself has not lifted what the operator suspended.
  const controlled = state.mode !== 'off' && state.suspended.size > 0
  if (caller.credential === 'operator' || controlled) {
    const { value } = readJson(readable(request))
    const all = paramsOf(value)
    if (controlled)
      for (const { model } of all) if (typeof model === 'string') assertUsable(model, state, ports.clock.nowMs())
    assertNoneChosen('anthropic', request, all, caller)
    await assertOwnNamed(value, caller, request, ports)
  }
  const { upstream, batch } = await made(request, caller, null, ports)
  if (batch === null) return passOn(upstream, ports)
  const record = await keep(batch.id, true, [], null, caller, ports)
  const headers = { ...passedHeaders(upstream.headers, state), ...modeHeaders(state, 'off') }
  return { status: 200, headers, body: viewedBatch(batch.document, record, resultsUrl(batch.id, ports)) }
}

function paramsOf({ requests }: Json): readonly Json[] {
  return records(requests).flatMap(({ params }) => (isRecord(params) ? [params] : []))
}

/** The headers of one decision, for an answer about many: those of the strictest. */
function strictestHeaders(
  decided: readonly DecidedItem[],
  upstream: Parameters<typeof sluiceHeaders>[2],
  ports: Ports,
): Record<string, string> {
  const items = decided.filter((item) => item.kind !== 'invalid')
  const [first] = items
  if (first === undefined) return {}
  const worst = items.reduce((a, b) => (actionRank(b) > actionRank(a) ? b : a), first)
  return sluiceHeaders(worst.passage, servedFacts(worst.passage, ports, {}), upstream)
}

function actionRank({ passage }: Exclude<DecidedItem, { kind: 'invalid' }>): number {
  return rank(effective(passage).action)
}
