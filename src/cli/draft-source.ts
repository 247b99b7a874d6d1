import type { Segment } from '../core/base/segments.ts'
import type { Policy } from '../core/policy/policy.ts'
import type { Receipt } from '../core/policy/receipt.ts'
import { type Draft, DraftCorpus, type DraftExchange, type DraftScore } from '../jobs/draft-corpus.ts'
import type { Store } from '../jobs/ports.ts'
import type { Kept } from './inspect-kept.ts'

export interface DraftSource {
  /** The first numbers within about a second and a half; asked again, the same draft goes on. */
  score(draft: Draft): Promise<DraftScore>
}

export interface DraftSourcePorts {
  readonly store: Pick<Store, 'decisions' | 'count'>
  /** What enforces now. */
  policy(): Policy
  kept(receipt: Receipt): Promise<Kept | null>
  segmentOf(receipt: Receipt): Segment
  nowMs(): number
  report(event: string, facts: Readonly<Record<string, string | number>>): void
}

const WINDOW_MS = 30 * 86_400_000
const ANSWER_WITHIN_MS = 1500
/** The store's thread does other work in between. */
const SLICE_MS = 40
const PAGE = 500
/** Exchanges and characters held at most: beyond, the newest ones stand for the rest. */
const MOST_EXCHANGES = 100_000
const MOST_CHARACTERS = 200_000_000
/** Receipts reach the store in batches: so far back one may have come late. */
const LATE_MS = 600_000

/** Kept exchanges of the last 30 days for drafts: read in the background from the first draft on, newest first. */
export function openDrafts(ports: DraftSourcePorts): DraftSource {
  const corpus = new DraftCorpus(ports.policy(), () => performance.now(), Math.random)
  const seen = new Set<string>()
  let loaded = false
  let newestMs = 0
  let loading: Promise<void> | null = null

  async function load(): Promise<void> {
    const sinceMs = ports.nowMs() - WINDOW_MS
    corpus.expire(sinceMs)
    const untilSeenMs = loaded ? newestMs - LATE_MS : sinceMs
    for (let cursor: string | null = null; ; ) {
      const page = await ports.store.decisions({ sinceMs: Math.max(sinceMs, untilSeenMs) }, PAGE, cursor)
      for (const { receipt } of page.items) {
        newestMs = Math.max(newestMs, receipt.atMs)
        if (seen.has(receipt.id) || !receipt.contentKept) continue
        if (corpus.size >= MOST_EXCHANGES || corpus.characters >= MOST_CHARACTERS) return
        const kept = await ports.kept(receipt)
        if (kept === null) continue
        seen.add(receipt.id)
        corpus.add(exchangeOf(receipt, kept, ports.segmentOf(receipt)))
      }
      cursor = page.next
      if (cursor === null) return
      await new Promise((resolve) => setImmediate(resolve))
    }
  }

  function refresh(): Promise<void> {
    loading ??= load()
      .then(() => {
        loaded = true
      })
      .catch((error: Error) => ports.report('drafts.load_failed', { fault: error.name }))
      .finally(() => {
        loading = null
      })
    return loading
  }

  return {
    async score(draft) {
      const started = performance.now()
      corpus.compareWith(ports.policy())
      const refreshed = refresh()
      // What is new is soon there; what is long in coming is not waited for.
      await Promise.race([refreshed, new Promise((resolve) => setTimeout(resolve, loaded ? 200 : 600))])
      const kept = loaded ? corpus.size : await ports.store.count({ sinceMs: ports.nowMs() - WINDOW_MS })
      for (;;) {
        const score = corpus.score(draft, SLICE_MS, kept)
        const tookMs = performance.now() - started
        if (score.complete || score.exchanges === corpus.size || tookMs >= ANSWER_WITHIN_MS) return { ...score, tookMs }
        await new Promise((resolve) => setImmediate(resolve))
      }
    },
  }
}

function exchangeOf(receipt: Receipt, { exchange, answer }: Kept, segment: Segment): DraftExchange {
  const asked = exchange.turns.flatMap(({ parts }, turn) =>
    parts.flatMap((part) => {
      if (part.kind !== 'text') return []
      const place = { part: part.place, trust: part.trust, turn, newest: turn >= exchange.newestFrom }
      return [{ stage: 'input' as const, place, text: part.text }]
    }),
  )
  const place = { part: 'assistant', trust: 'untrusted', turn: -1, newest: true } as const
  return {
    ...{ id: receipt.id, org: receipt.org, segment, language: receipt.lang, atMs: receipt.atMs },
    texts: answer === '' ? asked : [...asked, { stage: 'output', place, text: answer }],
    steps: receipt.steps.map(({ input }) => input),
  }
}
