import { timeMs } from '../exchange/time.ts'
import { RegistryError } from './errors.ts'
import { faultsOf, reading } from './reader.ts'

/** Somebody who is on duty for a time. */
export interface Shift {
  readonly person: string
  /** How the person is reached: an address of the desk, not of one person's life. */
  readonly contact: string
  readonly fromMs: number
  readonly untilMs: number
}

/** Who answers when. Where no shift holds, `otherwise` does; null: then nobody, and the page says so. */
export interface Roster {
  readonly shifts: readonly Shift[]
  readonly otherwise: { readonly person: string; readonly contact: string } | null
}

export const NO_ROSTER: Roster = { shifts: [], otherwise: null }

/** A test of the desk: somebody is called, and the time until the answer is kept. */
export interface Drill {
  readonly id: string
  readonly startedAtMs: number
  readonly startedBy: string
  /** Who was on duty then. */
  readonly person: string
  readonly contact: string
  readonly acknowledgedAtMs: number | null
  readonly acknowledgedBy: string | null
}

/** A desk is reached by a drill at least this often, and answers it within so many hours. */
export const DRILL_DAYS = 31
export const DRILL_ANSWER_H = 4
const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
const MOST_SHIFTS = 500

export interface OnDuty {
  readonly person: string
  readonly contact: string
  /** Null: until somebody else is named. */
  readonly untilMs: number | null
}

/** Who is on duty. Of shifts that overlap the one that began last holds. */
export function onDuty({ shifts, otherwise }: Roster, nowMs: number): OnDuty | null {
  const now = shifts.filter(({ fromMs, untilMs }) => fromMs <= nowMs && nowMs < untilMs)
  const shift = now.toSorted((a, b) => b.fromMs - a.fromMs)[0]
  if (shift !== undefined) return { person: shift.person, contact: shift.contact, untilMs: shift.untilMs }
  return otherwise === null ? null : { ...otherwise, untilMs: null }
}

/** How a drill went. */
export interface DrillResult {
  readonly drill: Drill
  /** Null while nobody answered. */
  readonly tookMs: number | null
  readonly state: 'running' | 'met' | 'late' | 'missed'
}

export function drillResult(drill: Drill, nowMs: number): DrillResult {
  const { startedAtMs, acknowledgedAtMs } = drill
  const dueMs = startedAtMs + DRILL_ANSWER_H * HOUR_MS
  if (acknowledgedAtMs === null) return { drill, tookMs: null, state: nowMs > dueMs ? 'missed' : 'running' }
  return { drill, tookMs: acknowledgedAtMs - startedAtMs, state: acknowledgedAtMs > dueMs ? 'late' : 'met' }
}

/** The drills as they are published: how many are over, how many met, the median time to acknowledge, when the next is due. */
export function drillSummary(drills: readonly Drill[], nowMs: number) {
  const results = drills.map((drill) => drillResult(drill, nowMs))
  const times = results.flatMap(({ tookMs }) => (tookMs === null ? [] : [tookMs])).sort((a, b) => a - b)
  const last = drills.reduce<number | null>((most, { startedAtMs }) => Math.max(most ?? 0, startedAtMs), null)
  return {
    drills: results.filter(({ state }) => state !== 'running').length,
    met: results.filter(({ state }) => state === 'met').length,
    medianMs: times.length === 0 ? null : times[Math.floor((times.length - 1) / 2)]!,
    /** Null: none was held yet, so one is due now. */
    nextDueMs: last === null ? null : last + DRILL_DAYS * DAY_MS,
  }
}

/** Reads a roster: `shifts` [{person, contact, from, until}] and `otherwise` {person, contact}. @throws {RegistryError} */
export function parseRoster(value: unknown): Roster {
  const faults: { field: string; code: string; at: number | null; message: string }[] = []
  const at = reading(value, '', faults)
  const otherwise = at.optional('otherwise')
  const roster: Roster = {
    shifts: at.list('shifts', MOST_SHIFTS).map((one) => {
      const shift = {
        ...{ person: one.text('person', 100), contact: one.text('contact', 200) },
        ...{ fromMs: one.time('from', timeMs), untilMs: one.time('until', timeMs) },
      }
      if (shift.untilMs <= shift.fromMs) one.fault('until', 'interval', 'wanted a time after `from`')
      return shift
    }),
    otherwise:
      otherwise === null ? null : { person: otherwise.text('person', 100), contact: otherwise.text('contact', 200) },
  }
  if (faults.length > 0) throw new RegistryError('input_invalid', faultsOf(faults), 'mend the members named', faults)
  return roster
}
