import type { Category } from '../base/harm.ts'
import type { ReasonCode } from '../base/reasons.ts'
import type { Standing } from '../trust/standing.ts'
import type { DecidedAt, Finding, Place, Stage } from './finding.ts'
import type { Action, Level, Mode } from './policy.ts'

/** Everything a decision depends on besides the policy, which its release names. Stored whole in the receipt. */
export interface DecisionInput {
  readonly stage: Stage
  readonly findings: readonly Finding[]
  readonly standing: Standing
  readonly mode: Exclude<Mode, 'off'>
  /** A usable target for this caller and model at this moment, or null. */
  readonly fallbackModel: string | null
  /** The model asked is itself the fallback target: it already is the weaker answer. */
  readonly asksFallbackTarget: boolean
}

/** What policy concludes for one request: the action, and why, so that it can be recomputed and explained. */
export interface Decision {
  /** What happens. */
  readonly action: Action
  /** What would happen in `enforce`; equal to `action` there. */
  readonly would: Action
  /** Null exactly when `would` is `allow`. */
  readonly reason: ReasonCode | null
  readonly category: Category | null
  readonly stage: DecidedAt | null
  /** How far the finding reached: the abstain band, or a threshold of action. Null where no probability decided. */
  readonly level: Level | null
  /** `near`: the probability is less than half-way from the threshold reached to certainty. */
  readonly band: 'near' | 'clear' | null
  /** The rule that applied, e.g. `cyber.input.act`; operator console and record only. */
  readonly rule: string | null
  readonly where: readonly Place[]
  /** Detectors that did not answer. */
  readonly degraded: readonly string[]
  /** Target of a fallback, or null. */
  readonly fallbackModel: string | null
  readonly trustScope: string | null
}
