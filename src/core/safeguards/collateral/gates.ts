import type { Difference, Share } from '../../base/clustered.ts'
import { betaInterval, trialsNeeded } from '../../base/intervals.ts'
import type { AttackGain } from './attacks.ts'
import type { Claim, Outcome } from './claim.ts'
import type { CollateralSettings, Gate, GateName, GateReason } from './report.ts'
import { LEAST_SEPARATION, type Separability } from './separable.ts'
import type { Slice } from './slices.ts'

/** What the gates look at, already counted. */
export interface Measurements {
  readonly retained: Share | null
  readonly slices: readonly Slice[]
  readonly attacks: AttackGain | null
  readonly claim: (Claim & { readonly family: string; readonly share: number }) | null
  readonly separability: Separability | null
}

/** Every gate in the order of `GATES`. The whole interval must be on the right side of a limit; else it is not a pass. */
export function gatesOf(measured: Measurements, settings: CollateralSettings): readonly Gate[] {
  return [
    permanent(settings),
    miss(measured, settings),
    retained(measured.retained, settings.retainedBudget),
    separable(measured.separability, measured.claim !== null),
    slices(measured.slices, settings.sliceLimit),
    overhead(settings),
    sunset(settings),
  ]
}

/** One failure fails the report; one INCONCLUSIVE keeps it from passing. */
export function outcomeOf(gates: readonly Gate[]): Outcome {
  if (gates.some(({ outcome }) => outcome === 'fail')) return 'fail'
  return gates.some(({ outcome }) => outcome === 'INCONCLUSIVE') ? 'INCONCLUSIVE' : 'pass'
}

function gate(name: GateName, outcome: Outcome, reason: GateReason, n: number, more: Partial<Gate> = {}): Gate {
  return { name, outcome, reason, n, limit: null, value: null, about: null, needed: null, ...more }
}

/** No regression: nothing is acted on that is not acted on today. What is, stays visible until a release ends it. */
function permanent({ permanent: sets }: CollateralSettings): Gate {
  const n = sets.reduce((sum, one) => sum + one.n, 0)
  if (n === 0) return gate('permanent', 'INCONCLUSIVE', 'no_permanent', 0)
  const counted = sets.map(({ set, acted, actedBefore }) => {
    const known = new Set(actedBefore)
    return { set, acted: acted.length, fresh: acted.filter((id) => !known.has(id)).length }
  })
  const acted = counted.reduce((sum, one) => sum + one.acted, 0)
  const worst = counted.reduce((a, b) => (b.fresh > a.fresh || (b.fresh === a.fresh && b.acted > a.acted) ? b : a))
  const value = { value: acted / n, ...betaInterval(acted, n, 0.95) }
  if (worst.fresh > 0) return gate('permanent', 'fail', 'acts_on_permanent', n, { limit: 0, value, about: worst.set })
  if (acted > 0) return gate('permanent', 'pass', 'still_acted', n, { limit: 0, value, about: worst.set })
  return gate('permanent', 'pass', 'holds', n, { limit: 0, value })
}

function miss({ claim, attacks }: Measurements, { attackLossLimit }: CollateralSettings): Gate {
  if (claim !== null) {
    const { trials, misses, missLower: lo, missUpper: hi, needed, family } = claim
    const about = {
      limit: 1 - claim.share,
      value: { value: trials === 0 ? 0 : misses / trials, lo, hi },
      about: family,
    }
    if (claim.outcome === 'pass') return gate('miss', 'pass', 'holds', trials, about)
    if (claim.outcome === 'fail') return gate('miss', 'fail', 'claim_missed', trials, about)
    return gate('miss', 'INCONCLUSIVE', 'claim_n', trials, { ...about, needed })
  }
  // Nothing claimed: then nothing may be lost either, and that has to be seen.
  if (attacks === null) return gate('miss', 'INCONCLUSIVE', 'one_sided', 0)
  const { value, lo, hi } = attacks.difference
  const lost = { limit: attackLossLimit, value: { value: -value, lo: -hi, hi: -lo } }
  if (-lo <= attackLossLimit) return gate('miss', 'pass', 'holds', attacks.n, lost)
  if (-hi > attackLossLimit) return gate('miss', 'fail', 'loses_attacks', attacks.n, lost)
  return gate('miss', 'INCONCLUSIVE', 'too_few', attacks.n, {
    ...lost,
    needed: trialsNeeded(1 - attackLossLimit, attacks.newlyMissed, 0.975),
  })
}

function retained(share: Share | null, budget: number): Gate {
  if (share === null) return gate('retained', 'INCONCLUSIVE', 'too_few', 0, { limit: budget, needed: 1 })
  const { n, k, lo, hi } = share
  const about = { limit: budget, value: { value: share.share, lo, hi } }
  if (lo >= budget) return gate('retained', 'pass', 'holds', n, about)
  if (hi < budget) return gate('retained', 'fail', 'over_budget', n, about)
  const gap = Math.max(Math.abs(share.share - budget), (1 - budget) / 10)
  const arm = share.share >= budget ? share.share - lo : hi - share.share
  const needed = k === n ? trialsNeeded(budget, 0, 0.975) : Math.ceil(n * (arm / gap) ** 2)
  return gate('retained', 'INCONCLUSIVE', 'too_few', n, { ...about, needed: Math.max(n + 1, needed) })
}

/** Whoever claims to catch a class says what it must be told from. */
function separable(measured: Separability | null, claimed: boolean): Gate {
  if (measured === null)
    return claimed ? gate('separable', 'INCONCLUSIVE', 'not_stated', 0) : gate('separable', 'pass', 'holds', 0)
  const { outcome, difference, blocked, legitimate } = measured
  const about = { limit: LEAST_SEPARATION, value: difference, about: `${blocked.name} / ${legitimate.name}` }
  const n = blocked.n + legitimate.n
  if (outcome === 'fail') return gate('separable', 'fail', 'inseparable', n, about)
  if (outcome === 'pass') return gate('separable', 'pass', 'holds', n, about)
  return gate('separable', 'INCONCLUSIVE', 'too_few', n, { ...about, needed: separationNeeded(n, difference) })
}

function separationNeeded(n: number, { value, lo, hi }: Difference): number {
  const arm = value >= LEAST_SEPARATION ? value - lo : hi - value
  return Math.max(n + 1, Math.ceil(n * (arm / Math.max(0.02, Math.abs(value - LEAST_SEPARATION))) ** 2))
}

/** A slice that certainly loses more than the limit, and not by the chance of looking at many. */
function slices(all: readonly Slice[], limit: number): Gate {
  const shown = all.filter(({ dimension }) => dimension !== 'category')
  const over = shown.filter(({ verdict, pCorrected }) => verdict === 'over' && pCorrected <= 0.05)
  const worst = over[0] ?? shown.filter(({ verdict }) => verdict === 'within')[0]
  const value = worst === undefined ? {} : { value: worst.difference, about: `${worst.dimension} ${worst.name}` }
  const n = shown.length
  if (over.length > 0) return gate('slices', 'fail', 'over_slice', n, { limit, ...value })
  if (worst === undefined) return gate('slices', 'INCONCLUSIVE', 'too_few', n, { limit })
  return gate('slices', 'pass', 'holds', n, { limit, ...value })
}

function overhead({ cost, overheadLimitUs: limit }: CollateralSettings): Gate {
  if (cost === null) return gate('overhead', 'INCONCLUSIVE', 'not_measured', 0, { limit })
  const value = { value: cost.after.p99Us, lo: cost.after.p99Us, hi: cost.after.p99Us }
  const holds = cost.after.p99Us <= limit
  return gate('overhead', holds ? 'pass' : 'fail', holds ? 'holds' : 'over_limit', cost.requests, { limit, value })
}

function sunset({ temporary, sunset: date }: CollateralSettings): Gate {
  if (temporary && date === null) return gate('sunset', 'fail', 'no_sunset', 0)
  return gate('sunset', 'pass', 'holds', 0, { about: date })
}
