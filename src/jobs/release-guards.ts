import { quorumMet } from '../core/governance/quorum.ts'
import { isSinglePerson, type Register, TIER_QUORUMS, tierQuorum } from '../core/governance/register.ts'
import { expectedOdds } from '../core/safeguards/expected.ts'
import { TIER_CAUSES } from '../core/safeguards/plan.ts'
import type { Release } from '../core/safeguards/release.ts'
import type { IllegalCode, Move } from '../core/safeguards/release-machine.ts'
import {
  GUARD_METRICS,
  type GuardMetric,
  type MetricState,
  type MetricVerdict,
  NO_LOOKS,
  overall,
  verdictOf,
} from '../core/safeguards/sequential.ts'
import { ReleaseError, type ReleaseSettings } from './release-ports.ts'

const DAY = 86_400_000

/** Do these authorities meet the quorum of the release's tier, now? */
export function quorumIsMet(
  release: Release,
  approvals: readonly string[],
  register: Register,
  nowMs: number,
): boolean {
  const quorum = tierQuorum(release.tier, register)
  if (quorum === 'closed') return false
  const signed = release.signed.filter(({ authority }) => approvals.includes(authority))
  const typeOf = (id: string) => register.authorities.filter((one) => one.id === id).map(({ type }) => type)
  const objection = release.state.veto === null ? [] : typeOf(release.state.veto.by)
  return quorumMet(quorum, {
    approvals: signed.map(({ authority, person }) => ({ person, groups: typeOf(authority) })),
    objections: objection,
    daysAsked: (nowMs - release.stageSinceMs) / DAY,
  })
}

/** What the approved report predicted is expected; from what was seen before the next look. */
export function expectedOf({ predicted }: Pick<Release, 'predicted'>, metric: GuardMetric, seen: MetricState): number {
  // Releases of an earlier version have no such member.
  return expectedOdds(predicted ?? null, metric, seen.control)
}

/** What each guard metric says of a canary. */
export function verdicts(release: Release, settings: ReleaseSettings): Readonly<Record<GuardMetric, MetricVerdict>> {
  const entries = GUARD_METRICS.map((metric) => [
    metric,
    verdictOf(
      release.guard?.[metric] ?? NO_LOOKS,
      settings.sequential,
      expectedOf(release, metric, release.guard?.[metric] ?? NO_LOOKS),
    ),
  ])
  return Object.fromEntries(entries) as Record<GuardMetric, MetricVerdict>
}

export function guardOutcome(release: Release, settings: ReleaseSettings): MetricVerdict['outcome'] {
  return overall(Object.values(verdicts(release, settings)))
}

/** When a release may move on at the earliest, milliseconds since 1970. */
export function earliestMs(release: Release, settings: ReleaseSettings): number {
  const { stage } = release.state
  if (stage === 'review') return release.stageSinceMs + settings.waitMs
  if (stage === 'shadow') return release.stageSinceMs + settings.shadowMs
  return stage === 'canary' ? release.stepSinceMs + settings.stepMs : release.stageSinceMs
}

/** May it move on as far as time and metrics go? @throws {ReleaseError} that says why not. */
export function assertMayMoveOn(
  release: Release,
  settings: ReleaseSettings,
  nowMs: number,
  acceptInconclusive: boolean,
): void {
  const earliest = earliestMs(release, settings)
  if (nowMs < earliest) {
    const at = new Date(earliest).toISOString().slice(0, 16)
    throw new ReleaseError(
      'too_early',
      `${nameOf(release)} may move on from ${at}Z at the earliest`,
      'wait, or roll it back',
    )
  }
  if (release.state.stage === 'review') return
  if (release.paused !== null)
    throw new ReleaseError(
      'illegal',
      `${nameOf(release)} is paused`,
      'resume it first: `sluice release resume`, or roll it back',
    )
  const outcome = guardOutcome(release, settings)
  if (outcome === 'regressed')
    throw new ReleaseError(
      'regressed',
      `a guard metric of ${nameOf(release)} has regressed`,
      'roll it back, and see which',
    )
  if (outcome === 'inconclusive' && !acceptInconclusive) {
    const say = 'INCONCLUSIVE is not a pass: too few sessions to see a regression of one point'
    throw new ReleaseError(
      'inconclusive',
      `guard metrics of ${nameOf(release)} are inconclusive; ${say}`,
      'wait for more traffic, or take it on yourself with --accept-inconclusive',
    )
  }
}

/** Why a move is not open, as the machine found it. */
export function refusalOf(release: Release, move: Move, why: IllegalCode, register: Register): ReleaseError {
  const name = nameOf(release)
  const { stage, veto } = release.state
  switch (why) {
    case 'stage':
      return new ReleaseError(
        'illegal',
        `${name} is ${stage}: ${words(move.kind)} is not open from there`,
        OPEN_FROM[stage],
      )
    case 'gates': {
      const failed = release.gates
        .filter(({ outcome }) => outcome !== 'pass')
        .map(({ id, outcome }) => `${id}: ${outcome}`)
      return new ReleaseError(
        'gates',
        `gates of ${name} have not passed (${failed.join(', ')})`,
        'edit it, and measure again',
      )
    }
    case 'quorum': {
      const closed = tierQuorum(release.tier, register) === 'closed'
      const because = `tier ${release.tier}: ${release.tierBecause.map((cause) => TIER_CAUSES[cause]).join(', ')}`
      return closed
        ? new ReleaseError('quorum', `${name} is closed to one person alone (${because})`, 'register a second person')
        : new ReleaseError('quorum', `${name} lacks approvals (${because})`, `wanted: ${TIER_QUORUMS[release.tier]}`)
    }
    case 'vetoed': {
      const until = veto === null ? '' : ` until ${new Date(veto.expiresAtMs).toISOString().slice(0, 16)}Z`
      return new ReleaseError('vetoed', `${name} is vetoed${until} (${veto?.ground})`, 'answer the ground, or wait')
    }
    case 'twice':
      return new ReleaseError('illegal', `${name} has that already`, 'see `sluice release show`')
    case 'nothing':
      return new ReleaseError('illegal', `${name} has none that could lapse`, 'nothing is needed')
    case 'expiry_too_long':
      return new ReleaseError('illegal', 'a veto lasts more than 0 and at most 14 days', 'give --days 1 to 14')
    case 'metrics':
      return new ReleaseError('regressed', `a guard metric of ${name} is outside its limit`, 'roll it back')
  }
}

/** How a release is called: by its label, once it has one. */
export function nameOf({ label, id }: Pick<Release, 'label' | 'id'>): string {
  return label ?? id
}

export function marked(register: Register): boolean {
  return isSinglePerson(register)
}

function words(kind: string): string {
  return kind.replaceAll('_', ' ')
}

const OPEN_FROM: Readonly<Record<Release['state']['stage'], string>> = {
  draft: 'attach what is missing, then `sluice release evaluate`; or `abandon`',
  evaluated: '`sluice release submit`, `edit` or `abandon`',
  review: '`sluice release approve`, `promote`, `edit` or `abandon`',
  shadow: '`sluice release promote` or `edit`',
  canary: '`sluice release promote`, `pause`, `edit` or `rollback`',
  enforcing: '`sluice release rollback`; a newer release supersedes it',
  rolled_back: '`sluice release edit` begins again, `abandon` ends it',
  superseded: 'nothing: draft a new release with the same bundle',
  abandoned: 'nothing: draft a new release with the same bundle',
}
