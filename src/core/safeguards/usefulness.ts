import { betaInterval, type Interval } from '../base/intervals.ts'

/** Counts of one day and one kind of traffic; legitimate requests as far as labels say. Days are UTC, `YYYY-MM-DD`. */
export interface DayRollup {
  readonly day: string
  readonly segment: string
  readonly requests: number
  readonly diverted: number
  readonly refused: number
  /** Of the requests diverted or refused that a person looked at: all of them, and those that were legitimate. */
  readonly reviewed: number
  readonly falsePositives: number
}

/** Sessions over the whole stretch: days and segments do not add up, since a session may be in several. */
export interface SessionCount {
  readonly sessions: number
  /** Those with at least one request diverted or refused. */
  readonly touched: number
}

export interface SessionCounts {
  readonly all: SessionCount
  readonly of: ReadonlyMap<string, SessionCount>
}

export interface Estimate extends Interval {
  readonly value: number
  readonly n: number
}

/** Usefulness of one stretch of days, whole or of one segment. Null: nothing to tell it by. */
export interface Usefulness {
  readonly segment: string
  readonly requests: number
  readonly sessions: number
  /** Answered by the model asked. */
  readonly retained: Estimate | null
  /** The same where a diverted request counts with the quality it keeps; null: quality was not measured. */
  readonly weighted: Estimate | null
  /** Sessions touched, per 1,000. */
  readonly friction: Estimate | null
}

/** Quality that a diverted request loses, in [0, 1], with its interval; measured elsewhere. */
export interface QualityLoss extends Interval {
  readonly value: number
}

/** All traffic first, then segments, worst hit first. @param quality Null: not measured, and then nothing is weighted. */
export function usefulness(
  days: readonly DayRollup[],
  counted: SessionCounts,
  quality: QualityLoss | null,
): readonly Usefulness[] {
  const segments = [...Map.groupBy(days, ({ segment }) => segment)]
  const rows = segments.map(([segment, own]) =>
    usefulnessOf(segment, own, counted.of.get(segment) ?? NO_SESSIONS, quality),
  )
  rows.sort((a, b) => (a.retained?.hi ?? 2) - (b.retained?.hi ?? 2) || (a.segment < b.segment ? -1 : 1))
  return [usefulnessOf('all', days, counted.all, quality), ...rows]
}

const NO_SESSIONS: SessionCount = { sessions: 0, touched: 0 }

function usefulnessOf(
  segment: string,
  days: readonly DayRollup[],
  { sessions, touched: met }: SessionCount,
  quality: QualityLoss | null,
): Usefulness {
  const sum = (of: keyof Omit<DayRollup, 'day' | 'segment'>) => days.reduce((total, day) => total + day[of], 0)
  const [requests, diverted, refused] = [sum('requests'), sum('diverted'), sum('refused')]
  const touched = share(met, sessions)
  return {
    ...{ segment, requests, sessions },
    retained: share(requests - diverted - refused, requests),
    weighted: quality === null || requests === 0 ? null : weighted(requests, diverted, refused, quality),
    friction: touched === null ? null : scaled(touched, 1000),
  }
}

function share(k: number, n: number): Estimate | null {
  return n === 0 ? null : { value: k / n, n, ...betaInterval(k, n, 0.95) }
}

function scaled({ value, n, lo, hi }: Estimate, by: number): Estimate {
  return { value: value * by, n, lo: lo * by, hi: hi * by }
}

/** Bounds take the worst of every interval that goes in. */
function weighted(n: number, diverted: number, refused: number, quality: QualityLoss): Estimate {
  const [less, none] = [share(diverted, n)!, share(refused, n)!]
  return {
    value: 1 - none.value - less.value * quality.value,
    n,
    lo: Math.max(0, 1 - none.hi - less.hi * quality.hi),
    hi: 1 - none.lo - less.lo * quality.lo,
  }
}

/** Where false positives are to be, and when: as a share of what was reviewed. */
export interface BurnDownTarget {
  readonly share: number
  readonly day: string
}

export interface BurnDown {
  /** Day by day, oldest first: share of reviewed interventions that hit legitimate work. Days without reviews are left out. */
  readonly days: readonly ({ readonly day: string } & Estimate)[]
  /** Straight line through the days, by their number of reviews: change per day. Null: fewer than two days. */
  readonly slopePerDay: number | null
  /** Value of that line on the target's day, never below 0. */
  readonly projected: number | null
  /** `met` now; `on_track` or `off_track` by the line; `INCONCLUSIVE` where reviews are too few to draw one. */
  readonly state: 'met' | 'on_track' | 'off_track' | 'INCONCLUSIVE'
  readonly target: BurnDownTarget
}

/** Reviews that a burn-down wants before it says anything. */
const LEAST_REVIEWS = 30

/** @param days Any order; several segments of one day count together. */
export function burnDown(days: readonly DayRollup[], target: BurnDownTarget): BurnDown {
  const byDay = [...Map.groupBy(days, ({ day }) => day)].sort(([a], [b]) => (a < b ? -1 : 1))
  const points = byDay.flatMap(([day, own]) => {
    const reviewed = own.reduce((sum, one) => sum + one.reviewed, 0)
    const wrong = own.reduce((sum, one) => sum + one.falsePositives, 0)
    const estimate = share(wrong, reviewed)
    return estimate === null ? [] : [{ day, ...estimate }]
  })
  const total = points.reduce((sum, { n }) => sum + n, 0)
  const line = total < LEAST_REVIEWS ? null : lineThrough(points)
  const last = points.at(-1)
  const projected = line === null ? null : Math.max(0, line.at(dayNumber(target.day)))
  // Met is what the last day with enough reviews shows, with its whole interval.
  const met = last !== undefined && last.hi <= target.share
  const state = met ? 'met' : projected === null ? 'INCONCLUSIVE' : projected <= target.share ? 'on_track' : 'off_track'
  return { days: points, slopePerDay: line?.slope ?? null, projected, state, target }
}

/** Least squares, each day weighing as many as were reviewed. */
function lineThrough(points: readonly ({ day: string } & Estimate)[]) {
  if (points.length < 2) return null
  const weight = points.reduce((sum, { n }) => sum + n, 0)
  const mean = (of: (one: (typeof points)[number]) => number) =>
    points.reduce((sum, one) => sum + one.n * of(one), 0) / weight
  const [x, y] = [mean(({ day }) => dayNumber(day)), mean(({ value }) => value)]
  const spread = mean(({ day }) => (dayNumber(day) - x) ** 2)
  const slope = mean(({ day, value }) => (dayNumber(day) - x) * (value - y)) / spread
  return { slope, at: (day: number) => y + slope * (day - x) }
}

/** Days since 1 March of the year 0. Source: Hinnant 2013. */
export function dayNumber(day: string): number {
  const [year, month, date] = day.split('-').map(Number) as [number, number, number]
  const shifted = month <= 2 ? year - 1 : year
  const era = Math.floor(shifted / 400)
  const yearOfEra = shifted - era * 400
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + date - 1
  return era * 146_097 + yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear
}
