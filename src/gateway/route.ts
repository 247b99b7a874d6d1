import { ulid } from '../core/base/ids.ts'
import type { Dialect } from '../core/conversation/exchange.ts'
import { FallbackError } from '../core/policy/fallback-chain.ts'
import type { WireError } from '../core/protocols/adapter.ts'
import { adapterFor } from '../core/protocols/adapters.ts'
import { ProtocolError, readJson } from '../core/protocols/json.ts'
import { wireErrorBody, wireErrors } from '../core/protocols/wire-errors.ts'
import { upstreamFailure } from './act.ts'
import { NotFoundError } from './batch-access.ts'
import { batches } from './batches.ts'
import { forward } from './forward.ts'
import { handle } from './handle.ts'
import { hook } from './hook.ts'
import { RefusalNamedError } from './kept-objects.ts'
import { modeHeaders, modeOf } from './mode.ts'
import { models } from './models.ts'
import { moderate } from './moderate.ts'
import { AccessChoiceError } from './native-access.ts'
import { AccessError, type Ports, UpstreamError, type WireReply, type WireRequest } from './ports.ts'
import { isUnrecorded, readable } from './reserve.ts'
import { storedAnswer } from './stored-answer.ts'
import { storedRefusal } from './stored-refusal.ts'
import { assertUsable, SuspendedError } from './suspended.ts'

/** Forwarded as it is: no model answers it. */
const COUNT_TOKENS = '/v1/messages/count_tokens'
/**
 * Answers that an upstream keeps, to be fetched. An id is written plainly: what an upstream decodes or strips could make
 * another path of it.
 */
const STORED = /^\/v1\/responses\/([\w-]+)$/
const MODELS = /^\/v1\/models(\/[^/]+)?$/
/** Read by anybody: decisions by their links, scopes of trusted access, the record's files, what this instance witnessed. */
const PUBLIC = /^\/(d|trust|assets|record|witness)\//

/**
 * Every request the gateway's listener takes, to its reply. Faults become errors in the caller's own envelope; a fault
 * of ours is reported by code and id, and answered as 500 without detail.
 */
export async function route(request: WireRequest, ports: Ports): Promise<WireReply> {
  const { method, path } = request
  try {
    const batch = path.startsWith('/v1/messages/batches') ? batches(request, ports) : null
    if (batch !== null) return await batch
    if (method === 'GET' || method === 'HEAD') {
      if (path === '/healthz' || path === '/readyz') return json(200, { status: 'ok' })
      if (path === '/api/hello' || path === '/favicon.ico') return { status: 204, headers: {}, body: '' }
      if (PUBLIC.test(path)) return await ports.publicPage(request)
      if (MODELS.test(path)) return await models(request, dialectOf(request), ports)
      const stored = STORED.exec(path)
      if (stored !== null) return await storedOf(request, stored[1]!, ports)
    }
    if (method === 'POST') {
      const adapter = adapterFor(path)
      if (adapter !== undefined)
        return modeOf(request, ports) === 'off'
          ? await forward(controlled(request, ports), adapter.dialect, { kind: 'model' }, 'off', ports)
          : await handle(request, adapter, ports)
      if (path.startsWith('/d/') || path === '/witness/add-checkpoint') return await ports.publicPage(request)
      if (path === '/v1/moderations') return await moderate(request, ports)
      if (path === '/hooks/anthropic-inference') return await hook(request, ports)
      if (path === COUNT_TOKENS)
        return await forward(checked(request, ports), 'anthropic', { kind: 'count' }, modeOf(request, ports), ports)
    }
    if (isPassthrough(path, ports))
      return await forward(request, dialectOf(request), { kind: 'listed' }, modeOf(request, ports), ports)
    return failure(request, wireErrors.pathUnknown(), ports)
  } catch (error) {
    return failure(request, wireErrorOf(error, request, ports), ports)
  }
}

/** Which client is asking: the path says it, and where both share one, the version header of one of them. */
export function dialectOf(request: Pick<WireRequest, 'path' | 'headers'>): Dialect {
  const spoken = adapterFor(request.path)?.dialect
  if (spoken !== undefined) return spoken
  if (request.path.startsWith('/v1/messages')) return 'anthropic'
  return request.headers['anthropic-version'] !== undefined ? 'anthropic' : 'openai'
}

/** An error before any decision, in the envelope of the caller's dialect. */
export function failure(request: Pick<WireRequest, 'path' | 'headers'>, error: WireError, ports: Ports): WireReply {
  const dialect = dialectOf(request)
  const id = `req_${ulid(ports.clock.nowMs(), ports.random(10))}`
  const state = ports.state()
  return {
    status: error.status,
    headers: {
      ...modeHeaders(state, state.mode),
      'content-type': 'application/json',
      [dialect === 'anthropic' ? 'request-id' : 'x-request-id']: id,
      ...error.headers,
    },
    body: wireErrorBody(dialect, error, id),
  }
}

/** Who chose `off` for itself has not lifted what the operator suspended. @throws {SuspendedError} */
function controlled(request: WireRequest, ports: Ports): WireRequest {
  return ports.state().mode === 'off' ? request : checked(request, ports)
}

/** Forwarded without being read, but controls hold: a suspended model counts no tokens either. @throws {SuspendedError} */
function checked(request: WireRequest, ports: Ports): WireRequest {
  const state = ports.state()
  if (state.suspended.size === 0) return request
  const { model } = readJson(readable(request)).value
  if (typeof model === 'string') assertUsable(model, state, ports.clock.nowMs())
  return request
}

/** What is kept under an id: a refusal of ours, else the upstream's, looked at like every answer, unless nothing is. */
async function storedOf(request: WireRequest, id: string, ports: Ports): Promise<WireReply> {
  const refusal = await storedRefusal(request, id, ports)
  if (refusal !== null) return refusal
  return modeOf(request, ports) === 'off'
    ? forward(request, 'openai', { kind: 'stored', id }, 'off', ports)
    : storedAnswer(request, id, ports)
}

function isPassthrough(path: string, ports: Ports): boolean {
  return path.startsWith('/v1/') && ports.state().passthrough.includes(path)
}

function wireErrorOf(error: unknown, request: WireRequest, ports: Ports): WireError {
  if (error instanceof ProtocolError || error instanceof FallbackError) return wireErrors.bodyInvalid(error.message)
  if (error instanceof AccessError)
    return error.code === 'token_invalid' ? wireErrors.tokenInvalid(error.message) : wireErrors.credentialInvalid()
  if (error instanceof AccessChoiceError) return error.error
  if (error instanceof NotFoundError) return wireErrors.notFound()
  if (error instanceof RefusalNamedError) return wireErrors.refusalNamed(error.id)
  if (error instanceof SuspendedError) return error.error
  if (error instanceof UpstreamError) return upstreamFailure(error, 'this request')
  if (isUnrecorded(error)) return wireErrors.recordUnavailable()
  if (!request.signal.aborted)
    ports.report('request.failed', { fault: error instanceof Error ? error.name : typeof error })
  return wireErrors.stageUnavailable('gateway')
}

function json(status: number, body: unknown): WireReply {
  return { status, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }
}
