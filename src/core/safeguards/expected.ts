import type { Met } from './collateral/met.ts'
import type { ArmCounts, GuardMetric } from './sequential.ts'

/**
 * How many more hits of a metric are expected of a canary, as an odds ratio against what is in force; at least 1: what a
 * release was predicted to spare is no reason to alarm where it does not.
 *
 * The report on the release counted, on the same stored sessions, how many met a refusal or a diversion before and after.
 * The difference is what was approved; it is added to the rate in force, as report and control arm together know it. Who is
 * refused or diverted objects about as often as today, so appeals are expected to grow as touched sessions do. Errors
 * are not predicted.
 *
 * @param met Null: nobody predicted anything.
 * @param control What the control arm met before this look: it must not depend on the look that it judges.
 */
export function expectedOdds(met: Met | null, metric: GuardMetric, control: ArmCounts): number {
  if (met === null || met.sessions === 0 || metric === 'error') return 1
  if (metric === 'appeal') return oddsRatio(met.touched, met.sessions, { units: 0, hits: 0 })
  return oddsRatio(met[metric], met.sessions, control)
}

function oddsRatio({ before, after }: Met['refused'], sessions: number, control: ArmCounts): number {
  if (after <= before) return 1
  // A rate of 0 of few is not 0: one half more, as Jeffreys would.
  const now = (before + control.hits + 0.5) / (sessions + control.units + 1)
  const then = Math.min(now + (after - before) / sessions, CERTAIN)
  return (then * (1 - now)) / ((1 - then) * now)
}

/** A ratio of odds must stay finite where everything is refused. */
const CERTAIN = 0.999
