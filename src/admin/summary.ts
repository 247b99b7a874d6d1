import { clopperPearson } from '../core/base/intervals.ts'
import { ACTIONS, type Action, rank } from '../core/policy/policy.ts'
import type { ActionBucket } from '../jobs/listing-ports.ts'
import type { Store } from '../jobs/ports.ts'
import type { Share, Summary } from './contract.ts'

const MINUTE = 60_000

/** Window of the home page, and how wide its bars are. */
export const WINDOWS: Readonly<Record<string, { readonly ms: number; readonly bucketMs: number }>> = {
  '15m': { ms: 15 * MINUTE, bucketMs: 5_000 },
  '1h': { ms: 60 * MINUTE, bucketMs: MINUTE },
  '24h': { ms: 24 * 60 * MINUTE, bucketMs: 15 * MINUTE },
  '7d': { ms: 7 * 24 * 60 * MINUTE, bucketMs: 120 * MINUTE },
  '30d': { ms: 30 * 24 * 60 * MINUTE, bucketMs: 480 * MINUTE },
}

/** A share with its exact two-sided 95 % interval. */
export function shareOf(k: number, n: number): Share {
  if (n === 0) return { k, n, share: null, lo: null, hi: null }
  const { lo, hi } = clopperPearson(k, n, 0.95)
  return { k, n, share: k / n, lo, hi }
}

/** Traffic by action over one window, from the store's counts. */
export async function summarise(
  store: Store,
  window: { ms: number; bucketMs: number },
  nowMs: number,
): Promise<Summary> {
  const { ms, bucketMs } = window
  const untilMs = Math.ceil((nowMs + 1) / bucketMs) * bucketMs
  const sinceMs = untilMs - ms
  const [buckets, sessions, bins] = await Promise.all([
    store.actions(sinceMs, untilMs, bucketMs),
    store.sessions(sinceMs, untilMs),
    store.overheads(sinceMs, untilMs),
  ])
  const slots = Math.round(ms / bucketMs)
  const totals = new Array<number>(slots).fill(0)
  const series = new Map(ACTIONS.map((action) => [action, new Array<number>(slots).fill(0)]))
  let requests = 0
  for (const { startMs, would, requests: n } of buckets) {
    const slot = Math.floor((startMs - sinceMs) / bucketMs)
    if (slot < 0 || slot >= slots) continue
    totals[slot]! += n
    series.get(would)![slot]! += n
    requests += n
  }
  const touched = sumWhere(buckets, ({ would }) => rank(would) > rank('flag'))
  return {
    sinceMs,
    untilMs,
    bucketMs,
    requests,
    sessions: sessions.sessions,
    touchedRequests: shareOf(touched, requests),
    touchedSessions: shareOf(sessions.touched, sessions.sessions),
    byAction: ACTIONS.map((action) => ({
      action,
      share: shareOf(
        sumWhere(buckets, (bucket) => bucket.would === action),
        requests,
      ),
      series: series.get(action)!,
    })),
    would: wouldHaveBeen(buckets, requests),
    totals,
    overhead: overheadOf(bins),
  }
}

/** What observe let pass and enforce would not: per category and action above `flag`, most first. */
function wouldHaveBeen(buckets: readonly ActionBucket[], requests: number): Summary['would'] {
  const counts = new Map<string, { category: string; action: Action; requests: number }>()
  for (const { action, would, category, requests: n } of buckets) {
    if (rank(would) <= rank('flag') || rank(action) > rank('flag')) continue
    const key = `${category} ${would}`
    const row = counts.get(key) ?? { category: category ?? 'none', action: would, requests: 0 }
    counts.set(key, { ...row, requests: row.requests + n })
  }
  const rows = [...counts.values()].map((row) => ({ ...row, share: shareOf(row.requests, requests) }))
  return rows.sort((a, b) => b.requests - a.requests)
}

function overheadOf(bins: readonly { readonly bin: number; readonly requests: number }[]): Summary['overhead'] {
  const sorted = [...bins].sort((a, b) => a.bin - b.bin)
  const n = sorted.reduce((sum, { requests }) => sum + requests, 0)
  return {
    n,
    p50Us: quantile(sorted, n, 0.5),
    p90Us: quantile(sorted, n, 0.9),
    p99Us: quantile(sorted, n, 0.99),
    bins: sorted.map(({ bin, requests }) => ({ fromUs: 2 ** (bin / 2), toUs: 2 ** ((bin + 1) / 2), requests })),
  }
}

/** Quantile within its bin, by the bin's log scale: no finer than the bins, and no coarser. */
function quantile(
  bins: readonly { readonly bin: number; readonly requests: number }[],
  n: number,
  q: number,
): number | null {
  let below = 0
  for (const { bin, requests } of bins) {
    if (below + requests >= q * n && requests > 0) return 2 ** ((bin + (q * n - below) / requests) / 2)
    below += requests
  }
  return null
}

function sumWhere(buckets: readonly ActionBucket[], test: (bucket: ActionBucket) => boolean): number {
  return buckets.reduce((sum, bucket) => sum + (test(bucket) ? bucket.requests : 0), 0)
}
