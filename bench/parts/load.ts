import { setTimeout as sleep } from 'node:timers/promises'
import { Pool } from 'undici'
import { LAST_WORDS } from './shapes.ts'

export interface Load {
  readonly port: number
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  /** The body of the n-th request: no two are equal, since a gateway may remember what it has seen. */
  readonly body: (n: number) => string
  readonly connections: number
  /** It ends at this many requests or after this many seconds, whichever comes first. */
  readonly total: number
  readonly seconds: number
  /** Mean pause of each connection between an answer and its next request; 0 for none. */
  readonly pauseMs: number
}

export interface LoadResult {
  readonly requests: number
  readonly errors: number
  /** The first error, in words. */
  readonly fault: string | null
  readonly seconds: number
  /** Sorted, milliseconds: whole answers, and first chunks. */
  readonly latenciesMs: readonly number[]
  readonly firstChunkMs: readonly number[]
}

const lastWords = Buffer.from(LAST_WORDS)

/** Requests over keep-alive connections on loopback, closed loop, bounded in count and time. */
export async function load(settings: Load): Promise<LoadResult> {
  const { connections, total, pauseMs, path } = settings
  const pool = new Pool(`http://127.0.0.1:${settings.port}`, {
    connections,
    headersTimeout: 10_000,
    bodyTimeout: 10_000,
  })
  const latenciesMs: number[] = []
  const firstChunkMs: number[] = []
  let [sent, errors] = [0, 0]
  let fault: string | null = null
  const started = performance.now()
  const worker = async (_: unknown, index: number) => {
    // Apart from each other, and the same in every round.
    if (pauseMs > 0) await sleep((pauseMs * index) / connections)
    for (let turn = index; sent < total && performance.now() - started < settings.seconds * 1000; turn++) {
      const body = settings.body(sent++)
      const began = performance.now()
      try {
        const answer = await pool.request({ method: 'POST', path, headers: settings.headers, body })
        const chunks: Buffer[] = []
        for await (const chunk of answer.body) {
          if (chunks.length === 0) firstChunkMs.push(performance.now() - began)
          chunks.push(chunk as Buffer)
        }
        latenciesMs.push(performance.now() - began)
        const bytes = chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks)
        if (answer.statusCode !== 200 || !bytes.includes(lastWords))
          throw new Error(`status ${answer.statusCode}: ${bytes.toString('utf8', 0, 120)}`)
      } catch (error) {
        errors++
        fault ??= (error as Error).message
      }
      if (pauseMs > 0) await sleep(pauseMs * (0.5 + (turn % 5) / 4))
    }
  }
  await Promise.all(Array.from({ length: connections }, worker))
  const seconds = (performance.now() - started) / 1000
  await pool.close()
  const sorted = (values: number[]) => values.sort((a, b) => a - b)
  const result = { requests: sent, errors, fault, seconds }
  return { ...result, latenciesMs: sorted(latenciesMs), firstChunkMs: sorted(firstChunkMs) }
}

export function quantile(sorted: readonly number[], q: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? Number.NaN
}

export function median(values: readonly number[]): number {
  return quantile(
    [...values].sort((a, b) => a - b),
    0.5,
  )
}
