import { ulid } from '../core/base/ids.ts'
import type { Dialect } from '../core/conversation/exchange.ts'
import type { WireError } from '../core/protocols/adapter.ts'
import { adapterFor } from '../core/protocols/adapters.ts'
import { ProtocolError } from '../core/protocols/json.ts'
import { wireErrorBody, wireErrors } from '../core/protocols/wire-errors.ts'
import { upstreamFailure } from './act.ts'
import { handle } from './handle.ts'
import { AccessError, type Ports, UpstreamError, type WireReply, type WireRequest } from './ports.ts'
import { ReserveError } from './reserve.ts'
import { passedHeaders, upstreamHeaders } from './response-headers.ts'

/** Paths that are forwarded as they are: they carry no conversation to decide on, or none that a model answers. */
const FORWARDED = /^\/v1\/(models(\/[^/]+)?|messages\/count_tokens)$/

/**
 * Every request the gateway's listener takes, to its reply. Faults become errors in the caller's own envelope; a fault
 * of ours is reported by code and id, and answered as 500 without detail.
 */
export async function route(request: WireRequest, ports: Ports): Promise<WireReply> {
  const { method, path } = request
  try {
    if (method === 'GET' || method === 'HEAD') {
      if (path === '/healthz' || path === '/readyz') return json(200, { status: 'ok' })
      if (path === '/api/hello' || path === '/favicon.ico') return { status: 204, headers: {}, body: '' }
      if (path.startsWith('/d/') || path.startsWith('/assets/')) return await ports.publicPage(request)
      if (FORWARDED.test(path)) return await forward(request, ports)
    }
    if (method === 'POST') {
      const adapter = adapterFor(path)
      if (adapter !== undefined)
        return ports.state().mode === 'off' ? await forward(request, ports) : await handle(request, adapter, ports)
      if (path.startsWith('/d/')) return await ports.publicPage(request)
      if (FORWARDED.test(path)) return await forward(request, ports)
    }
    return failure(request, wireErrors.notFound(), ports)
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
  return {
    status: error.status,
    headers: {
      'content-type': 'application/json',
      [dialect === 'anthropic' ? 'request-id' : 'x-request-id']: id,
      ...error.headers,
    },
    body: wireErrorBody(dialect, error, id),
  }
}

/** Passes a request on and its answer back, unread: byte for byte, streamed. */
async function forward(request: WireRequest, ports: Ports): Promise<WireReply> {
  ports.identify(request.headers)
  const upstream = await ports.upstreams.send({
    dialect: dialectOf(request),
    method: request.method,
    path: request.path + request.search,
    headers: upstreamHeaders(request.headers, true),
    body: request.bytes.length > 0 ? request.bytes : null,
    signal: request.signal,
  })
  const { mode } = ports.state()
  return {
    status: upstream.status,
    headers: { ...passedHeaders(upstream.headers), 'x-sluice-mode': mode === 'enforce' ? 'enforcing' : mode },
    body: async (sink) => {
      for await (const chunk of upstream.chunks) await sink.write(chunk)
    },
  }
}

function wireErrorOf(error: unknown, request: WireRequest, ports: Ports): WireError {
  if (error instanceof ProtocolError) return wireErrors.bodyInvalid(error.message)
  if (error instanceof AccessError)
    return error.code === 'token_invalid' ? wireErrors.tokenInvalid(error.message) : wireErrors.credentialInvalid()
  if (error instanceof ReserveError) return wireErrors.recordUnavailable()
  if (error instanceof UpstreamError) return upstreamFailure(error, 'this request')
  if (isSpoolError(error)) return wireErrors.recordUnavailable()
  if (!request.signal.aborted)
    ports.report('request.failed', { fault: error instanceof Error ? error.name : typeof error })
  return wireErrors.stageUnavailable('gateway')
}

/** Spools live in `io`; a room that may not import them knows them by their codes. */
function isSpoolError(error: unknown): boolean {
  const code = (error as { code?: unknown } | null)?.code
  return code === 'spool_full' || code === 'spool_unwritable'
}

function json(status: number, body: unknown): WireReply {
  return { status, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }
}
