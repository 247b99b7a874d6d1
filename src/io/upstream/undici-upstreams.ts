import { type Dispatcher, errors, Pool } from 'undici'
import type { Dialect } from '../../core/conversation/exchange.ts'
import {
  type Headers,
  type UpstreamAnswer,
  UpstreamError,
  type UpstreamRequest,
  type Upstreams,
} from '../../gateway/ports.ts'
import { Breaker, type BreakerSettings, RetryBudget } from './breaker.ts'

export interface UpstreamSettings {
  /** Base URLs per dialect, in order; a dialect without one has no upstream. A path in one comes before every request's own. */
  readonly urls: Readonly<Partial<Record<Dialect, readonly string[]>>>
  /** The operator's credential per dialect, for callers with a key of Sluice. */
  readonly credentials: Readonly<Record<Dialect, string | null>>
  /** Concurrent connections per origin: at least the number of streams at once. */
  readonly connections: number
  readonly firstByteTimeoutMs: number
  readonly silenceTimeoutMs: number
}

export interface PooledUpstreams extends Upstreams {
  /** Breakers that are not closed, by origin. */
  ill(): readonly { readonly origin: string; readonly state: 'open' | 'half_open' }[]
  /** Lets running answers end. */
  close(): Promise<void>
}

interface Target {
  readonly pool: Pool
  readonly breaker: Breaker
  readonly origin: string
  readonly prefix: string
}

const BREAKER: BreakerSettings = { failures: 5, openMs: 5_000 }
/** Outages: at most a tenth of requests are sent a second time. */
const RETRY_SHARE = 0.1
const SAVED_RETRIES = 10

/**
 * Model APIs over HTTP/1.1 keep-alive pools, one per origin. No redirects are followed: a credential never reaches a
 * host it was not configured for.
 *
 * The chain for outages is its own: where several base URLs are given, the next one is asked while the one before cannot
 * be reached, for the same model. Only a request that never left is sent again.
 */
export function openUpstreams(settings: UpstreamSettings): PooledUpstreams {
  const byOrigin = new Map<string, Pick<Target, 'pool' | 'breaker'>>()
  const targets = new Map<Dialect, Target[]>()
  const retries = new RetryBudget(RETRY_SHARE, SAVED_RETRIES)
  for (const dialect of ['anthropic', 'openai'] as const)
    targets.set(
      dialect,
      (settings.urls[dialect] ?? []).map((base): Target => {
        const url = new URL(base)
        let host = byOrigin.get(url.origin)
        if (host === undefined)
          byOrigin.set(url.origin, (host = { pool: openPool(url.origin, settings), breaker: openBreaker() }))
        // A base that names the version, as the OpenAI clients write it, must not double it.
        return { ...host, origin: url.origin, prefix: url.pathname.replace(/\/+$/, '').replace(/\/v1$/, '') }
      }),
    )
  return {
    async send(request) {
      const able = targets.get(request.dialect) ?? []
      if (able.length === 0)
        throw new UpstreamError('upstream_unreachable', `no upstream is configured for ${request.dialect}`)
      const credentialed = withCredential(request, settings.credentials[request.dialect])
      retries.request()
      let failure: UpstreamError | null = null
      for (const [i, target] of able.entries()) {
        if (!target.breaker.admits()) continue
        try {
          return await sendTo(target, credentialed)
        } catch (error) {
          if (!(error instanceof UpstreamError)) throw error
          failure = error
          if (!neverLeft(error) || i === able.length - 1 || !retries.take()) throw error
        }
      }
      throw failure ?? new UpstreamError('upstream_unreachable', 'the upstream is taken for down')
    },
    ill: () =>
      [...byOrigin].flatMap(([origin, { breaker }]) =>
        breaker.state === 'closed' ? [] : [{ origin, state: breaker.state }],
      ),
    async close() {
      await Promise.all([...byOrigin.values()].map(({ pool }) => pool.close()))
    },
  }
}

function openPool(origin: string, settings: UpstreamSettings): Pool {
  return new Pool(origin, {
    connections: settings.connections,
    headersTimeout: settings.firstByteTimeoutMs,
    bodyTimeout: settings.silenceTimeoutMs,
    keepAliveTimeout: 4_000,
    pipelining: 1,
  })
}

function openBreaker(): Breaker {
  return new Breaker(BREAKER, () => performance.now())
}

/** @throws {UpstreamError} the operator has none. */
function withCredential(request: UpstreamRequest, credential: string | null): UpstreamRequest {
  if (request.credential === 'caller') return request
  if (credential === null)
    throw new UpstreamError('upstream_unreachable', `no credential of the operator is set for ${request.dialect}`)
  const named: Record<string, string> =
    request.dialect === 'anthropic' ? { 'x-api-key': credential } : { authorization: `Bearer ${credential}` }
  return { ...request, headers: { ...request.headers, ...named } }
}

const NEVER_LEFT: ReadonlySet<unknown> = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
])

function neverLeft(error: UpstreamError): boolean {
  return NEVER_LEFT.has((error.cause as { code?: unknown } | undefined)?.code)
}

async function sendTo({ pool, prefix, breaker }: Target, request: UpstreamRequest): Promise<UpstreamAnswer> {
  try {
    const answer = await send(pool, prefix, request)
    breaker.succeeded()
    return answer
  } catch (error) {
    if (error instanceof UpstreamError) breaker.failed()
    else breaker.withdrawn()
    throw error
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
/** An answer that is needed whole is held in memory: one without an end is not. */
const MOST_WHOLE_BYTES = 64 * 1024 * 1024

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
      await this.#more()
      if (this.#waitingBytes <= MOST_WHOLE_BYTES) continue
      this.#abort()
      throw new UpstreamError('upstream_invalid', 'the answer of the upstream does not end')
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

  /** Reads on, until something has arrived. */
  #more(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = () => {
        this.#wake = null
        resolve()
      }
      // Only now: what the parser still holds arrives within this very call, and must find somebody waiting.
      this.#controller?.resume()
    })
  }

  #finish(): void {
    this.#ended = true
    this.#signal.removeEventListener('abort', this.#abort)
    this.#wake?.()
  }
}

function asUpstreamError(error: Error): Error {
  // The request could not be written: no fault of the upstream's, so its breaker does not hear of it.
  if (error instanceof errors.InvalidArgumentError) return error
  if (error instanceof errors.HTTPParserError || error instanceof errors.HeadersOverflowError)
    return new UpstreamError('upstream_invalid', 'the upstream does not answer in HTTP', { cause: error })
  const late = error instanceof errors.HeadersTimeoutError || error instanceof errors.BodyTimeoutError
  return late
    ? new UpstreamError('upstream_timeout', 'the upstream did not answer in time', { cause: error })
    : new UpstreamError('upstream_unreachable', 'no connection to the upstream', { cause: error })
}
