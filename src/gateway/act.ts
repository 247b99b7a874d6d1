import { NO_USAGE } from '../core/conversation/exchange.ts'
import { suspensionOf } from '../core/governance/suspension.ts'
import type { Decision } from '../core/policy/decision.ts'
import type { Hop } from '../core/policy/fallback-chain.ts'
import { rank } from '../core/policy/policy.ts'
import type { ProtocolAdapter, Reply, WireError } from '../core/protocols/adapter.ts'
import type { JsonDocument } from '../core/protocols/json.ts'
import type { Json } from '../core/protocols/values.ts'
import { wireErrors } from '../core/protocols/wire-errors.ts'
import type { Inspection } from './inspect.ts'
import { decideStep, type Passage } from './passage.ts'
import { type Ports, type UpstreamAnswer, UpstreamError } from './ports.ts'
import { upstreamHeaders } from './response-headers.ts'
import { effective } from './settle.ts'
import { suspendedError } from './suspended.ts'

/** What came of a decision, before the answer itself was looked at. */
export type Answer =
  /** Nobody answers, or the one who was to could not: Sluice composes the answer. */
  | { readonly kind: 'composed'; readonly decision: Decision; readonly recommendedModel: string | null }
  /** The upstream's own error, or a body of another kind: passed on as it is. */
  | { readonly kind: 'passed'; readonly upstream: UpstreamAnswer; readonly bytes: Uint8Array; readonly model: string }
  | WholeAnswer
  | StreamAnswer
  /** No answer was to be had: an error in the caller's protocol, and a receipt that says so. */
  | { readonly kind: 'failed'; readonly error: WireError; readonly model: string | null }
  /** The caller went away while the model was asked: nobody is answered, and the receipt says so. */
  | { readonly kind: 'gone'; readonly model: string }

export interface WholeAnswer {
  readonly kind: 'whole'
  readonly upstream: UpstreamAnswer
  readonly model: string
  readonly bytes: Uint8Array
  readonly document: JsonDocument
  readonly reply: Reply
}

export interface StreamAnswer {
  readonly kind: 'stream'
  readonly upstream: UpstreamAnswer
  readonly model: string
}

/** Carries the decision out: asks the model, asks the next weaker one, or asks nobody. */
export async function act(decision: Decision, inspection: Inspection, passage: Passage, ports: Ports): Promise<Answer> {
  switch (decision.action) {
    case 'allow':
    case 'flag':
      return ask(null, null, passage, ports)
    case 'fall_back':
      if (passage.chain.leftToCaller && passage.credit === null) return composed(decision)
      passage.declined.push({ model: passage.exchange.model, usage: NO_USAGE })
      return (await nextHop(inspection, null, passage, ports)) ?? composed(effective(passage))
    case 'require_trust':
    case 'refuse':
      return refused(decision, passage)
  }
}

/** What is answered where no model may: a refusal, or the error that a control or a key's setting wants. */
export function refused(decision: Decision, passage: Passage): Extract<Answer, { kind: 'composed' | 'failed' }> {
  const { state, exchange, caller, atMs } = passage
  // The classifier failed and there is no weaker model to ask: that is our fault, not a reading of the text.
  if (decision.reason === 'detector.unavailable') {
    const stage = decision.rule === null ? 'classifier' : 'second opinion'
    return { kind: 'failed', error: wireErrors.stageUnavailable(stage), model: null }
  }
  const suspension = suspensionOf(exchange.model, state.suspended, atMs)
  if (decision.reason === 'control.suspended' && suspension !== null)
    return { kind: 'failed', error: suspendedError(exchange.model, suspension, state, atMs), model: null }
  if (
    decision.action === 'require_trust' &&
    caller.settings.onTrustRequired === 'error' &&
    decision.trustScope !== null
  )
    return { kind: 'failed', error: wireErrors.trustRequired(decision.trustScope, state.publicUrl), model: null }
  return composed(decision)
}

export function composed(
  decision: Decision,
  recommendedModel: string | null = null,
): Extract<Answer, { kind: 'composed' }> {
  return { kind: 'composed', decision, recommendedModel }
}

/**
 * Asks the next model of the chain that may answer this content: every hop is decided again, by the same findings.
 * A target that cannot answer ends the chain with the refusal that names it (wire.md §6.1 rule 6).
 *
 * @param prefill Text of the answer so far, for a target that continues from it.
 * @returns null when no model is left.
 */
export async function nextHop(
  inspection: Inspection,
  prefill: string | null,
  passage: Passage,
  ports: Ports,
): Promise<Answer | null> {
  const hop = takeHop(inspection, passage)
  if (hop === null) return null
  const answer = await ask(hop, passage.state.prefillModels.has(hop.model) ? prefill : null, passage, ports)
  if (answer.kind === 'whole' || answer.kind === 'stream' || answer.kind === 'gone') return answer
  ports.report('fallback.failed', {
    id: passage.ids.decision,
    status: answer.kind === 'passed' ? answer.upstream.status : 0,
  })
  return composed(effective(passage), hop.model)
}

/** The next model of the chain that may answer this content, by the findings about it; null when none is left. */
export function takeHop(inspection: Inspection, passage: Passage): Hop | null {
  for (;;) {
    const hop = passage.chain.hops[passage.hops]
    if (hop === undefined) return null
    passage.hops++
    const again = decideStep(passage, 'input', inspection.findings.filter(readsText), hop.model)
    if (rank(again.action) <= rank('flag')) return hop
  }
}

/** A control concerns the model that was named, not those that answer for it. */
function readsText({ kind }: Inspection['findings'][number]): boolean {
  return kind !== 'control'
}

/** Asks one model: the caller's own bytes for the model named, the permitted edits for any other. */
export async function ask(
  hop: Hop | null,
  prefill: string | null,
  passage: Passage,
  ports: Ports,
): Promise<Exclude<Answer, { kind: 'composed' }>> {
  const { request, adapter, document, exchange, caller } = passage
  const model = hop?.model ?? exchange.model
  const verbatim = hop === null && !adapter.needsEdit(document, exchange)
  passage.sentMs ??= ports.clock.monotonicMs()
  try {
    const upstream = await ports.upstreams.send({
      dialect: adapter.dialect,
      method: 'POST',
      path: adapter.path + request.search,
      headers: named(upstreamHeaders(request.headers, verbatim, caller.credential, adapter.dialect), passage, ports),
      body: verbatim
        ? request.bytes
        : adapter.edit(document, { hop, prefill, stripFallbackBlocks: !exchange.wants.fallbackBlock }),
      signal: request.signal,
      credential: caller.credential,
    })
    if (upstream.status >= 300) return { kind: 'passed', upstream, bytes: await upstream.whole(), model }
    if (isEncoded(upstream)) {
      upstream.cancel()
      throw new UpstreamError('upstream_invalid', 'the answer is in a content-encoding that was not asked for')
    }
    if (isEventStream(upstream)) return { kind: 'stream', upstream, model }
    const bytes = await upstream.whole()
    return { kind: 'whole', upstream, model, bytes, ...readWhole(bytes, adapter, model) }
  } catch (error) {
    if (request.signal.aborted) return { kind: 'gone', model }
    if (!(error instanceof UpstreamError)) throw error
    return { kind: 'failed', error: upstreamFailure(error, model), model: null }
  }
}

/** Compressed bytes cannot be read on their way, and were not asked for: whatever they are, they are not served unread. */
function isEncoded({ headers }: UpstreamAnswer): boolean {
  const encoding = headers['content-encoding']
  return encoding !== undefined && encoding !== '' && String(encoding).toLowerCase() !== 'identity'
}

/** A probe signs the request it reports on, so it is told its name; nobody else is. */
function named(headers: Record<string, string>, { ids, state }: Passage, ports: Ports): Record<string, string> {
  if (ports.secondOpinions(state.safeguard.cascade).some(({ tier }) => tier === 'probe'))
    headers['x-sluice-request-id'] = ids.request
  return headers
}

export function isEventStream(upstream: UpstreamAnswer): boolean {
  return String(upstream.headers['content-type'] ?? '').startsWith('text/event-stream')
}

const utf8 = new TextDecoder('utf-8', { fatal: true })

/** @throws {UpstreamError} `upstream_invalid`: a success that is not of its protocol cannot be checked, so not served. */
export function readWhole(
  bytes: Uint8Array,
  adapter: ProtocolAdapter,
  model: string,
): Pick<WholeAnswer, 'document' | 'reply'> {
  try {
    const text = utf8.decode(bytes)
    const value: unknown = JSON.parse(text)
    const reply = adapter.readReply(value)
    // An answer of any protocol is an object: what is none was not read.
    return { document: { value: value as Json, text }, reply }
  } catch (cause) {
    const message = `the upstream of ${model} does not speak its protocol`
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
