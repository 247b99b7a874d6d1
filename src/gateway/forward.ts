import type { Dialect } from '../core/conversation/exchange.ts'
import type { Mode } from '../core/policy/policy.ts'
import { OWN_TOKEN, ownCredit } from '../core/protocols/anthropic-fallback.ts'
import { readJson, replaceTopLevel } from '../core/protocols/json.ts'
import { givenIds, idOfObject, idsGivenBy, namedIds, ownList } from '../core/protocols/kept-objects.ts'
import { isRecord, type Json } from '../core/protocols/values.ts'
import { cleanedBytes } from './foreign-word.ts'
import { assertOwn } from './kept-objects.ts'
import { modeHeaders } from './mode.ts'
import { assertNoneChosen } from './native-access.ts'
import type { Caller, Ports, Sink, UpstreamAnswer, WireReply, WireRequest } from './ports.ts'
import { readable } from './reserve.ts'
import { passedHeaders, upstreamHeaders } from './response-headers.ts'
import { SseFrames } from './sse-frames.ts'

/** What is passed on unread, and what of it concerns objects that the upstream keeps. */
export type Passed =
  /** Named in the path. */
  | { readonly kind: 'stored'; readonly id: string }
  /** A request to a model, while nothing is decided. */
  | { readonly kind: 'model' }
  /** One that only counts its tokens. */
  | { readonly kind: 'count' }
  /** A path that the operator lists: anything. */
  | { readonly kind: 'listed' }

/** An answer about one object is small: what is larger is content, and passes as it comes. */
const MOST_OBJECT_BYTES = 64 * 1024
const CURSORS = ['after', 'before', 'after_id', 'before_id'] as const

/**
 * Passes a request on and its answer back, unread: byte for byte, streamed; but for what is Sluice's own, where tokens
 * are counted. Callers who share the operator's account at
 * the upstream are held to what is their own there, in every mode.
 * @throws {NotFoundError} it names what is another organisation's, or nobody's; {AccessChoiceError} it chooses an access
 *   that is not its caller's; {ProtocolError} what it names cannot be read.
 */
export async function forward(
  request: WireRequest,
  dialect: Dialect,
  passed: Passed,
  mode: Mode,
  ports: Ports,
): Promise<WireReply> {
  const caller = ports.identify(request.headers)
  const shared = caller.credential === 'operator'
  if (shared) {
    const body = bodyOf(request, passed)
    assertNoneChosen(dialect, request, [body], caller)
    await assertOwn(namedBy(request, body, passed), caller, request, ports)
  }
  const edited = passed.kind === 'count' && mode !== 'off' ? withoutToken(request) : null
  const upstream = await ports.upstreams.send({
    dialect,
    method: request.method,
    path: request.path + request.search,
    headers: upstreamHeaders(request.headers, edited === null, caller.credential, dialect),
    body: edited ?? (request.bytes.length > 0 ? request.bytes : null),
    signal: request.signal,
    credential: caller.credential,
  })
  const state = ports.state()
  const headers = { ...passedHeaders(upstream.headers, state), ...modeHeaders(state, mode) }
  if (passed.kind === 'count' && mode !== 'off' && !state.trustUpstreamSluice && upstream.status < 300)
    return { status: upstream.status, headers, body: cleanedBytes(await upstream.whole()) }
  const watched = shared && upstream.status < 300 ? await watch(request, passed, upstream, caller, ports) : null
  return { status: upstream.status, headers, body: watched ?? ((sink) => pass(upstream, sink, null)) }
}

/** The request without a credit token of ours, which the vendor does not know; null for one that has none. */
function withoutToken(request: WireRequest): string | null {
  if (request.text?.includes(OWN_TOKEN) !== true) return null
  const document = readJson(request.text)
  return ownCredit(document.value) === null ? null : replaceTopLevel(document, { remove: ['fallback_credit_token'] })
}

/**
 * What a request says; nothing where it is no JSON.
 * @throws {ProtocolError} a body for a model that is not JSON: another reader might find a name in it.
 */
function bodyOf(request: WireRequest, { kind }: Passed): Json {
  if (kind === 'model' || kind === 'count') return readJson(readable(request)).value
  if (kind === 'stored' || request.bytes.length === 0) return {}
  // Whatever it is called: an upstream may read as JSON what looks like it.
  const json = (request.headers['content-type'] ?? '').includes('json') || /^\s*\{/.test(request.text ?? '')
  return json ? readJson(readable(request)).value : {}
}

function namedBy({ search }: WireRequest, body: Json, passed: Passed): readonly string[] {
  if (passed.kind === 'stored') return [passed.id]
  if (passed.kind !== 'listed') return namedIds(body)
  const query = new URLSearchParams(search)
  return [...CURSORS.flatMap((name) => query.getAll(name)), ...namedIds(body)]
}

/** The answer with its ids taken note of; null: there is nothing to note, and it passes as it comes. */
async function watch(
  { method }: WireRequest,
  { kind }: Passed,
  upstream: UpstreamAnswer,
  { org }: Caller,
  ports: Ports,
): Promise<WireReply['body'] | null> {
  const type = String(upstream.headers['content-type'] ?? '')
  if (kind !== 'listed' && type.startsWith('text/event-stream'))
    return (sink) => pass(upstream, sink, (ids) => ports.owners.tell(org, ids))
  if (!type.includes('json')) return null
  const declared = Number(upstream.headers['content-length'] ?? 0)
  if (kind === 'listed' && method !== 'GET' && declared > MOST_OBJECT_BYTES) return null
  const bytes = await upstream.whole()
  const answer = jsonOf(bytes)
  if (answer === null) return bytes
  if (kind !== 'listed') ports.owners.tell(org, givenIds(answer))
  else if (method === 'GET') return (await ownEntries(answer, org, ports)) ?? bytes
  else ports.owners.tell(org, [...idOfObject(answer), ...givenIds(answer)])
  return bytes
}

/** A list of what the account keeps, cut to the caller's own; null where the answer is none. */
async function ownEntries(answer: Json, org: Caller['org'], ports: Ports): Promise<string | null> {
  const ids: string[] = []
  ownList(answer, (id) => ids.push(id) > 0)
  const own = await ports.owners.among(org, ids)
  const { sharedIds } = ports.state()
  const list = ownList(answer, (id) => own.has(id) || sharedIds.has(id))
  return list === null ? null : JSON.stringify(list)
}

/** @param note Told of ids before the bytes that give them leave; null: nobody asks. */
async function pass(upstream: UpstreamAnswer, sink: Sink, note: ((ids: readonly string[]) => void) | null) {
  let frames = note === null ? null : new SseFrames()
  for await (const chunk of upstream.chunks) {
    try {
      for (const frame of frames?.push(chunk) ?? []) note!(idsGivenBy(dataOf(frame.data) ?? {}))
    } catch {
      // Not a stream of events after all: it is passed on like everything here, and gives nothing.
      frames = null
    }
    await sink.write(chunk)
  }
}

function dataOf(data: string): Json | null {
  return data.startsWith('{') ? jsonOf(data) : null
}

function jsonOf(bytes: Uint8Array | string): Json | null {
  try {
    const value: unknown = JSON.parse(typeof bytes === 'string' ? bytes : Buffer.from(bytes).toString())
    return isRecord(value) ? value : null
  } catch {
    return null
  }
}
