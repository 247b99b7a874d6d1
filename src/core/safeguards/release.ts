import type { Tier } from '../governance/register.ts'
import type { Named, ReleaseSet, SlotReleases } from './arm.ts'
import type { Bundle } from './bundle.ts'
import type { Met } from './collateral/met.ts'
import type { Gate as ReportGate, Superset } from './collateral/report.ts'
import type { TierCause } from './plan.ts'
import type { ReleaseState, Stage } from './release-machine.ts'
import type { GuardMetric, MetricState } from './sequential.ts'

/** What must be measured before a release is evaluated (governance.md §5.1). */
export const GATES = [
  'regression',
  'miss_bound',
  'collateral',
  'inseparable',
  'superset',
  'overhead',
  'sunset',
] as const
export type GateId = (typeof GATES)[number]

/** One thing measured: what came out, in words with its numbers, and the evidence that holds the measurement. */
export interface Gate {
  readonly id: GateId
  readonly outcome: 'pass' | 'fail' | 'inconclusive'
  readonly says: string
  /** `sha256:` of the evidence; null: follows from the bundle itself. */
  readonly evidence: string | null
  /** The same as data, for pages in a reader's language; left out where only words came. */
  readonly measured?: Measured
}

/** What a gate stands on. */
export type Measured =
  | { readonly kind: 'report'; readonly gate: ReportGate }
  | ({ readonly kind: 'superset' } & Superset)
  | { readonly kind: 'sunset'; readonly ends: string | null; readonly days: number | null }

/** A report in the pack of a release. Immutable; its hash is that of its text. */
export interface Evidence {
  readonly release: string
  /** What was measured: a report on an earlier bundle of the release says nothing about a later one. */
  readonly bundle: string
  readonly kind: string
  readonly hash: string
  readonly atMs: number
  readonly by: string
  readonly gates: readonly Omit<Gate, 'evidence'>[]
  /** JSON, canonical. */
  readonly text: string
}

/** Why a canary's share is held at nothing, and since when. */
export interface Pause {
  readonly by: string
  readonly sinceMs: number
  readonly automatic: boolean
}

/** One safeguard on its way, as the store keeps it. Changed only together with a move that says who and why. */
export interface Release {
  readonly id: string
  readonly slot: string
  /** Bound to `bundle` at submit; null before, and again after an edit. */
  readonly label: string | null
  readonly bundle: string
  readonly proposer: string
  readonly createdAtMs: number
  readonly state: ReleaseState
  readonly stageSinceMs: number
  readonly tier: Tier
  readonly tierBecause: readonly TierCause[]
  /** The register named one person only when it was submitted. */
  readonly singlePerson: boolean
  /** `sha256:` of bundle, evidence and gates, frozen at evaluate. */
  readonly manifest: string | null
  readonly gates: readonly Gate[]
  /** People behind `state.approvals`, with when their yes lapses. */
  readonly signed: readonly { readonly authority: string; readonly person: string; readonly expiresAtMs: number }[]
  /** Index into the steps; null outside of canary. */
  readonly step: number | null
  readonly stepSinceMs: number
  readonly paused: Pause | null
  readonly dryRun: boolean
  /** Was in force again after a rollback, and has been rolled back itself. */
  readonly withdrawn: boolean
  /** Labels of bundles that it had before it was edited: they stay theirs. */
  readonly pastLabels: readonly { readonly label: string; readonly bundle: string }[]
  /** Of the canary's arms: another one for each canary. */
  readonly salt: string
  readonly sunsetAtMs: number | null
  readonly sunsetReviewed: boolean
  /** What the report of its pack predicted of sessions, frozen with the pack; null: nothing did. */
  readonly predicted: Met | null
  readonly guard: Readonly<Record<GuardMetric, MetricState>> | null
  /** First requests before these are counted in `guard`: sessions, and sessions for appeals. Null: no look yet. */
  readonly guardUntilMs: { readonly sessions: number; readonly appeals: number } | null
  /** Of this record: a change that starts from an older one is refused. */
  readonly version: number
}

/** One thing that happened to a release. Only ever added. */
export interface ReleaseMove {
  readonly seq: number
  readonly release: string
  readonly atMs: number
  readonly by: string
  readonly kind: string
  readonly from: Stage
  readonly to: Stage
  readonly reason: string
  readonly manifest: string | null
  readonly singlePerson: boolean
  /** Plain data: share, label, expiry, what was accepted. */
  readonly facts: Readonly<Record<string, unknown>>
}

/**
 * The release in force of one slot: the enforcing one; after its rollback or sunset, the one that it had superseded. Null:
 * the safeguard that ships with this version in the base slot, nothing in any other.
 */
export function inForce(releases: readonly Release[], slot: string): Release | null {
  const own = releases.filter((release) => release.slot === slot)
  const enforcing = own.find(({ state }) => state.stage === 'enforcing')
  if (enforcing !== undefined) return enforcing
  const earlier = own.filter(({ state, withdrawn }) => state.stage === 'superseded' && !withdrawn)
  return earlier.reduce<Release | null>((a, b) => (a === null || b.stageSinceMs > a.stageSinceMs ? b : a), null)
}

/** What every gateway must hold of these releases. Pure; bundles that are not at hand leave their release out. */
export function releaseSet(
  releases: readonly Release[],
  bundleOf: (hash: string) => Bundle | null,
  base: Named,
  steps: readonly number[],
): ReleaseSet {
  const slots = new Set(['base', ...releases.map(({ slot }) => slot)])
  return Object.fromEntries(
    [...slots].sort().map((slot) => [slot, slotReleases(releases, slot, bundleOf, base, steps)]),
  )
}

function slotReleases(
  releases: readonly Release[],
  slot: string,
  bundleOf: (hash: string) => Bundle | null,
  base: Named,
  steps: readonly number[],
): SlotReleases {
  const named = (release: Release | null | undefined): Named | null => {
    const bundle = release === null || release === undefined ? null : bundleOf(release.bundle)
    if (bundle === null) return null
    return { release: release!.id, label: release!.label ?? release!.id, hash: release!.bundle, bundle }
  }
  const own = releases.filter((release) => release.slot === slot)
  const at = (stage: Stage) => own.find(({ state }) => state.stage === stage)
  const canary = at('canary')
  const canaryNamed = named(canary)
  return {
    enforcing: named(inForce(releases, slot)) ?? (slot === 'base' ? base : null),
    canary: canaryNamed === null ? null : { ...canaryNamed, percent: sharePercent(canary!, steps), salt: canary!.salt },
    shadow: named(at('shadow')),
    dryRuns: own.filter(({ dryRun }) => dryRun).flatMap((release) => named(release) ?? []),
  }
}

/** Percent that a canary decides now: nothing while it is paused. */
export function sharePercent({ step, paused }: Pick<Release, 'step' | 'paused'>, steps: readonly number[]): number {
  return step === null || paused !== null ? 0 : (steps[Math.min(step, steps.length - 1)] ?? 0)
}
