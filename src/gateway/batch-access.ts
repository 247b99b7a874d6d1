import { ownBatch } from '../core/protocols/batch-object.ts'
import type { BatchRecord } from '../core/protocols/batch-record.ts'
import { type JsonDocument, ProtocolError, readJson } from '../core/protocols/json.ts'
import { modeHeaders } from './mode.ts'
import {
  type Caller,
  type Headers,
  type Ports,
  type UpstreamAnswer,
  UpstreamError,
  type WireReply,
  type WireRequest,
} from './ports.ts'
import { passedHeaders, upstreamHeaders } from './response-headers.ts'

/** An object of another tenant's, or of none: which of both is not said. */
export class NotFoundError extends Error {}

/** A batch that never went upstream: its id is made of a ULID. */
const OWN_BATCH = /^msgbatch_[0-9A-HJKMNP-TV-Z]{26}$/

/**
 * What is remembered of a batch that this caller may see; null for one that its upstream knows and we do not.
 *
 * Callers with a key of Sluice share the operator's account upstream, so for them a batch that is not remembered is
 * nobody's. Who brings a credential of its own is told apart by the upstream, which is asked for every batch but ours.
 * @throws {NotFoundError}
 */
export async function batchOf(id: string, caller: Caller, ports: Ports): Promise<BatchRecord | null> {
  const record = await ports.batches.find(id)
  if (record === null) {
    if (caller.credential === 'operator' || OWN_BATCH.test(id)) throw new NotFoundError()
    return null
  }
  const theirs = record.upstream || ownOf(caller) === null || record.principal === caller.principal
  if (record.org !== caller.org || !theirs) throw new NotFoundError()
  return record
}

/** Of callers without a key of Sluice, who share an organisation, each sees its own; null for all others. */
export function ownOf({ principal }: Caller): Caller['principal'] | null {
  return principal.startsWith('pri_') ? principal : null
}

/** Where a batch's results are fetched: here, since here they are checked. */
export function resultsUrl(id: string, ports: Ports): string {
  return `${ports.state().publicUrl}/v1/messages/batches/${id}/results`
}

/** A batch of our own, as its caller sees it. */
export function ownBody(record: BatchRecord, ports: Ports): string {
  const at = (ms: number) => new Date(ms).toISOString()
  const { createdAtMs } = record
  return ownBatch(record, at(createdAtMs), at(createdAtMs + DAY_MS), resultsUrl(record.id, ports))
}

const DAY_MS = 86_400_000

/** Asks the upstream for the same thing, or for `path` instead. @throws {UpstreamError} */
export function askUpstream(
  request: WireRequest,
  caller: Caller,
  ports: Ports,
  other: Partial<{ method: string; path: string; body: Uint8Array | string | null }> = {},
): Promise<UpstreamAnswer> {
  const own = other.body === undefined
  const { bytes } = request
  return ports.upstreams.send({
    dialect: 'anthropic',
    method: other.method ?? request.method,
    path: other.path ?? request.path + request.search,
    headers: upstreamHeaders(request.headers, own, caller.credential, 'anthropic'),
    body: other.body !== undefined ? other.body : bytes.length > 0 ? bytes : null,
    signal: request.signal,
    credential: caller.credential,
  })
}

const utf8 = new TextDecoder('utf-8', { fatal: true })

/** A success of the upstream's, as JSON. @throws {UpstreamError} `upstream_invalid`. */
export function upstreamJson(bytes: Uint8Array): JsonDocument {
  try {
    return readJson(utf8.decode(bytes))
  } catch (cause) {
    if (!(cause instanceof ProtocolError || cause instanceof TypeError)) throw cause
    throw new UpstreamError('upstream_invalid', 'the answer about a batch is not JSON', { cause })
  }
}

/** Headers of an answer that concerns no single decision. */
export function batchHeaders(upstream: Headers | null, ports: Ports): Record<string, string | readonly string[]> {
  const state = ports.state()
  const own = modeHeaders(state, state.mode)
  return upstream === null
    ? { 'content-type': 'application/json', ...own }
    : { ...passedHeaders(upstream, state), ...own }
}

/** The upstream's answer as it came. */
export async function passOn(upstream: UpstreamAnswer, ports: Ports): Promise<WireReply> {
  return { status: upstream.status, headers: batchHeaders(upstream.headers, ports), body: await upstream.whole() }
}
