import type { Dialect } from '../core/conversation/exchange.ts'
import { suspensionOf } from '../core/governance/suspension.ts'
import { isTarget, targetsOf } from '../core/policy/fallback-chain.ts'
import { invalid, readJson } from '../core/protocols/json.ts'
import { type ModelView, viewedModel, viewedModels } from '../core/protocols/models-list.ts'
import { modeHeaders } from './mode.ts'
import { type GatewayState, type Ports, UpstreamError, type WireReply, type WireRequest } from './ports.ts'
import { passedHeaders, upstreamHeaders } from './response-headers.ts'
import { assertUsable } from './suspended.ts'

/** Clients wait three seconds for this list, and then go on without it. */
const WITHIN_MS = 2_800

/**
 * Models as they are for this caller: the upstream's list, without what it cannot use.
 * @throws {SuspendedError} one model was asked for, and it is suspended; {UpstreamError}, {AccessError}, {ProtocolError}
 */
export async function models(request: WireRequest, dialect: Dialect, ports: Ports): Promise<WireReply> {
  const caller = ports.identify(request.headers)
  const state = ports.state()
  const one = /^\/v1\/models\/([^/]+)$/.exec(request.path)?.[1]
  const atMs = ports.clock.nowMs()
  if (one !== undefined) assertUsable(plainly(one), state, atMs)
  const late = AbortSignal.timeout(WITHIN_MS)
  try {
    const upstream = await ports.upstreams.send({
      dialect,
      method: request.method,
      path: request.path + request.search,
      headers: upstreamHeaders(request.headers, true, caller.credential, dialect),
      body: null,
      signal: AbortSignal.any([request.signal, late]),
      credential: caller.credential,
    })
    // Clients of this list follow no redirect, and a key that was sent along one is lost.
    if (upstream.status >= 300 && upstream.status < 400)
      throw new UpstreamError('upstream_invalid', 'the list of models is a redirect')
    const bytes = await upstream.whole()
    const headers = { ...passedHeaders(upstream.headers, state), ...modeHeaders(state, state.mode) }
    if (upstream.status !== 200 || request.method === 'HEAD') return { status: upstream.status, headers, body: bytes }
    const document = readJson(new TextDecoder().decode(bytes))
    const view = viewFor(state, atMs)
    const body = one === undefined ? viewedModels(document, view) : viewedModel(document, view)
    return { status: 200, headers, body }
  } catch (error) {
    if (late.aborted) throw new UpstreamError('upstream_timeout', 'the list of models took too long')
    throw error
  }
}

/** @throws {ProtocolError} the escapes in it are not UTF-8. */
function plainly(id: string): string {
  try {
    return decodeURIComponent(id)
  } catch {
    throw invalid('path', 'wanted a model id in UTF-8')
  }
}

function viewFor({ suspended, fallbacks, trustUpstreamSluice }: GatewayState, atMs: number): ModelView {
  const usable = (model: string) => suspensionOf(model, suspended, atMs) === null
  return {
    usable,
    trustsSluice: trustUpstreamSluice,
    // A target is never diverted: there is nothing to fall back to.
    fallbacks: (model, vendors) =>
      isTarget(model, fallbacks)
        ? []
        : targetsOf(model, fallbacks).filter((target) => vendors.includes(target) && usable(target)),
  }
}
