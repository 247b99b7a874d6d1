import type { Segment } from '../core/base/segments.ts'
import type { Action } from '../core/policy/policy.ts'
import type { ReviewLabel } from '../core/safeguards/review-label.ts'

/** A decision with what people made of it. */
export interface LabelledDecision {
  readonly decision: string
  readonly atMs: number
  readonly org: string
  readonly surface: string
  readonly segment: Segment
  readonly would: Action
  /** What its readers came to; while they have not, the last word. */
  readonly label: ReviewLabel
}

/** Words of people, by the decisions that they are about. Part of the store. */
export interface LabelledStore {
  /** Decisions of that time with a label. Revoked labels and hidden checks are left out. */
  labelledDecisions(sinceMs: number, untilMs: number): Promise<readonly LabelledDecision[]>
}
