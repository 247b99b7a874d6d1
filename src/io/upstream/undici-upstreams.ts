import { type Dispatcher, errors, Pool } from 'undici'
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
    send(request) {
      const target = targets.get(request.dialect)
      if (target === undefined)
        throw new UpstreamError('upstream_unreachable', `no upstream is configured for ${request.dialect}`)
      return send(target.pool, target.prefix, request)
    },
    async close() {
      await Promise.all([...pools.values()].map((pool) => pool.destroy()))
    },
  }
}

function send(pool: Pool, prefix: string, request: UpstreamRequest): Promise<UpstreamAnswer> {
  return new Promise((resolve, reject) => {
    const exchange = new UpstreamExchange(request.signal, resolve, reject)
    pool.dispatch(
      {
        method: request.method as Dispatcher.HttpMethod,
        path: prefix + request.path,
        headers: request.headers,
        body: request.body,
      },
      exchange,
    )
  })
}

/** Bytes of an answer that were not taken yet; above this the upstream is not read. */
const MOST_WAITING_BYTES = 256 * 1024

/**
 * One request to an upstream and its answer, straight from the parser's callbacks: no stream object in between, which
 * would cost more than all else on this path.
 */
class UpstreamExchange implements Dispatcher.DispatchHandler, UpstreamAnswer {
  status = 0
  headers: Headers = {}
  readonly #signal: AbortSignal
  readonly #resolve: (answer: UpstreamAnswer) => void
  readonly #reject: (error: unknown) => void
  #controller: Dispatcher.DispatchController | null = null
  #waiting: Uint8Array[] = []
  #waitingBytes = 0
  #ended = false
  #error: unknown = null
  #wake: (() => void) | null = null
  readonly #abort = () => this.#controller?.abort(new Error('the caller went away'))

  constructor(signal: AbortSignal, resolve: (answer: UpstreamAnswer) => void, reject: (error: unknown) => void) {
    this.#signal = signal
    this.#resolve = resolve
    this.#reject = reject
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller
    if (this.#signal.aborted) return this.#abort()
    this.#signal.addEventListener('abort', this.#abort, { once: true })
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    status: number,
    headers: Record<string, string | string[] | undefined>,
  ): void {
    if (status < 200) return
    this.status = status
    this.headers = headers as Headers
    this.#resolve(this)
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#waiting.push(chunk)
    this.#waitingBytes += chunk.length
    if (this.#wake === null && this.#waitingBytes > MOST_WAITING_BYTES) controller.pause()
    this.#wake?.()
  }

  onResponseEnd(): void {
    this.#finish()
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.#error = this.#signal.aborted ? error : asUpstreamError(error)
    this.#reject(this.#error)
    this.#finish()
  }

  async whole(): Promise<Uint8Array> {
    // Nobody waits on back-pressure here: a whole answer is needed whole.
    while (!this.#ended) {
      this.#controller?.resume()
      await this.#more()
    }
    if (this.#error !== null) throw this.#error
    return this.#waiting.length === 1 ? this.#waiting[0]! : Buffer.concat(this.#waiting)
  }

  get chunks(): AsyncIterable<Uint8Array> {
    return { [Symbol.asyncIterator]: () => this.#iterator() }
  }

  #iterator(): AsyncIterator<Uint8Array> {
    return {
      next: async () => {
        while (this.#waiting.length === 0) {
          if (this.#error !== null) throw this.#error
          if (this.#ended) return { done: true, value: undefined }
          this.#controller?.resume()
          await this.#more()
        }
        const [first, ...rest] = this.#waiting
        this.#waiting = []
        this.#waitingBytes = 0
        return { done: false, value: rest.length === 0 ? first! : Buffer.concat([first!, ...rest]) }
      },
      // Whoever stops reading early has no use for the rest: the upstream stops producing it.
      return: async () => {
        if (!this.#ended) this.#abort()
        return { done: true, value: undefined }
      },
    }
  }

  #more(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = () => {
        this.#wake = null
        resolve()
      }
    })
  }

  #finish(): void {
    this.#ended = true
    this.#signal.removeEventListener('abort', this.#abort)
    this.#wake?.()
  }
}

function asUpstreamError(error: Error): UpstreamError {
  const late = error instanceof errors.HeadersTimeoutError || error instanceof errors.BodyTimeoutError
  return late
    ? new UpstreamError('upstream_timeout', 'the upstream did not answer in time', { cause: error })
    : new UpstreamError('upstream_unreachable', 'no connection to the upstream', { cause: error })
}
