/** JSON of the admin API about releases, as the console and `--json` read it. Times are milliseconds since 1970, UTC. */
import type { Bundle } from '../core/safeguards/bundle.ts'
import type { Plan } from '../core/safeguards/plan.ts'
import type { Evidence, Release, ReleaseMove } from '../core/safeguards/release.ts'
import type { GuardMetric, MetricVerdict } from '../core/safeguards/sequential.ts'
import type { ReportRun } from '../jobs/report-runs.ts'

/** One line of GET /api/releases, and the head of a release. */
export interface ReleaseRow extends Omit<Release, 'guard' | 'salt' | 'pastLabels'> {
  /** Label, or the id before there is one. */
  readonly name: string
  readonly inForce: boolean
  /** Percent of the canary now; null outside of it. */
  readonly percent: number | null
}

/** GET /api/releases */
export interface ReleaseList {
  /** Newest first. */
  readonly items: readonly ReleaseRow[]
  readonly slots: readonly {
    readonly slot: string
    /** Label that decides now; null: nothing yet. */
    readonly label: string | null
    /** Null: the safeguard that ships with this version. */
    readonly release: string | null
  }[]
  readonly singlePerson: boolean
  readonly steps: readonly number[]
}

/** GET /api/releases/{id or label} */
export interface ReleaseDetail {
  readonly row: ReleaseRow
  /** What it changes against what is in force now. */
  readonly plan: Plan & { readonly against: string | null }
  /** Oldest first. */
  readonly moves: readonly ReleaseMove[]
  /** Without the reports themselves: GET /api/releases/{id}/evidence/{hash}. */
  readonly evidence: readonly Omit<Evidence, 'text'>[]
  readonly guard: Readonly<Record<GuardMetric, MetricVerdict>>
  readonly earliestMs: number
  /** The quorum of its tier in words; `closed`: not for one person alone. */
  readonly quorum: string
  readonly steps: readonly number[]
  /** The collateral report about it that this instance makes or made; null: none. */
  readonly report: ReportRun | null
}

/** GET /api/safeguards/{slot}: what decides now, whole. */
export interface SafeguardInForce {
  readonly label: string
  readonly release: string | null
  readonly hash: string
  readonly bundle: Bundle
}

/** POST /api/plan {bundle}; POST /api/bundles {bundle, by} → {hash} */
export type PlanReply = Plan & { readonly against: string | null }
