import type { Decision } from '../core/policy/decision.ts'
import type { Reply, WireError } from '../core/protocols/adapter.ts'
import { wireErrors } from '../core/protocols/wire-errors.ts'
import type { Passage } from './passage.ts'
import { type Ports, type UpstreamAnswer, UpstreamError } from './ports.ts'
import { upstreamHeaders } from './response-headers.ts'

/** What came of a decision, before the answer itself was looked at. */
export type Answer =
  /** Nobody was asked: Sluice composes the answer. */
  | { readonly kind: 'composed'; readonly decision: Decision }
  /** The upstream's own error, or a body of another kind: passed on as it is. */
  | { readonly kind: 'passed'; readonly upstream: UpstreamAnswer; readonly bytes: Uint8Array; readonly model: string }
  | ({ readonly kind: 'whole'; readonly upstream: UpstreamAnswer; readonly model: string } & WholeBody)
  | { readonly kind: 'stream'; readonly upstream: UpstreamAnswer; readonly model: string }
  /** No answer was to be had: an error in the caller's protocol, and a receipt that says so. */
  | { readonly kind: 'failed'; readonly error: WireError; readonly model: string | null }

export interface WholeBody {
  readonly bytes: Uint8Array
  readonly json: unknown
  readonly reply: Reply
}

/** Carries the decision out: asks the model, asks the weaker model, or asks nobody. */
export async function act(decision: Decision, passage: Passage, ports: Ports): Promise<Answer> {
  switch (decision.action) {
    case 'allow':
    case 'flag':
      return ask(passage.exchange.model, passage, ports)
    case 'fall_back':
      return ask(decision.fallbackModel ?? passage.exchange.model, passage, ports)
    case 'require_trust':
    case 'refuse':
      // The classifier failed and there is no weaker model to ask: that is our fault, not a reading of the text.
      if (decision.reason === 'detector.unavailable')
        return { kind: 'failed', error: wireErrors.stageUnavailable('classifier'), model: null }
      return { kind: 'composed', decision }
  }
}

/** Asks one model: the caller's own bytes for the model named, the permitted edit for any other. */
export async function ask(model: string, passage: Passage, ports: Ports): Promise<Answer> {
  const { request, adapter, document, exchange } = passage
  const own = model === exchange.model
  passage.sentMs ??= ports.clock.monotonicMs()
  try {
    const upstream = await ports.upstreams.send({
      dialect: adapter.dialect,
      method: 'POST',
      path: adapter.path + request.search,
      headers: upstreamHeaders(request.headers, own),
      body: own ? request.bytes : adapter.withModel(document, model, exchange),
      signal: request.signal,
    })
    if (upstream.status >= 300) return { kind: 'passed', upstream, bytes: await upstream.whole(), model }
    if (isEventStream(upstream)) return { kind: 'stream', upstream, model }
    const bytes = await upstream.whole()
    return { kind: 'whole', upstream, model, bytes, ...readWhole(bytes, passage) }
  } catch (error) {
    if (!(error instanceof UpstreamError)) throw error
    return { kind: 'failed', error: upstreamFailure(error, model), model: null }
  }
}

function isEventStream(upstream: UpstreamAnswer): boolean {
  return String(upstream.headers['content-type'] ?? '').startsWith('text/event-stream')
}

const utf8 = new TextDecoder('utf-8', { fatal: true })

/** @throws {UpstreamError} `upstream_invalid`: a success that is not of its protocol cannot be checked, so not served. */
function readWhole(bytes: Uint8Array, passage: Passage): { json: unknown; reply: Reply } {
  try {
    const json: unknown = JSON.parse(utf8.decode(bytes))
    return { json, reply: passage.adapter.readReply(json) }
  } catch (cause) {
    const message = `the upstream of ${passage.exchange.model} does not speak its protocol`
    throw new UpstreamError('upstream_invalid', message, { cause })
  }
}

export function upstreamFailure(error: UpstreamError, model: string): WireError {
  switch (error.code) {
    case 'upstream_unreachable':
      return wireErrors.upstreamUnreachable(model)
    case 'upstream_timeout':
      return wireErrors.upstreamTimeout(model)
    case 'upstream_invalid':
      return wireErrors.upstreamInvalid(model)
  }
}
