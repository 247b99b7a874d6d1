import { type EvalRow, textOf } from '../../core/classifier/evaluation/row.ts'
import type { Judge } from '../training-ports.ts'

export const LATENCY_SIZES = [200, 1_000, 4_000, 20_000, 200_000] as const

export interface LatencyAt {
  readonly chars: number
  readonly n: number
  readonly p50Ms: number
  readonly p99Ms: number
  /** UTF-8 bytes over the time of all runs. */
  readonly mbPerSecond: number
}

/**
 * How long a verdict takes on texts of given lengths, made of the set's own texts; one at a time.
 * @param settings `budgetMs`: per length, so that a slow target is asked less often; `nowMs`: a monotone clock.
 */
export async function latencyOf(
  rows: readonly EvalRow[],
  judge: Judge,
  settings: {
    readonly sizes: readonly number[]
    readonly runs: number
    readonly budgetMs: number
    readonly nowMs: () => number
  },
): Promise<readonly LatencyAt[]> {
  const texts = rows.map(textOf).filter((text) => text !== '')
  const base = rows[0]
  if (base === undefined || texts.length === 0) return []
  const found: LatencyAt[] = []
  for (const chars of settings.sizes) {
    const times: number[] = []
    let bytes = 0
    const until = settings.nowMs() + settings.budgetMs
    for (let run = 0; run < settings.runs && (run < 3 || settings.nowMs() < until); run++) {
      const text = textFrom(texts, run * 7, chars)
      const row: EvalRow = { ...base, target: 'prompt', turns: [{ role: 'user', content: text }] }
      const started = settings.nowMs()
      const verdict = await judge.verdict(row)
      const took = settings.nowMs() - started
      if (verdict.kind !== 'scored') continue
      times.push(took)
      bytes += utf8Length(text)
    }
    if (times.length === 0) continue
    times.sort((a, b) => a - b)
    const sum = times.reduce((all, one) => all + one, 0)
    found.push({
      chars,
      n: times.length,
      p50Ms: quantile(times, 0.5),
      p99Ms: quantile(times, 0.99),
      mbPerSecond: bytes / 1e6 / Math.max(1e-9, sum / 1000),
    })
  }
  return found
}

/** The least value that so large a share of the values does not exceed. @param sorted Ascending, at least one. */
export function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(share * sorted.length) - 1))]!
}

function textFrom(texts: readonly string[], from: number, chars: number): string {
  let text = ''
  for (let i = from; text.length < chars; i++) text += `${texts[i % texts.length]!} `
  return text.slice(0, chars).toWellFormed()
}

function utf8Length(text: string): number {
  return new TextEncoder().encode(text).length
}
