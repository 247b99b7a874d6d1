import type { Assessment, ModelName } from './record.ts'
import type { Hex256, ReplyText, Texts, Time } from './texts.ts'
import type { Tlp } from './tlp.ts'

/** What others say about an object. Nobody edits another's record: they say something about it. */
export type Statement =
  | AssessmentStatement
  | Sighting
  | StatusStatement
  | Dispute
  | Reply
  | Correction
  | WithdrawalRequest

export const STATEMENT_KINDS = [
  'assessment',
  'sighting',
  'status',
  'dispute',
  'reply',
  'correction',
  'withdrawal_request',
] as const
export type StatementKind = (typeof STATEMENT_KINDS)[number]

interface Said<Kind extends StatementKind> {
  /** `STM-YYYY-NNNNNN`, numbered by who says it. */
  readonly id: string
  readonly kind: Kind
  readonly about: About
  /** Name of the party, the publisher of the feed it is in. */
  readonly by: string
  readonly at: Time
  /** Where present, equals the level of the log it is in. */
  readonly tlp?: Tlp
  /** The later one wins; where absent, `at` stands for it. */
  readonly modified?: Time
  readonly withdrawn?: { readonly at: Time; readonly reason: Texts | string } | null
}

/** The object meant; its hash is that of the envelope file, so that a word about one version is not taken for another. */
export interface About {
  readonly publisher: string
  /** Of an object; of a log in a `dispute` about it: its origin. */
  readonly id: string
  readonly sha256: Hex256
}

export interface AssessmentStatement extends Said<'assessment'> {
  readonly assessment: Assessment
}

export const SIGHTING_COUNTS = ['1', '2-9', '10-99', '100+'] as const
export type SightingCount = (typeof SIGHTING_COUNTS)[number]

export interface Sighting extends Said<'sighting'> {
  readonly count: SightingCount
  readonly window: { readonly from: Time; readonly to: Time }
  readonly region: string
}

export const STATUSES = ['affected', 'not_affected', 'fixed', 'under_investigation'] as const
export type Status = (typeof STATUSES)[number]
export const JUSTIFICATIONS = [
  'technique_not_reproducible',
  'model_not_offered',
  'blocked_by_safeguard',
  'no_uplift_in_context',
] as const

export interface StatusStatement extends Said<'status'> {
  readonly model: ModelName
  readonly status: Status
  /** Only with `not_affected`, and then always. */
  readonly justification?: (typeof JUSTIFICATIONS)[number]
}

export interface Dispute extends Said<'dispute'> {
  /** Id of a claim, name of a metric, or `log`. */
  readonly claim: string
  readonly reason: Texts
  /** `sha256:` and hex, each. */
  readonly evidence: readonly string[]
  /** A dispute about a log carries both signed checkpoints, whole. */
  readonly checkpoints?: readonly string[]
  /** Set by the same party when its dispute ends. */
  readonly settled?: Time | null
}

/** The vendor's right of reply: shown wherever the record is shown. */
export interface Reply extends Said<'reply'> {
  readonly status?: Status
  readonly text: ReplyText
  readonly evidence: readonly string[]
}

export interface Correction extends Said<'correction'> {
  readonly claim: string
  readonly wrong: Texts
  readonly right: Texts
  /** Ids of the briefs that used it. */
  readonly briefs: readonly string[]
}

/** The publisher answers within 14 days. */
export interface WithdrawalRequest extends Said<'withdrawal_request'> {
  readonly reason: Texts
}
