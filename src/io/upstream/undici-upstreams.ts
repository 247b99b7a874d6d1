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
  /** From the sending of a request, waiting for a connection included, to the head of its answer. */
  readonly firstByteTimeoutMs: number
  readonly silenceTimeoutMs: number
}

export interface PooledUpstreams extends Upstreams {
  /** Breakers that are not closed, by origin. */
  ill(): readonly { readonly origin: string; readonly state: 'open' | 'half_open' }[]
  /** Lets running answers end, and requests that still look for a host. */
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
const CONNECT_TIMEOUT_MS = 10_000

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
  const sending = new Set<Promise<UpstreamAnswer>>()
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
  async function firstOf(request: UpstreamRequest): Promise<UpstreamAnswer> {
    const able = targets.get(request.dialect) ?? []
    if (able.length === 0)
      throw new UpstreamError('upstream_unreachable', `no upstream is configured for ${request.dialect}`)
    const credentialed = withCredential(request, settings.credentials[request.dialect])
    retries.request()
    let failure: UpstreamError | null = null
    for (const [i, target] of able.entries()) {
      if (!target.breaker.admits()) continue
      try {
        return await sendTo(target, credentialed, settings.firstByteTimeoutMs)
      } catch (error) {
        if (!(error instanceof UpstreamError)) throw error
        failure = error
        if (!neverLeft(error) || i === able.length - 1 || !retries.take()) throw error
      }
    }
    throw failure ?? new UpstreamError('upstream_unreachable', 'the upstream is taken for down')
  }
  return {
    send(request) {
      const answer = firstOf(request)
      sending.add(answer)
      const done = () => void sending.delete(answer)
      answer.then(done, done)
      return answer
    },
    ill: () =>
      [...byOrigin].flatMap(([origin, { breaker }]) =>
        breaker.state === 'closed' ? [] : [{ origin, state: breaker.state }],
      ),
    async close() {
      // A pool that is closed takes nothing more, not even from a request whose first host just failed.
      await Promise.allSettled(sending)
      await Promise.all([...byOrigin.values()].map(({ pool }) => pool.close()))
    },
  }
}

function openPool(origin: string, settings: UpstreamSettings): Pool {
  return new Pool(origin, {
    connections: settings.connections,
    // Timed by the exchange itself: here the time would not begin before a connection is free.
    headersTimeout: 0,
    // A host that does not even take connections leaves time to ask the next one.
    connect: { timeout: Math.min(CONNECT_TIMEOUT_MS, settings.firstByteTimeoutMs / 2) },
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

async function sendTo(target: Target, request: UpstreamRequest, firstByteTimeoutMs: number): Promise<UpstreamAnswer> {
  const { pool, prefix, breaker } = target
  const exchange = new UpstreamExchange(request.signal, firstByteTimeoutMs)
  try {
    request.signal.throwIfAborted()
    pool.dispatch(
      {
        method: request.method as Dispatcher.HttpMethod,
        path: prefix + request.path,
        headers: request.headers,
        body: request.body,
      },
      exchange,
    )
    const answer = await exchange.answer
    breaker.succeeded()
    return answer
  } catch (error) {
    exchange.cancel()
    // A host all of whose connections are busy is not ill.
    if (error instanceof UpstreamError && !exchange.starved) breaker.failed()
    else breaker.withdrawn()
    throw error
  }
}

/**
 * Bytes of an answer that were not taken yet; above this the upstream is not read. What was taken is of this size at
 * most, too, and so is what waits for a slow caller: together a stream stays within 256 KiB.
 */
const MOST_WAITING_BYTES = 64 * 1024
/** An answer that is needed whole is held in memory: one without an end is not. */
const MOST_WHOLE_BYTES = 64 * 1024 * 1024

/**
 * One request to an upstream and its answer, straight from the parser's callbacks: no stream object in between, which
 * would cost more than all else on this path.
 */
class UpstreamExchange implements Dispatcher.DispatchHandler, UpstreamAnswer {
  status = 0
  headers: Headers = {}
  trailers: Headers = {}
  /** Resolves when the head of the answer is here. */
  readonly answer: Promise<UpstreamAnswer>
  /** Given up because no connection was free in time: the request was never sent. */
  starved = false
  readonly #signal: AbortSignal
  readonly #late: NodeJS.Timeout
  #resolve!: (answer: UpstreamAnswer) => void
  #reject!: (error: unknown) => void
  #controller: Dispatcher.DispatchController | null = null
  #waiting: Uint8Array[] = []
  #waitingBytes = 0
  #ended = false
  #error: unknown = null
  #wake: (() => void) | null = null
  readonly #abort = () => this.#giveUp(new Error('the caller went away'))

  constructor(signal: AbortSignal, firstByteTimeoutMs: number) {
    this.#signal = signal
    this.answer = new Promise((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
    })
    // Told where it is waited for; a request may be given up before that.
    this.answer.catch(() => undefined)
    this.#signal.addEventListener('abort', this.#abort, { once: true })
    this.#late = setTimeout(() => {
      this.starved = this.#controller === null
      this.#giveUp(new UpstreamError('upstream_timeout', 'the upstream did not answer in time'))
    }, firstByteTimeoutMs)
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller
    if (this.#ended) controller.abort(new Error('given up before it was sent'))
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    status: number,
    headers: Record<string, string | string[] | undefined>,
  ): void {
    if (status < 200) return
    clearTimeout(this.#late)
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

  onResponseEnd(
    _controller: Dispatcher.DispatchController,
    trailers: Record<string, string | string[] | undefined>,
  ): void {
    this.trailers = trailers as Headers
    this.#finish()
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    if (this.#ended) return
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

  async ended(): Promise<void> {
    while (!this.#ended && this.#waitingBytes <= MOST_WAITING_BYTES) await this.#more()
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
        this.cancel()
        return { done: true, value: undefined }
      },
    }
  }

  cancel(): void {
    this.#abort()
  }

  #giveUp(error: Error): void {
    if (this.#ended) return
    this.#error = error
    this.#reject(error)
    this.#finish()
    this.#controller?.abort(error)
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
    clearTimeout(this.#late)
    this.#signal.removeEventListener('abort', this.#abort)
    this.#wake?.()
  }
}

function asUpstreamError(error: Error): Error {
  // The request could not be written: no fault of the upstream's, so its breaker does not hear of it.
  if (error instanceof errors.InvalidArgumentError) return error
  if (error instanceof errors.HTTPParserError || error instanceof errors.HeadersOverflowError)
    return new UpstreamError('upstream_invalid', 'the upstream does not answer in HTTP', { cause: error })
  return error instanceof errors.BodyTimeoutError
    ? new UpstreamError('upstream_timeout', 'the upstream did not answer in time', { cause: error })
    : new UpstreamError('upstream_unreachable', 'no connection to the upstream', { cause: error })
}
