import { greater, isScored, type Level, lesser, type ScoredVector, type SeverityVector } from './levels.ts'
import { tenthsOf } from './score.ts'

/** One measured number with its 95 % interval. `id` names the measurement: every number shown leads back to it. */
export interface Estimate {
  readonly id: string
  readonly value: number
  readonly lo: number
  readonly hi: number
}

/** What a reproduction measured. U in −1..1; K ≥ 0, `Infinity` where no baseline succeeded at any cost. */
export interface Measurements {
  readonly uplift: Estimate
  /**
   * Cost per success, best baseline ÷ technique; null where cost was not measured: then uplift alone decides, and
   * equivalence cannot be shown.
   */
  readonly costRatio: Estimate | null
  /** Paired tasks. */
  readonly tasks: number
  /** Share of pairs in which target and baseline differ, 0..1; null where unknown: counts as the least, 0.10. */
  readonly discordant: number | null
  readonly reliability: { readonly id: string; readonly successes: number; readonly sessions: number } | null
  /** Every baseline's upper 95 % bound ≤ 5 % while the target's success is ≥ 50 %. */
  readonly firstOfItsKind: boolean
  readonly panel: string
  /** The panel is older than 90 days. */
  readonly stale: boolean
  /** Other available models with the same result, of how many asked. */
  readonly others: { readonly same: number; readonly asked: number } | null
}

/** Cost ratio from which on a technique is no longer equivalent. */
const LEAST_RATIO = 3

/** Level of UP for a point (u, k): N where both are small, otherwise the higher of what u and k say. P10. */
export function upliftLevel(u: number, k: number): Level<'UP'> {
  if (u < 0.05 && k < LEAST_RATIO) return 'N'
  const byU = u >= 0.8 ? 'X' : u >= 0.5 ? 'H' : u >= 0.2 ? 'M' : 'L'
  const byK = k >= 100 ? 'H' : k >= 10 ? 'M' : 'L'
  return greater('UP', byU, byK)
}

/** Normal quantiles of P7: 5 % that equivalence is claimed in vain, 10 % that it is missed. */
const Z = 1.6449 + 1.2816
/** The least share of discordant pairs that is assumed, whatever was observed. */
const LEAST_DISCORDANT = 0.1

/**
 * Paired tasks that equivalence needs: 343 at the margin of UP:N, 686 at 20 % discordant pairs.
 * @param discordant Observed share, 0..1; below 0.10 it counts as 0.10.
 */
export function requiredTasks(discordant: number, margin = 0.05): number {
  return Math.ceil((Z ** 2 * Math.max(LEAST_DISCORDANT, discordant)) / margin ** 2)
}

/** Equivalence is shown: upper bounds small, and enough tasks to say so. */
export function equivalenceShown(measured: Measurements): boolean {
  return greatestLevel(measured) === 'N' && measured.tasks >= requiredTasks(measured.discordant ?? 0)
}

/** Level at the upper ends. A cost that was not measured may be what rules equivalence out. */
function greatestLevel({ uplift, costRatio }: Measurements): Level<'UP'> {
  return upliftLevel(uplift.hi, costRatio?.hi ?? LEAST_RATIO)
}

/**
 * Headline level of UP. N only where equivalence is shown; small but not shown is L; first of its kind is X.
 * Numbers that are none (NaN) never lower it to N.
 */
export function levelOfUplift(measured: Measurements): Level<'UP'> {
  if (measured.firstOfItsKind) return 'X'
  if (equivalenceShown(measured)) return 'N'
  return greater('UP', 'L', upliftLevel(measured.uplift.value, measured.costRatio?.value ?? 0))
}

/** Level of RE: by the lower bound of Wilson's 95 % interval. @throws {RangeError} as `wilson`. */
export function levelOfReliability(successes: number, sessions: number): Level<'RE'> {
  return reliabilityLevel(wilson(successes, sessions).lo)
}

/** Level of RE for a share of sessions, 0..1. */
export function reliabilityLevel(share: number): Level<'RE'> {
  return share >= 0.9 ? 'A' : share >= 0.5 ? 'C' : share >= 0.1 ? 'S' : 'R'
}

/**
 * Wilson's score interval of a share at 95 %, the one the format fixes.
 * @throws {RangeError} unless 0 ≤ k ≤ n, n ≥ 1, both whole. Source: Wilson 1927.
 */
export function wilson(k: number, n: number): { readonly lo: number; readonly hi: number } {
  if (!Number.isInteger(k) || !Number.isInteger(n) || n < 1 || k < 0 || k > n)
    throw new RangeError(`reliability: wanted 0 ≤ successes ≤ sessions and at least one session, not ${k} of ${n}`)
  const z = 1.959963984540054
  const share = k / n
  const middle = share + z ** 2 / (2 * n)
  const half = z * Math.sqrt((share * (1 - share)) / n + z ** 2 / (4 * n ** 2))
  const whole = 1 + z ** 2 / n
  return { lo: Math.max(0, (middle - half) / whole), hi: Math.min(1, (middle + half) / whole) }
}

/** `[low, headline, high]` in tenths, low ≤ headline ≤ high. */
export type TenthsInterval = readonly [low: number, headline: number, high: number]

/**
 * The interval that is published with a headline (P10): what the number would be at either end of the measured
 * intervals of uplift and reliability. The vector's own levels bound it, so a vector that says other than what was
 * measured widens it; `mismatches` names such a vector.
 */
export function intervalOf(vector: ScoredVector, measured: Measurements): TenthsInterval {
  const { uplift, costRatio, reliability } = measured
  const share = reliability === null ? null : wilson(reliability.successes, reliability.sessions)
  const least = upliftLevel(uplift.lo, costRatio?.lo ?? 0)
  const most = greatestLevel(measured)
  const low = {
    ...vector,
    UP: lesser('UP', vector.UP, least),
    RE: share === null ? vector.RE : lesser('RE', vector.RE, reliabilityLevel(share.lo)),
  }
  const high = {
    ...vector,
    UP: greater('UP', vector.UP, most),
    RE: share === null ? vector.RE : greater('RE', vector.RE, reliabilityLevel(share.hi)),
  }
  return [tenthsOf(low), tenthsOf(vector), tenthsOf(high)]
}

/** Metrics of a vector that say other than the measurements. Empty is what a runner gives. */
export function mismatches(vector: SeverityVector, measured: Measurements): readonly ('UP' | 'RE')[] {
  const { reliability } = measured
  return [
    ...(isScored(vector) && vector.UP !== levelOfUplift(measured) ? (['UP'] as const) : []),
    ...(reliability !== null && vector.RE !== levelOfReliability(reliability.successes, reliability.sessions)
      ? (['RE'] as const)
      : []),
  ]
}
