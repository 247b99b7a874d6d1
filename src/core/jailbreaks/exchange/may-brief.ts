import { type Level as MetricLevel, rankOf } from '../severity/levels.ts'
import { BAND_FLOORS } from '../severity/score.ts'
import { readVector } from '../severity/vector.ts'
import { upperEnd } from './assessed.ts'
import type { JailbreakRecord } from './record.ts'
import type { Reply } from './statement.ts'
import { timeMs } from './time.ts'

/** What a briefing pack about another party's product still lacks. */
export type Missing =
  | { readonly what: 'vector' }
  /** Somebody wrote no vector that can be read, so there is no evidence grade. */
  | { readonly what: 'evidence_grade' }
  /** Nobody offered the vendor its reply, or nothing proves it. */
  | { readonly what: 'reply_slot'; readonly vendor: string }
  /** The slot is offered and has not run out. */
  | { readonly what: 'reply_time'; readonly vendor: string; readonly untilMs: number }
  /** Word of mouth only: then the vendor's own word must be there, and not its silence. */
  | { readonly what: 'vendor_reply'; readonly vendor: string }
  | { readonly what: 'withdrawn' }

export interface MayBrief {
  readonly allowed: boolean
  readonly missing: readonly Missing[]
}

const HOUR_MS = 3_600_000

/**
 * May an authority be briefed on this record? It carries a vector and its evidence grade, and of every vendor concerned
 * the reply, or proof that the slot for one was offered: 24 h; 4 h where it could be Critical; none where the law
 * compels, which is then in the record. Evidence of grade D needs both, reply and slot, unless the law compels.
 *
 * @param replies Statements of kind `reply` that are known; those about other objects do not count.
 */
export function mayBrief(record: JailbreakRecord, replies: readonly Reply[], nowMs: number): MayBrief {
  const missing: Missing[] = record.withdrawn === null ? [] : [{ what: 'withdrawn' }]
  if (record.assessments.length === 0) missing.push({ what: 'vector' })
  const grade = bestGrade(record)
  if (grade === null) missing.push({ what: 'evidence_grade' })
  const own = replies.filter(({ about }) => about.id === record.id)
  for (const vendor of othersProducts(record)) {
    const lack = lackingOf(vendor, record, own, grade, nowMs)
    missing.push(...lack)
  }
  return { allowed: missing.length === 0, missing }
}

function lackingOf(
  vendor: string,
  record: JailbreakRecord,
  replies: readonly Reply[],
  grade: MetricLevel<'CF'> | null,
  nowMs: number,
): readonly Missing[] {
  const compelled = record.disclosure.authorities.some(({ ground }) => ground.startsWith('law:'))
  const replied = replies.some(({ by }) => by === vendor)
  const offered = record.disclosure.reply_offered ?? null
  const offeredMs = offered === null ? null : timeMs(offered.at)
  const slotNeeded = !replied || (grade === 'D' && !compelled)
  const lack: Missing[] = []
  if (slotNeeded && offeredMs === null) lack.push({ what: 'reply_slot', vendor })
  if (!replied && offeredMs !== null) {
    const untilMs = offeredMs + (compelled ? 0 : (couldBeCritical(record) ? 4 : 24) * HOUR_MS)
    if (nowMs < untilMs) lack.push({ what: 'reply_time', vendor, untilMs })
  }
  if (!replied && grade === 'D' && !compelled) lack.push({ what: 'vendor_reply', vendor })
  return lack
}

/** Best evidence grade of the assessments, or null: none that can be read. */
export function bestGrade(record: JailbreakRecord): MetricLevel<'CF'> | null {
  const grades = record.assessments.flatMap(({ vector }) => {
    const read = readVector(vector)
    return 'code' in read ? [] : [read.CF]
  })
  return grades.sort((a, b) => rankOf('CF', a) - rankOf('CF', b))[0] ?? null
}

/** Could any assessment, at its upper end, be Critical? */
function couldBeCritical(record: JailbreakRecord): boolean {
  return record.assessments.some((one) => upperEnd(one) >= BAND_FLOORS.Critical)
}

/** Vendors of the affected models, the reporter itself left out: about one's own product one may say what one likes. */
function othersProducts(record: JailbreakRecord): readonly string[] {
  const vendors = record.affected.map(({ model }) => model.vendor)
  return [...new Set(vendors)].filter((vendor) => vendor !== record.reporter.org)
}
