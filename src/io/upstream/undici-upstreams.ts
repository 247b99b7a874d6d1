import { errors, Pool } from 'undici'
import type { Dialect } from '../../core/conversation/exchange.ts'
import {
  type Headers,
  type UpstreamAnswer,
  UpstreamError,
  type UpstreamRequest,
  type Upstreams,
} from '../../gateway/ports.ts'

export interface UpstreamSettings {
  /** Base URL per dialect; a dialect without one has no upstream. A path in it comes before every request's own. */
  readonly urls: Readonly<Partial<Record<Dialect, string>>>
  /** Concurrent connections per origin: at least the number of streams at once. */
  readonly connections: number
  readonly firstByteTimeoutMs: number
  readonly silenceTimeoutMs: number
}

export interface PooledUpstreams extends Upstreams {
  close(): Promise<void>
}

/**
 * Model APIs over HTTP/1.1 keep-alive pools, one per origin. No redirects are followed: a credential never reaches a
 * host it was not configured for.
 */
export function openUpstreams(settings: UpstreamSettings): PooledUpstreams {
  const pools = new Map<string, Pool>()
  const targets = new Map<Dialect, { pool: Pool; prefix: string }>()
  for (const dialect of ['anthropic', 'openai'] as const) {
    const base = settings.urls[dialect]
    if (base === undefined) continue
    const url = new URL(base)
    let pool = pools.get(url.origin)
    if (pool === undefined) {
      pool = new Pool(url.origin, {
        connections: settings.connections,
        headersTimeout: settings.firstByteTimeoutMs,
        bodyTimeout: settings.silenceTimeoutMs,
        keepAliveTimeout: 4_000,
        pipelining: 1,
      })
      pools.set(url.origin, pool)
    }
    // A base that names the version, as the OpenAI clients write it, must not double it.
    targets.set(dialect, { pool, prefix: url.pathname.replace(/\/+$/, '').replace(/\/v1$/, '') })
  }
  return {
    async send(request) {
      const target = targets.get(request.dialect)
      if (target === undefined)
        throw new UpstreamError('upstream_unreachable', `no upstream is configured for ${request.dialect}`)
      return send(target.pool, target.prefix, request)
    },
    async close() {
      await Promise.all([...pools.values()].map((pool) => pool.close()))
    },
  }
}

async function send(pool: Pool, prefix: string, request: UpstreamRequest): Promise<UpstreamAnswer> {
  try {
    const { statusCode, headers, body } = await pool.request({
      method: request.method as 'POST',
      path: prefix + request.path,
      headers: request.headers,
      body: request.body,
      signal: request.signal,
    })
    return {
      status: statusCode,
      headers: withoutUndefined(headers),
      chunks: chunksOf(body, request.signal),
      async whole() {
        try {
          return new Uint8Array(await body.arrayBuffer())
        } catch (error) {
          throw asUpstreamError(error, request.signal)
        }
      },
    }
  } catch (error) {
    throw asUpstreamError(error, request.signal)
  }
}

async function* chunksOf(body: AsyncIterable<Uint8Array>, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  try {
    yield* body
  } catch (error) {
    throw asUpstreamError(error, signal)
  }
}

function asUpstreamError(error: unknown, signal: AbortSignal): unknown {
  if (signal.aborted) return error
  const late = error instanceof errors.HeadersTimeoutError || error instanceof errors.BodyTimeoutError
  return late
    ? new UpstreamError('upstream_timeout', 'the upstream did not answer in time', { cause: error })
    : new UpstreamError('upstream_unreachable', 'no connection to the upstream', { cause: error })
}

function withoutUndefined(headers: Record<string, string | string[] | undefined>): Headers {
  const kept: Record<string, string | string[]> = {}
  for (const name in headers) if (headers[name] !== undefined) kept[name] = headers[name]
  return kept
}
