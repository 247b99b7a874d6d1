import type { CollateralReport } from '../core/safeguards/collateral/report.ts'
import {
  type BurnDown,
  type BurnDownTarget,
  burnDown,
  type DayRollup,
  type QualityLoss,
  type Usefulness,
  usefulness,
} from '../core/safeguards/usefulness.ts'
import type { LabelledDecision } from './label-ports.ts'
import type { Store } from './ports.ts'
import type { DayCount } from './replay-ports.ts'
import { acts } from './traffic.ts'

export const USEFULNESS_BY = ['segment', 'org', 'surface'] as const
export type UsefulnessBy = (typeof USEFULNESS_BY)[number]

/** What safeguards leave of ordinary use over a stretch of days, and where false positives stand against their target. */
export interface UsefulnessReport {
  readonly days: number
  readonly by: UsefulnessBy
  /** All traffic first, then worst hit first. */
  readonly rows: readonly Usefulness[]
  /** Interventions that people looked at, and those of them that hit legitimate work. */
  readonly reviewed: { readonly interventions: number; readonly reviewed: number; readonly falsePositives: number }
  /** Null: no target is set. */
  readonly burnDown: BurnDown | null
  /** What a diverted request loses, and the report that measured it; null: nobody has. */
  readonly quality: (QualityLoss & { readonly source: string }) | null
}

export interface UsefulnessQuestion {
  readonly days: number
  readonly by: UsefulnessBy
  readonly target: BurnDownTarget | null
  /** Null: that of the newest report that measured it. */
  readonly quality: QualityLoss | null
}

type Stores = Pick<Store, 'dayCounts' | 'sessions' | 'sessionsBy' | 'labelledDecisions' | 'reports' | 'report'>

const DAY_MS = 86_400_000
/** Reports that are looked into for a measured quality, newest first. */
const MOST_REPORTS = 20

/** Reads counts, labels and reports of the store. */
export async function usefulnessReport(
  { days, by, target, quality }: UsefulnessQuestion,
  store: Stores,
  nowMs: number,
): Promise<UsefulnessReport> {
  const [sinceMs, untilMs] = [nowMs - days * DAY_MS, nowMs + 1]
  const [counts, all, each, labelled, measured] = await Promise.all([
    store.dayCounts(sinceMs, untilMs, by),
    store.sessions(sinceMs, untilMs),
    store.sessionsBy(sinceMs, untilMs, by),
    store.labelledDecisions(sinceMs, untilMs),
    quality === null ? measuredQuality(store) : { ...quality, source: 'given' },
  ])
  const rollups = withLabels(counts, labelled, by)
  const sessions = { all, of: new Map(each.map((one) => [one.name, one])) }
  const sum = (of: keyof Pick<DayRollup, 'diverted' | 'refused' | 'reviewed' | 'falsePositives'>) =>
    rollups.reduce((total, one) => total + one[of], 0)
  return {
    ...{ days, by, rows: usefulness(rollups, sessions, measured), quality: measured },
    reviewed: {
      interventions: sum('diverted') + sum('refused'),
      ...{ reviewed: sum('reviewed'), falsePositives: sum('falsePositives') },
    },
    burnDown: target === null ? null : burnDown(rollups, target),
  }
}

/**
 * Counts with what people said of the interventions in them. Whoever is unsure has not reviewed. Requests that people call
 * harmful are taken out: to refuse them is no loss.
 */
export function withLabels(
  counts: readonly DayCount[],
  labelled: readonly LabelledDecision[],
  by: UsefulnessBy,
): readonly DayRollup[] {
  const key = (startMs: number, name: string) => `${startMs} ${name}`
  const said = Map.groupBy(
    labelled.filter(({ would, label }) => acts(would) && label !== 'unsure'),
    (one) => key(one.atMs - (one.atMs % DAY_MS), one[by]),
  )
  return counts.map(({ startMs, name, requests, diverted, refused }) => {
    const own = said.get(key(startMs, name)) ?? []
    const harmful = own.filter(({ label }) => label === 'harmful')
    const harmfulDiverted = harmful.filter(({ would }) => would === 'fall_back').length
    return {
      ...{ day: new Date(startMs).toISOString().slice(0, 10), segment: name },
      requests: requests - harmful.length,
      diverted: diverted - harmfulDiverted,
      refused: refused - (harmful.length - harmfulDiverted),
      ...{ reviewed: own.length, falsePositives: own.length - harmful.length },
    }
  })
}

/** Loss of quality as the newest report measured it that did. */
async function measuredQuality(
  store: Pick<Store, 'reports' | 'report'>,
): Promise<(QualityLoss & { source: string }) | null> {
  for (const { id } of await store.reports(MOST_REPORTS)) {
    const text = await store.report(id)
    if (text === null) continue
    const { quality } = (JSON.parse(text) as CollateralReport).diverted
    if (quality === null) continue
    const { change, lo, hi } = quality
    const loss = (value: number) => Math.min(1, Math.max(0, -value))
    return { value: loss(change), lo: loss(hi), hi: loss(lo), source: id }
  }
  return null
}
