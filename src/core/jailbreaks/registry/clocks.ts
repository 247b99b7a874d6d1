import { isContainment } from '../severity/prescribe.ts'
import { BAND_FLOORS } from '../severity/score.ts'
import { readVector } from '../severity/vector.ts'
import type { Case } from './case.ts'
import type { CaseState, Headline, RegistryRules } from './standing.ts'

export const CLOCK_KINDS = [
  'acknowledge',
  'notify_vendor',
  'vendor_reply',
  'reproduce',
  'contain',
  'fix',
  'embargo',
  'withdrawal_answer',
  'statutory',
] as const
export type ClockKind = (typeof CLOCK_KINDS)[number]

/** One clock of a case. Past due and not met it is overdue, and never closes by itself. */
export interface Clock {
  readonly kind: ClockKind
  /** Name of the statutory clock, or of the statement; null otherwise. */
  readonly name: string | null
  readonly sinceMs: number
  readonly dueMs: number
  readonly metMs: number | null
  /** `ended` is for what is not owed by anybody: an embargo that is over. */
  readonly state: 'running' | 'met' | 'late' | 'overdue' | 'ended'
}

export const HOUR_MS = 3_600_000
export const DAY_MS = 24 * HOUR_MS

export const ACKNOWLEDGE_H = 24
export const ACKNOWLEDGE_HIGH_H = 4
export const REPLY_H = 24
export const REPLY_CRITICAL_H = 4
export const EMBARGO_DAYS = 90
export const AFTER_FIX_DAYS = 14
export const MOST_EXTENSION_DAYS = 30
export const WITHDRAWAL_ANSWER_DAYS = 14

/** All clocks of a case, the soonest that still runs first. */
export function clocksOf(one: Case, state: CaseState, rules: RegistryRules, nowMs: number): readonly Clock[] {
  if (one.withdrawn !== null) return []
  const owed = (kind: ClockKind, name: string | null, sinceMs: number, dueMs: number, metMs: number | null): Clock => ({
    ...{ kind, name, sinceMs, dueMs, metMs },
    state: metMs === null ? (nowMs > dueMs ? 'overdue' : 'running') : metMs > dueMs ? 'late' : 'met',
  })
  const { vendorAtMs, reproduceAtMs, containAtMs, fixAtMs } = state.prescription.deadline
  const from = one.reportedAtMs
  const contained = one.response !== null && isContainment(one.response.action) ? one.response.atMs : null
  const maybe = (dueMs: number | null, kind: ClockKind, metMs: number | null) =>
    dueMs === null ? [] : [owed(kind, null, from, dueMs, metMs)]
  const offered = one.vendor.replyOffered
  const replied = one.statements.find(({ kind }) => kind === 'reply')?.atMs ?? null
  const embargo = embargoEnds(one)
  const all: Clock[] = [
    owed('acknowledge', null, from, from + acknowledgeH(state) * HOUR_MS, one.acknowledged?.atMs ?? null),
    ...maybe(vendorAtMs, 'notify_vendor', one.vendor.notifiedAtMs),
    ...(offered === null
      ? []
      : [owed('vendor_reply', one.vendor.org, offered.atMs, replyUntilMs(one, state)!, replied)]),
    ...maybe(reproduceAtMs, 'reproduce', reproducedAtMs(one, rules.self)),
    ...maybe(containAtMs, 'contain', contained),
    ...maybe(fixAtMs, 'fix', one.fixed?.atMs ?? null),
    {
      ...{ kind: 'embargo', name: null, sinceMs: from, dueMs: embargo, metMs: null },
      state: nowMs >= embargo ? 'ended' : 'running',
    },
    ...one.statements.flatMap((each) =>
      each.kind === 'withdrawal_request'
        ? [
            owed(
              'withdrawal_answer',
              each.id,
              each.atMs,
              each.atMs + WITHDRAWAL_ANSWER_DAYS * DAY_MS,
              each.answeredAtMs,
            ),
          ]
        : [],
    ),
    ...one.clocks.flatMap(({ clock, sinceMs, metAtMs }) => {
      const known = Object.hasOwn(rules.table.clocks, clock) ? rules.table.clocks[clock]! : null
      return known === null ? [] : [owed('statutory', clock, sinceMs, sinceMs + known.withinH * HOUR_MS, metAtMs)]
    }),
  ]
  const order = { overdue: 0, running: 1, late: 2, met: 3, ended: 4 } as const
  return all.sort((a, b) => order[a.state] - order[b.state] || a.dueMs - b.dueMs)
}

/** What could be High is answered as if it were. Nothing assessed yet is not High. */
export function acknowledgeH({ cells, headline }: CaseState): number {
  const high = cells.length > 0 && highestOf(headline) >= BAND_FLOORS.High
  return high ? ACKNOWLEDGE_HIGH_H : ACKNOWLEDGE_H
}

/** Until when the vendor's reply is waited for; null where the slot was not offered. */
export function replyUntilMs({ vendor }: Case, { cells, headline }: CaseState): number | null {
  if (vendor.replyOffered === null) return null
  const critical = cells.length > 0 && highestOf(headline) >= BAND_FLOORS.Critical
  const hours = vendor.replyOffered.compelledBy !== null ? 0 : critical ? REPLY_CRITICAL_H : REPLY_H
  return vendor.replyOffered.atMs + hours * HOUR_MS
}

/**
 * When the reporter may publish: 90 days after the report, more by the vendor's one extension; 14 days after a fix where
 * that is sooner; and from the moment that use was observed.
 */
export function embargoEnds({ reportedAtMs, vendor, fixed, assessments }: Case): number {
  const used = assessments.flatMap(({ vector, atMs }) => {
    const read = readVector(vector)
    return !('code' in read) && read.DI === 'W' ? [atMs] : []
  })
  return Math.min(
    reportedAtMs + (EMBARGO_DAYS + Math.min(vendor.extension?.days ?? 0, MOST_EXTENSION_DAYS)) * DAY_MS,
    ...(fixed === null ? [] : [fixed.atMs + AFTER_FIX_DAYS * DAY_MS]),
    ...used,
  )
}

/** When somebody else than the reporter first filed measured numbers, or this organisation did. */
function reproducedAtMs({ assessments, reporter }: Case, self: string): number | null {
  const own = assessments.find(
    ({ by, measured }) => measured !== null && measured.uplift !== null && (by !== reporter.org || by === self),
  )
  return own?.atMs ?? null
}

/** What counts for a clock: the upper end, the number where it is only asserted, or what it could at most be. */
function highestOf({ interval, tenths, upper }: Headline): number {
  return interval?.[1] ?? tenths ?? upper
}
