import { BAND_FLOORS } from '../severity/score.ts'
import { readVector } from '../severity/vector.ts'
import { upperEnd } from './assessed.ts'
import type { JailbreakRecord } from './record.ts'
import { timeMs } from './time.ts'

/** One clock of a record's disclosure. Not met and past due is overdue, and never closes by itself. */
export interface DisclosureClock {
  /** `acknowledge` by the vendor, `publish` by the reporter, or the name of a statutory rule. */
  readonly rule: string
  readonly dueMs: number
  readonly metMs: number | null
  readonly overdue: boolean
}

/** Hours and days of §8, kept together because an operator's agreements may say other ones. */
export interface DisclosureRules {
  readonly acknowledgeH: number
  readonly acknowledgeHighH: number
  readonly publishDays: number
  readonly publishAfterFixDays: number
  readonly mostExtensionDays: number
}

export const DISCLOSURE_RULES: DisclosureRules = {
  acknowledgeH: 24,
  acknowledgeHighH: 4,
  publishDays: 90,
  publishAfterFixDays: 14,
  mostExtensionDays: 30,
}

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

/**
 * When the vendor's acknowledgement is due, and every statutory clock of the record. Severity is taken at the upper end:
 * what could be High is answered as if it were.
 */
export function disclosureClocks(
  record: JailbreakRecord,
  nowMs: number,
  rules: DisclosureRules = DISCLOSURE_RULES,
): readonly DisclosureClock[] {
  const { reported_to_vendor, vendor_ack, clocks } = record.disclosure
  const reportedMs = reported_to_vendor === null ? null : timeMs(reported_to_vendor)
  const high = record.assessments.some((one) => upperEnd(one) >= BAND_FLOORS.High)
  const own =
    reportedMs === null
      ? []
      : [
          clock(
            'acknowledge',
            reportedMs + (high ? rules.acknowledgeHighH : rules.acknowledgeH) * HOUR_MS,
            vendor_ack,
            nowMs,
          ),
        ]
  const statutory = clocks.flatMap(({ rule, due, met }) => {
    const dueMs = timeMs(due)
    return dueMs === null ? [] : [clock(rule, dueMs, met, nowMs)]
  })
  return [...own, ...statutory]
}

/**
 * When the reporter may publish, milliseconds since 1970: 90 days after the report, more by the vendor's one extension;
 * or 14 days after a fix, where that is earlier; at once when use was observed (0). Null: never reported, so no clock runs.
 */
export function mayPublishAtMs(record: JailbreakRecord, rules: DisclosureRules = DISCLOSURE_RULES): number | null {
  const used = record.assessments.some(({ vector }) => {
    const read = readVector(vector)
    return !('code' in read) && read.DI === 'W'
  })
  if (used) return 0
  const { reported_to_vendor, fixed_at, extension } = record.disclosure
  const reportedMs = reported_to_vendor === null ? null : timeMs(reported_to_vendor)
  const fixedMs = fixed_at == null ? null : timeMs(fixed_at)
  const more = Math.min(extension?.days ?? 0, rules.mostExtensionDays)
  const ends = [
    ...(reportedMs === null ? [] : [reportedMs + (rules.publishDays + more) * DAY_MS]),
    ...(fixedMs === null ? [] : [fixedMs + rules.publishAfterFixDays * DAY_MS]),
  ]
  return ends.length === 0 ? null : Math.min(...ends)
}

/** When a publisher's answer to a request for withdrawal is due. @param atMs Of the request. */
export function withdrawalAnswerDueMs(atMs: number): number {
  return atMs + 14 * DAY_MS
}

function clock(rule: string, dueMs: number, met: string | null, nowMs: number): DisclosureClock {
  const metMs = met === null ? null : timeMs(met)
  return { rule, dueMs, metMs, overdue: metMs === null ? nowMs > dueMs : metMs > dueMs }
}
