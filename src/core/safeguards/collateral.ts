import { clusteredDifference, clusteredShare, type Share } from '../base/clustered.ts'
import { CodedError } from '../base/errors.ts'
import { betaInterval } from '../base/intervals.ts'
import { mcnemar } from '../base/paired.ts'
import { attackGains, totalGain } from './collateral/attacks.ts'
import { claimAtLeast } from './collateral/claim.ts'
import { type Tallied, tally } from './collateral/columns.ts'
import { gatesOf, outcomeOf } from './collateral/gates.ts'
import { MOVEMENTS, type Movement, type PairedCase } from './collateral/paired-case.ts'
import type { CollateralReport, CollateralSettings, Quality, Superset } from './collateral/report.ts'
import { separability } from './collateral/separable.ts'
import { slicesOf } from './collateral/slices.ts'
import type { Count, Tally } from './collateral/tally.ts'

/** There is nothing to report on. */
export class CollateralError extends CodedError<'no_traffic'> {}

/**
 * The collateral report: what a change does to honest work, paired on the same requests against what is enforcing.
 * One pass over the cases in any order; intervals are exact, 95 %, clustered by session.
 *
 * @throws {CollateralError} `no_traffic`: no legitimate case, and a report without any would say nothing.
 */
export function collateral(cases: Iterable<PairedCase>, settings: CollateralSettings): CollateralReport {
  const tallied = tally(cases)
  const { total, moved, labels, users } = tallied
  if (total.n === 0) throw new CollateralError('no_traffic', 'no legitimate request to report on; widen the window')
  const share = (count: Count) => clusteredShare(total.sums(count), 0.95)!
  const sessions = (k: number) => exact(k, total.clusters)
  const { slices, left } = slicesOf(tallied, settings.sliceLimit)
  const retainedAfter = complement(share('touched_after'))
  const attacksTotal = totalGain(tallied.attacks)
  const claim = claimOf(tallied, settings)
  const separated = settings.separation === null ? null : separability(settings.separation)
  const gates = gatesOf(
    { retained: retainedAfter, slices, attacks: attacksTotal, claim, separability: separated },
    settings,
  )
  return {
    ...{ v: 1, kind: 'collateral', before: settings.before, after: settings.after },
    ...{ source: settings.source, window: settings.window, outcome: outcomeOf(gates), gates },
    traffic: {
      requests: total.n,
      sessions: total.clusters,
      organisations: tallied.slices.org.size,
      labels,
    },
    movements: Object.fromEntries(
      MOVEMENTS.map((name) => [name, { requests: share(name), sessions: sessions(total.sessions(name)) }]),
    ) as Record<Movement, { requests: Share; sessions: Share }>,
    retained: {
      before: complement(share('touched_before')),
      after: retainedAfter,
      sessionsBefore: sessions(total.clusters - total.sessions('touched_before')),
      sessionsAfter: sessions(total.clusters - total.sessions('touched_after')),
      difference: clusteredDifference(total.sums('taken'), total.sums('newly_freed'), total.product, 0.95)!,
      weighted: weighted(share('refused_after'), share('diverted_after'), settings.quality),
    },
    diverted: { share: share('diverted_after'), quality: settings.quality },
    met: tallied.met,
    usersUnchanged: users.known === 0 ? null : exact(users.unchanged, users.known),
    mcnemar: {
      requests: paired(total.count('taken'), total.count('newly_freed')),
      sessions: paired(total.worse, total.better),
    },
    ...{ slices, sliceLimit: settings.sliceLimit, superset: supersetOf(total, attacksTotal?.newlyCaught ?? 0) },
    ...{ attacks: attackGains(tallied.attacks), attacksTotal, claim, separability: separated },
    ...{ permanent: settings.permanent, cost: settings.cost, madeFor: settings.madeFor, sunset: settings.sunset },
    notCovered: {
      notReplayable: settings.notReplayable,
      withoutAnswer: settings.withoutAnswer,
      unlabelled: labels.unlabelled,
      slices: slices.flatMap(({ dimension, name, requests, needed }) =>
        needed === null || dimension === 'category' ? [] : [{ name: `${dimension} ${name}`, n: requests, needed }],
      ),
      slicesLeft: left,
      qualityMeasured: settings.quality !== null,
      attacksSeen: attacksTotal !== null,
    },
    moved,
  }
}

function exact(k: number, n: number): Share {
  return { k, n, share: k / n, ...betaInterval(k, n, 0.95) }
}

function complement({ k, n, share, lo, hi }: Share): Share {
  return { k: n - k, n, share: 1 - share, lo: 1 - hi, hi: 1 - lo }
}

function paired(worse: number, better: number) {
  return { worse, better, p: mcnemar(worse, better) }
}

/** Usefulness kept when a diverted request keeps part of its quality; bounds take the worst of all three intervals. */
function weighted(refused: Share, diverted: Share, quality: Quality | null) {
  if (quality === null) return null
  const kept = (no: number, less: number, change: number) => 1 - no + less * Math.min(0, change)
  return {
    value: kept(refused.share, diverted.share, quality.change),
    lo: kept(refused.hi, diverted.hi, quality.lo),
    hi: kept(refused.lo, diverted.lo, quality.hi),
  }
}

function claimOf({ attacks }: Tallied, { claim }: CollateralSettings): CollateralReport['claim'] {
  if (claim === null) return null
  const pairs = attacks.get(claim.family)?.pairs ?? []
  const misses = pairs.filter(({ after }) => !after).length
  return { ...claimAtLeast(claim.share, pairs.length, misses), ...claim }
}

function supersetOf(total: Tally, newlyCaught: number): Superset {
  const newlyActed = total.count('taken')
  const noLongerActed = total.count('newly_freed')
  const relation = newlyActed > 0 ? (noLongerActed > 0 ? 'mixed' : 'superset') : noLongerActed > 0 ? 'subset' : 'equal'
  const worse = newlyActed > 0 || total.count('newly_refused') > 0
  const nothingBack = noLongerActed === 0 && total.count('eased') === 0
  return {
    ...{ relation, newlyActed, noLongerActed },
    unchanged: total.count('unchanged'),
    strictlyWorse: worse && nothingBack && newlyCaught === 0,
  }
}
