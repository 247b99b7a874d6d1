/**
 * Does the canary do worse than what is enforcing? A test that may be looked at after every minute of the whole rollout
 * and still raises a false alarm at most once in twenty rollouts.
 *
 * Each look is conditioned on how many hits both arms had together: were the arms alike, the canary's share of them would
 * be hypergeometric, whatever the rate and however it drifts over the day. The likelihood ratio of a raised odds ratio
 * against that is an e-value; their product over looks, averaged over a grid of odds ratios, is an e-process, and by
 * Ville's inequality it passes 1/α with a chance of at most α. Source: Ville 1939; Robbins 1970; Turner et al. 2024.
 */

export const GUARD_METRICS = ['refused', 'diverted', 'error', 'appeal'] as const
export type GuardMetric = (typeof GUARD_METRICS)[number]

/** Units are sessions, since requests of one conversation are not independent; a hit is a session that met one. */
export interface ArmCounts {
  readonly units: number
  readonly hits: number
}

/** Units that are alike but for the arm, new since the look before: each unit is counted once. */
export interface Stratum {
  readonly canary: ArmCounts
  readonly control: ArmCounts
}

/**
 * What came in since the look before.
 *
 * Arms are sticky by organisation, and organisations have rates of their own: a canary of unlike organisations differs
 * from the rest without any fault. Therefore `history` compares the canary's organisations with themselves before the
 * canary began, and both comparisons must raise the alarm. It is right if either the arms are alike, or time changes nothing.
 */
export interface Look {
  readonly arms: readonly Stratum[]
  /** Null: not known; then the arms alone decide. */
  readonly history: readonly Stratum[] | null
}

export interface SequentialSettings {
  /** Chance of any false alarm over the whole rollout, all metrics together. */
  readonly alpha: number
  /** The regression that must be found, as a difference of rates: 0.01 is one point. */
  readonly margin: number
  /** Chance to find it, at the stated number of units. */
  readonly power: number
}

export const DEFAULT_SEQUENTIAL: SequentialSettings = { alpha: 0.05, margin: 0.01, power: 0.9 }

/** Odds ratios against the expected one that the alternative is averaged over. */
const ODDS = [1.05, 1.12, 1.3, 1.7, 3, 8] as const

/** Everything that the test remembers of one metric: plain numbers, so that it can be stored between looks. */
export interface MetricState {
  readonly canary: ArmCounts
  readonly control: ArmCounts
  /** Per odds ratio, log of its e-process; for the arms, and for history (null as soon as a look had none). */
  readonly armsLog: readonly number[]
  readonly historyLog: readonly number[] | null
  /** Greatest log e-value so far: an alarm stays one. */
  readonly peakLog: number
}

const NONE: ArmCounts = { units: 0, hits: 0 }

export const NO_LOOKS: MetricState = {
  canary: NONE,
  control: NONE,
  armsLog: ODDS.map(() => 0),
  historyLog: ODDS.map(() => 0),
  peakLog: 0,
}

/**
 * One look more. Pure; linear in the hits.
 * @param expectedOdds Odds ratio up to which more hits are expected, as the collateral report predicted; 1: none.
 * @throws {RangeError} counts that are none.
 */
export function look(state: MetricState, { arms, history }: Look, expectedOdds: number): MetricState {
  const armsLog = added(state.armsLog, arms, expectedOdds)
  const historyLog =
    state.historyLog === null || history === null ? null : added(state.historyLog, history, expectedOdds)
  const now = Math.min(averageLog(armsLog), historyLog === null ? Number.POSITIVE_INFINITY : averageLog(historyLog))
  return {
    canary: arms.reduce((sum, { canary }) => plus(sum, canary), state.canary),
    control: arms.reduce((sum, { control }) => plus(sum, control), state.control),
    armsLog,
    historyLog,
    peakLog: Math.max(state.peakLog, now),
  }
}

export interface MetricVerdict {
  readonly outcome: 'regressed' | 'clear' | 'inconclusive'
  readonly canary: ArmCounts
  readonly control: ArmCounts
  /** Share of the canary's units that was expected to have a hit; null: the control has no units. */
  readonly expected: number | null
  /** Canary units at which the margin would be found with the power asked for; null: the control has no units. */
  readonly unitsNeeded: number | null
  /** Peak of the e-process; the alarm is at `alarmAt`. */
  readonly evidence: number
  readonly alarmAt: number
}

/**
 * What one metric says. `clear` only from the stated number of units on: too few are `inconclusive`, which is not a pass.
 */
export function verdictOf(state: MetricState, settings: SequentialSettings, expectedOdds = 1): MetricVerdict {
  const { canary, control, peakLog } = state
  // Each metric gets its share of the chance of a false alarm.
  const alarmAt = GUARD_METRICS.length / settings.alpha
  const needed = control.units === 0 ? null : unitsNeeded(control, canary, settings, expectedOdds)
  const regressed = peakLog >= Math.log(alarmAt)
  const expected = control.units === 0 ? null : expectedRate(control, expectedOdds)
  const enough = needed !== null && canary.units >= needed
  const outcome = regressed ? 'regressed' : enough ? 'clear' : 'inconclusive'
  return {
    outcome,
    canary,
    control,
    expected,
    unitsNeeded: needed,
    evidence: Math.exp(Math.min(700, peakLog)),
    alarmAt,
  }
}

/** All metrics together: one that regressed decides; else one that is inconclusive. */
export function overall(verdicts: readonly MetricVerdict[]): MetricVerdict['outcome'] {
  const outcomes = verdicts.map(({ outcome }) => outcome)
  if (outcomes.includes('regressed')) return 'regressed'
  return outcomes.length === 0 || outcomes.includes('inconclusive') ? 'inconclusive' : 'clear'
}

/**
 * Canary units until a regression by the margin is found with the power asked for, by the normal approximation of the
 * log e-process: its drift and spread per unit are those of two Poisson counts. The best odds ratio of the grid is taken.
 */
export function unitsNeeded(
  control: ArmCounts,
  canary: ArmCounts,
  settings: SequentialSettings,
  expectedOdds = 1,
): number {
  const seen = rateOf(control)
  const base = expectedRate(control, expectedOdds)
  const worse = Math.min(1, base + settings.margin)
  const share = canary.units === 0 ? 0.01 : canary.units / (canary.units + control.units)
  const others = ((1 - share) / share) * seen
  const ofHits = (share * expectedOdds) / (1 - share + share * expectedOdds)
  const barrier = Math.log(GUARD_METRICS.length / settings.alpha) + Math.log(ODDS.length)
  const spread = normalQuantile(settings.power)
  const each = ODDS.map((odds) => {
    const gain = Math.log(odds)
    const cost = Math.log1p(ofHits * (odds - 1))
    const drift = worse * (gain - cost) - others * cost
    if (drift <= 0) return Number.POSITIVE_INFINITY
    const deviation = Math.sqrt(worse * (gain - cost) ** 2 + others * cost ** 2)
    // drift · n − spread · deviation · √n = barrier
    const root = (spread * deviation + Math.sqrt((spread * deviation) ** 2 + 4 * drift * barrier)) / (2 * drift)
    return root ** 2
  })
  return Math.ceil(Math.min(...each))
}

/** A rate of 0 of few units is not 0: one half more, as Jeffreys would. */
function rateOf({ units, hits }: ArmCounts): number {
  return (hits + 0.5) / (units + 1)
}

function expectedRate(control: ArmCounts, odds: number): number {
  const seen = rateOf(control)
  return (odds * seen) / (1 - seen + odds * seen)
}

function added(logs: readonly number[], strata: readonly Stratum[], expectedOdds: number): readonly number[] {
  const sums = [...logs]
  for (const { canary, control } of strata) {
    assertCounts(canary)
    assertCounts(control)
    const logOdds = [0, ...ODDS.map(Math.log)].map((log) => log + Math.log(expectedOdds))
    const [base, ...raised] = logGenerating(canary, control, logOdds)
    for (const [i, log] of raised.entries()) sums[i]! += canary.hits * Math.log(ODDS[i]!) - (log - base!)
  }
  return sums
}

/**
 * For each odds ratio ω, log Σ over K of h(K) · ω^K, where h is proportional to the hypergeometric probability that K of
 * all hits fall into the canary. Their differences are what normalises the likelihood ratio.
 */
function logGenerating(canary: ArmCounts, control: ArmCounts, logOdds: readonly number[]): readonly number[] {
  const hits = canary.hits + control.hits
  const least = Math.max(0, hits - control.units)
  const most = Math.min(hits, canary.units)
  const peaks = logOdds.map(() => Number.NEGATIVE_INFINITY)
  const sums = logOdds.map(() => 0)
  let weight = 0
  for (let k = least; k <= most; k++) {
    for (const [i, log] of logOdds.entries()) {
      const term = weight + k * log
      if (term > peaks[i]!) {
        sums[i] = sums[i]! * Math.exp(peaks[i]! - term) + 1
        peaks[i] = term
      } else sums[i]! += Math.exp(term - peaks[i]!)
    }
    weight += Math.log(((hits - k) * (canary.units - k)) / ((k + 1) * (control.units - hits + k + 1)))
  }
  return peaks.map((peak, i) => peak + Math.log(sums[i]!))
}

function averageLog(logs: readonly number[]): number {
  const peak = Math.max(...logs)
  return peak + Math.log(logs.reduce((sum, log) => sum + Math.exp(log - peak), 0) / logs.length)
}

function plus(a: ArmCounts, b: ArmCounts): ArmCounts {
  return { units: a.units + b.units, hits: a.hits + b.hits }
}

function assertCounts({ units, hits }: ArmCounts): void {
  if (!Number.isInteger(units) || !Number.isInteger(hits) || hits < 0 || hits > units)
    throw new RangeError(`no counts: ${hits} of ${units}`)
}

/** Quantile of the standard normal distribution, 2e-3 exact. Source: Abramowitz and Stegun 26.2.23 (rougher, enough here). */
function normalQuantile(p: number): number {
  const t = Math.sqrt(-2 * Math.log(Math.min(p, 1 - p)))
  const z = t - (2.30753 + 0.27061 * t) / (1 + 0.99229 * t + 0.04481 * t * t)
  return p >= 0.5 ? z : -z
}
