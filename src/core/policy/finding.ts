import type { AttackForm, Category } from '../base/harm.ts'
import type { PartKind, Trust } from '../conversation/exchange.ts'
import type { Action, Thresholds } from './policy.ts'

export type Stage = 'input' | 'output' | 'exchange'
/** Where a decision came from: a stage of reading, or a control that reads nothing. */
export type DecidedAt = Stage | 'control'

/**
 * How far a detector's word reaches. The light tier's word on *intent* never goes beyond a fallback; a second opinion
 * (judge, guard model, hosted moderation, person) may decide alone; an activation probe only where the light tier
 * agrees with it.
 */
export type Tier = 'light' | 'probe' | 'second_opinion'

/** What an operator wants done where a second opinion was asked for and did not answer; `error` is a 503. */
export const FAIL_ACTIONS = ['flag', 'fall_back', 'require_trust', 'error'] as const
export type FailAction = (typeof FAIL_ACTIONS)[number]

/** Where something was found. `newest` is false for history: it was decided when it was new. */
export interface Place {
  readonly part: PartKind
  readonly trust: Trust
  readonly turn: number
  readonly newest: boolean
}

/** `media` of a text in a language of which the classifier has learned nothing: what it scores there says nothing. */
export const UNKNOWN_LANGUAGE = 'unknown_language'

const RULE = 'rule:'

/** Whose silence it is when a rule is not asked any more. */
export function ruleDetector(name: string): string {
  return RULE + name
}

/** A rule is no second opinion, though policy answers its silence as it answers theirs: no cascade asks it. */
export function isRule({ detector }: { readonly detector: string }): boolean {
  return detector.startsWith(RULE)
}

/** What a detector reports. A detector that fails reports `unavailable`; it never stays silent. */
export type Finding =
  | {
      readonly kind: 'scored'
      readonly detector: string
      readonly tier: Tier
      readonly stage: Stage
      readonly place: Place
      /**
       * Calibrated probability per label in the order of `LABELS`, parts per million: integers compare and serialise
       * the same everywhere. Shape [LABELS.length].
       */
      readonly ppm: readonly number[]
      /** Of a second opinion: categories that its silence clears as well; absent, every one. */
      readonly covers?: readonly Category[]
      /** Of a second opinion: categories in doubt that it has no word on, whatever it covers. */
      readonly open?: readonly Category[]
      /** Where the detector's own probabilities start to count; absent, the policy's thresholds. */
      readonly thresholds?: Thresholds
    }
  | {
      readonly kind: 'unavailable'
      readonly detector: string
      readonly tier: Tier
      readonly stage: Stage
      /** Why, e.g. `timeout`; never text of the detector's. */
      readonly code?: string
      /** What the operator declared for the categories it was asked about; absent, the cheaper stages decide. */
      readonly onFailure?: readonly { readonly category: Category; readonly action: FailAction }[]
    }
  /** An operator's rule matched: it says itself what follows. */
  | {
      readonly kind: 'rule'
      readonly rule: string
      readonly stage: Stage
      readonly action: Exclude<Action, 'allow'>
      readonly category: Category
      readonly place: Place
    }
  /** A technique that was reported: a head learned from its variants knows the text again. An attack form, not intent. */
  | {
      readonly kind: 'family'
      readonly family: string
      readonly form: AttackForm
      readonly category: Category | null
      readonly stage: 'input'
      readonly place: Place
    }
  /** The provider refused by itself, and policy lets our fallback answer for it. */
  | { readonly kind: 'provider_refusal'; readonly stage: 'output'; readonly category: Category }
  /** A control that holds for the model asked: it reads no text, and holds in observe too. */
  | { readonly kind: 'control'; readonly control: 'suspended' }
  /** A part that no detector of ours can read; `media` is `UNKNOWN_LANGUAGE` where it is text. */
  | { readonly kind: 'uninspected'; readonly stage: Stage; readonly media: string; readonly place: Place }
  | { readonly kind: 'skipped'; readonly detector: string; readonly stage: Stage; readonly why: string }

/** Probabilities in [0, 1] as parts per million, rounded down: a threshold is reached only when it really is. */
export function toPpm(probabilities: ArrayLike<number>): number[] {
  const ppm = new Array<number>(probabilities.length)
  for (let i = 0; i < probabilities.length; i++) ppm[i] = Math.floor(probabilities[i]! * 1e6)
  return ppm
}
