import type { FeedRead } from './feed-read.ts'
import type { FeedAlarm, FeedRecord } from './ports.ts'
import type { LevelSync } from './sync.ts'

export interface FeedTimerPorts {
  /** Names of those who are pinned now. */
  partners(): Promise<readonly string[]>
  /**
   * Reads one partner. @param once Lets each alarm through when it begins, and not at every read while it goes on.
   * @param signal Aborted: ends soon, and goes on with the next run.
   */
  sync(partner: string, once: (record: FeedRecord) => FeedRecord, signal: AbortSignal): Promise<readonly LevelSync[]>
  /** 0: off. */
  readonly everyMs: number
  nowMs(): number
  /** From 0 up to 1. */
  random(): number
  report(event: string, facts: Readonly<Record<string, string | number>>): void
}

/** The first read comes this soon after the start at the latest. */
const FIRST_MS = 10_000
/** Share of the interval by which a read comes earlier or later: partners are not asked by all at once. */
const JITTER = 0.1
const GOOD: ReadonlySet<FeedRead['kind']> = new Set(['synced', 'unchanged'])

export type FeedTimer = ReturnType<typeof createFeedTimer>

/**
 * Reads the feeds of every pinned partner again and again. What fails is kept as a finding, and the rest goes on: no
 * request waits for a partner, and nothing that arrives changes what is enforced.
 */
export function createFeedTimer({ partners, sync, everyMs, nowMs, random, report }: FeedTimerPorts) {
  const reads = new Map<string, FeedRead>()
  const alarmed = new Map<string, string>()
  const stopping = new AbortController()
  /** Partners that are being read: one that does not answer holds up no other, and is not asked twice at once. */
  const active = new Map<string, Promise<void>>()
  let timer: NodeJS.Timeout | null = null
  let looking: Promise<void> = Promise.resolve()

  const once = (record: FeedRecord): FeedRecord => ({
    receipt: (receipt) => record.receipt(receipt),
    async alarm(alarm: FeedAlarm) {
      const [key, what] = [`${alarm.partner}/${alarm.level}`, `${alarm.code}: ${alarm.detail}`]
      if (alarmed.get(key) === what) return
      await record.alarm(alarm)
      alarmed.set(key, what)
    },
  })

  const note = (
    partner: string,
    { level, kind, reason, fresh }: Pick<FeedRead, 'level' | 'kind' | 'reason' | 'fresh'>,
  ) => {
    const key = `${partner}/${level}`
    const [before, good, atMs] = [reads.get(key), GOOD.has(kind), nowMs()]
    const failures = (before?.failures ?? 0) + (good ? 0 : 1)
    const goodAtMs = good ? atMs : (before?.goodAtMs ?? null)
    reads.set(key, { partner, level, atMs, kind, reason, fresh, goodAtMs, failures })
    // Told when it changes: a partner that is away for a day is one line, and not twenty-four.
    const was = before?.kind ?? 'unchanged'
    const changes = GOOD.has(was) !== good || (!good && was !== kind)
    if (changes) report(good ? 'feed.recovered' : 'feed.failing', { partner, level: level ?? '*', outcome: kind })
  }

  const read = async (partner: string) => {
    try {
      for (const one of await sync(partner, once, stopping.signal)) {
        if (stopping.signal.aborted) return
        note(partner, one)
        if (one.fresh) alarmed.delete(`${partner}/${one.level}`)
      }
      if (reads.delete(`${partner}/null`)) report('feed.recovered', { partner, level: '*', outcome: 'unchanged' })
    } catch (error) {
      const { code, name } = error as Error & { readonly code?: unknown }
      // A person reads it now: what comes of that is as good.
      if (code === 'busy') return
      const reason = String(code ?? name)
      if (!stopping.signal.aborted) note(partner, { level: null, kind: 'failed', reason, fresh: false })
    }
  }

  const round = async () => {
    let names: readonly string[] = []
    try {
      names = await partners()
    } catch (error) {
      report('feed.partners_unreadable', { fault: (error as Error).name })
    }
    // Whoever is pinned no more is shown no more.
    for (const [key, { partner }] of reads) if (!names.includes(partner)) reads.delete(key)
    for (const name of names)
      if (!stopping.signal.aborted && !active.has(name))
        active.set(
          name,
          read(name).finally(() => active.delete(name)),
        )
  }

  const after = (delayMs: number) => {
    if (stopping.signal.aborted) return
    timer = setTimeout(() => {
      looking = round().then(() => after(everyMs * (1 - JITTER + 2 * JITTER * random())))
    }, delayMs).unref()
  }

  return {
    start() {
      if (everyMs > 0) after(Math.min(everyMs, FIRST_MS) * random())
    },
    reads: (): readonly FeedRead[] => [...reads.values()],
    /** Ends what is being read. A sync that was cut goes on where it was. */
    async stop() {
      stopping.abort()
      if (timer !== null) clearTimeout(timer)
      await looking
      await Promise.all(active.values())
    },
  }
}
