import { setTimeout as sleep } from 'node:timers/promises'
import { Pool } from 'undici'
import type { Opinion, Unavailable } from '../../gateway/ports.ts'
import { Breaker, type BreakerSettings, RetryBudget } from '../upstream/breaker.ts'

export interface CallSettings {
  /** Base URL, with or without a trailing `/v1`. */
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  /** After so long the same question is asked a second time; null never. */
  readonly hedgeAfterMs: number | null
  readonly breaker: BreakerSettings
}

/** What an answer's JSON says; null where it does not speak the protocol at all. */
export type Read = (json: unknown) => Opinion | null

export interface DetectorCalls {
  /** @param signal Aborted with a `TimeoutError` when the detector's own budget is spent. */
  post(path: string, body: unknown, read: Read, signal: AbortSignal): Promise<Opinion>
  readonly state: Breaker['state']
  close(): Promise<void>
}

/** A verdict is a few hundred bytes; a table of scores a few thousand. */
const MOST_BYTES = 256 * 1024
const CONNECTIONS = 32
/** A second call at most for one in ten, and none saved up: a detector that is slow must not get twice the load. */
const HEDGE_SHARE = 0.1

/**
 * Questions to one remote detector. Redirects are not followed: neither the credential nor the text goes to a host that
 * was not configured.
 */
export function openCalls(settings: CallSettings): DetectorCalls {
  const { origin, pathname } = new URL(settings.url)
  const prefix = pathname.replace(/\/+$/, '').replace(/\/v1$/, '')
  const pool = new Pool(origin, { connections: CONNECTIONS, pipelining: 1 })
  const breaker = new Breaker(settings.breaker, () => performance.now())
  const hedges = new RetryBudget(HEDGE_SHARE, 1)
  hedges.take()

  const attempt = async (path: string, body: string, read: Read, signal: AbortSignal): Promise<Outcome> => {
    try {
      const reply = await pool.request({ method: 'POST', path, headers: settings.headers, body, signal })
      if (reply.statusCode !== 200) {
        reply.body.on('error', () => undefined).destroy()
        return { opinion: unavailable('status'), ill: !QUESTIONED.has(reply.statusCode) }
      }
      const chunks: Buffer[] = []
      let bytes = 0
      for await (const chunk of reply.body as AsyncIterable<Buffer>) {
        bytes += chunk.length
        if (bytes > MOST_BYTES) return { opinion: unavailable('invalid'), ill: true }
        chunks.push(chunk)
      }
      const opinion = read(JSON.parse(utf8.decode(Buffer.concat(chunks))))
      return opinion === null ? { opinion: unavailable('invalid'), ill: true } : { opinion, ill: false }
    } catch (error) {
      if (signal.aborted) return { opinion: unavailable('timeout'), ill: isTimeout(signal) }
      const garbled = error instanceof SyntaxError || error instanceof TypeError
      return { opinion: unavailable(garbled ? 'invalid' : 'unreachable'), ill: true }
    }
  }

  return {
    get state() {
      return breaker.state
    },
    async post(path, body, read, signal) {
      if (!breaker.admits()) return unavailable('breaker_open')
      hedges.request()
      const over = new AbortController()
      const both = AbortSignal.any([signal, over.signal])
      const text = JSON.stringify(body)
      const again = () => attempt(prefix + path, text, read, both)
      try {
        const mayHedge = () => breaker.state === 'closed' && !both.aborted && hedges.take()
        const outcome = await hedged(again, settings.hedgeAfterMs, mayHedge, both)
        if (signal.aborted && !isTimeout(signal)) breaker.withdrawn()
        else if (outcome.ill) breaker.failed()
        else breaker.succeeded()
        return outcome.opinion
      } finally {
        // The loser of a hedge has nothing more to say.
        over.abort()
      }
    },
    close: () => pool.close(),
  }
}

interface Outcome {
  readonly opinion: Opinion
  /** Whether it speaks against the host, and not only against this question. */
  readonly ill: boolean
}

/** What a host may say of one question while it is well: else whoever writes such a question could open the breaker. */
const QUESTIONED: ReadonlySet<number> = new Set([400, 413, 422])

/** The first opinion of one call, or of two where the first is slow; a failure only where both have failed. */
async function hedged(
  attempt: () => Promise<Outcome>,
  afterMs: number | null,
  mayHedge: () => boolean,
  signal: AbortSignal,
): Promise<Outcome> {
  const first = attempt()
  if (afterMs === null) return first
  const waiting = new AbortController()
  const slow = sleep(afterMs, null, { signal: AbortSignal.any([signal, waiting.signal]) }).catch(() => null)
  const early = await Promise.race([first, slow])
  waiting.abort()
  if (early !== null || !mayHedge()) return first
  const calls = [first, attempt()]
  const answered = calls.map(async (call) => {
    const outcome = await call
    if (outcome.opinion.kind === 'unavailable') throw new Error('no opinion')
    return outcome
  })
  return Promise.any(answered).catch(() => first)
}

const utf8 = new TextDecoder('utf-8', { fatal: true })

/** Whether the detector's own budget is what ran out. */
export function isTimeout({ reason }: AbortSignal): boolean {
  return (reason as { name?: unknown } | undefined)?.name === 'TimeoutError'
}

export function unavailable(code: Unavailable): Extract<Opinion, { kind: 'unavailable' }> {
  return { kind: 'unavailable', code }
}
