import type { Difference, Share } from '../../base/clustered.ts'
import type { Interval } from '../../base/intervals.ts'
import type { AttackGain } from './attacks.ts'
import type { Claim, Outcome } from './claim.ts'
import type { Moved } from './columns.ts'
import type { Met } from './met.ts'
import type { Movement } from './paired-case.ts'
import type { Separability, Separation } from './separable.ts'
import type { Slice } from './slices.ts'

/** One of the two safeguards: how people call it, and the bundle's hash where it has one. */
export interface Side {
  readonly label: string
  readonly hash: string | null
}

/** A permanent set of legitimate texts that no release may act on, beyond what is acted on today. */
export interface PermanentSet {
  readonly set: string
  readonly n: number
  /** Ids that the new safeguard diverts or refuses, and those that the enforcing one does. */
  readonly acted: readonly string[]
  readonly actedBefore: readonly string[]
}

/** Change of the answer's quality per diverted request, on a scale where 1 is the whole answer; negative is loss. */
export interface Quality extends Interval {
  readonly change: number
  readonly n: number
}

/** What looking costs: microseconds per request, and model tokens that detectors spend per 1,000 requests. */
export interface Cost {
  readonly requests: number
  readonly before: { readonly p50Us: number; readonly p99Us: number }
  readonly after: { readonly p50Us: number; readonly p99Us: number }
  readonly tokensBefore: number
  readonly tokensAfter: number
}

export interface NotCovered {
  /** Requests that could not be decided again, by reason: `no_content`, `unknown_findings`, … */
  readonly notReplayable: Readonly<Record<string, number>>
  /** Refused before an answer was made, and let through now: what the answer would have been, nobody knows. */
  readonly withoutAnswer: number
  readonly unlabelled: number
  readonly slices: readonly { readonly name: string; readonly n: number; readonly needed: number }[]
  /** Slices beyond those shown. */
  readonly slicesLeft: number
  readonly qualityMeasured: boolean
  readonly attacksSeen: boolean
}

export const GATES = ['permanent', 'miss', 'retained', 'separable', 'slices', 'overhead', 'sunset'] as const
export type GateName = (typeof GATES)[number]

/** Why a gate ended as it did; each has a sentence in the catalogue. */
export type GateReason =
  | 'holds'
  | 'acts_on_permanent'
  | 'still_acted'
  | 'no_permanent'
  | 'claim_n'
  | 'claim_missed'
  | 'one_sided'
  | 'loses_attacks'
  | 'over_budget'
  | 'too_few'
  | 'inseparable'
  | 'not_stated'
  | 'over_slice'
  | 'over_limit'
  | 'not_measured'
  | 'no_sunset'

export interface Gate {
  readonly name: GateName
  readonly outcome: Outcome
  readonly reason: GateReason
  /** What was looked at. */
  readonly n: number
  /** Where the whole interval must stay; null: not a number. */
  readonly limit: number | null
  readonly value: (Interval & { readonly value: number }) | null
  /** Which set, family or slice decided; null where there is one only. */
  readonly about: string | null
  /** How many would decide an INCONCLUSIVE one; null where none would. */
  readonly needed: number | null
}

/**
 * What a change of safeguards does to honest work, and what it gains: paired on the same requests. Plain data; JSON of it
 * is the report. Shares of requests and of sessions are different shares and are never added.
 */
export interface CollateralReport {
  readonly v: 1
  readonly kind: 'collateral'
  readonly before: Side
  readonly after: Side
  readonly source: string
  readonly window: { readonly sinceMs: number; readonly untilMs: number } | null
  readonly outcome: Outcome
  readonly gates: readonly Gate[]
  readonly traffic: {
    /** Legitimate: labelled harmless, or not labelled. */
    readonly requests: number
    readonly sessions: number
    readonly organisations: number
    readonly labels: { readonly harmful: number; readonly harmless: number; readonly unlabelled: number }
  }
  readonly movements: Readonly<Record<Movement, { readonly requests: Share; readonly sessions: Share }>>
  readonly retained: {
    /** Answered by the model asked: share of requests. */
    readonly before: Share
    readonly after: Share
    /** Sessions in which every request was. */
    readonly sessionsBefore: Share
    readonly sessionsAfter: Share
    /** Not answered as asked, after minus before. */
    readonly difference: Difference
    /** A diverted request counts with the quality it keeps; null: not measured. */
    readonly weighted: (Interval & { readonly value: number }) | null
  }
  /** Kept apart: how many are diverted, and what each loses. */
  readonly diverted: { readonly share: Share; readonly quality: Quality | null }
  readonly met: Met
  /** Users with no request decided otherwise for them; null: users unknown. */
  readonly usersUnchanged: Share | null
  readonly mcnemar: Readonly<
    Record<'requests' | 'sessions', { readonly worse: number; readonly better: number; readonly p: number }>
  >
  readonly slices: readonly Slice[]
  readonly sliceLimit: number
  readonly superset: Superset
  readonly attacks: readonly AttackGain[]
  readonly attacksTotal: AttackGain | null
  readonly claim: (Claim & { readonly family: string; readonly share: number }) | null
  readonly separability: Separability | null
  readonly permanent: readonly PermanentSet[]
  readonly cost: Cost | null
  readonly madeFor: string | null
  readonly sunset: string | null
  readonly notCovered: NotCovered
  /** Every request whose action differs, by name: complete. */
  readonly moved: readonly Moved[]
}

/**
 * Does the new one act on everything that the old one acts on (`superset`), the reverse (`subset`), on the same
 * (`equal`), or neither (`mixed`)? Legitimate requests; acting is diverting or refusing.
 */
export interface Superset {
  readonly relation: 'superset' | 'subset' | 'equal' | 'mixed'
  readonly newlyActed: number
  readonly noLongerActed: number
  readonly unchanged: number
  /** It takes more from legitimate requests, gives nothing back, and no attack more is caught. */
  readonly strictlyWorse: boolean
}

/** What a report is made with, besides the cases. */
export interface CollateralSettings {
  readonly before: Side
  readonly after: Side
  readonly source: string
  readonly window: CollateralReport['window']
  /** Least retained share, and most that any slice may lose, as shares. */
  readonly retainedBudget: number
  readonly sliceLimit: number
  /** Most of the attacks caught before that may be missed now, where nothing else is claimed. */
  readonly attackLossLimit: number
  readonly overheadLimitUs: number
  readonly claim: { readonly family: string; readonly share: number } | null
  readonly separation: Separation | null
  readonly permanent: readonly PermanentSet[]
  readonly quality: Quality | null
  readonly cost: Cost | null
  readonly temporary: boolean
  readonly sunset: string | null
  /** The authority that asked for it, or null. */
  readonly madeFor: string | null
  readonly notReplayable: Readonly<Record<string, number>>
  readonly withoutAnswer: number
}

/** Limits that hold unless the operator sets others. */
export const DEFAULT_LIMITS = {
  retainedBudget: 0.985,
  sliceLimit: 0.01,
  attackLossLimit: 0.01,
  overheadLimitUs: 5000,
} as const
