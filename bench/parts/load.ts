import { Pool } from 'undici'

export interface LoadResult {
  readonly requests: number
  readonly errors: number
  readonly seconds: number
  /** Sorted latencies in milliseconds: whole answers, and first chunks. */
  readonly latenciesMs: readonly number[]
  readonly firstChunkMs: readonly number[]
}

/** `total` requests over `connections` keep-alive connections, closed loop. Loopback only, bounded in count. */
export async function load(port: number, body: string, connections: number, total: number): Promise<LoadResult> {
  const pool = new Pool(`http://127.0.0.1:${port}`, { connections })
  const headers = { 'content-type': 'application/json', 'x-api-key': 'bench', 'anthropic-version': '2023-06-01' }
  const latenciesMs: number[] = []
  const firstChunkMs: number[] = []
  let sent = 0
  let errors = 0
  const worker = async () => {
    while (sent < total) {
      sent++
      const started = performance.now()
      try {
        const answer = await pool.request({ method: 'POST', path: '/v1/messages', headers, body })
        let first = true
        for await (const _ of answer.body) {
          if (first) firstChunkMs.push(performance.now() - started)
          first = false
        }
        if (answer.statusCode !== 200) errors++
      } catch {
        errors++
      }
      latenciesMs.push(performance.now() - started)
    }
  }
  const started = performance.now()
  await Promise.all(Array.from({ length: connections }, worker))
  const seconds = (performance.now() - started) / 1000
  await pool.close()
  const sorted = (values: number[]) => values.sort((a, b) => a - b)
  return { requests: total, errors, seconds, latenciesMs: sorted(latenciesMs), firstChunkMs: sorted(firstChunkMs) }
}

export function quantile(sorted: readonly number[], q: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? Number.NaN
}
