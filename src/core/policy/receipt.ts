import type { AppealId, DecisionId, OrgId, PrincipalId } from '../base/ids.ts'
import type { Segment } from '../base/segments.ts'
import type { Dialect, Surface, Usage, VendorCategory } from '../conversation/exchange.ts'
import type { Decision, DecisionInput } from './decision.ts'
import type { Action } from './policy.ts'

/** A request's part in a rollout, where a canary is on trial and its arms are shared out. */
export interface Trial {
  /** Label of the release on trial. */
  readonly release: string
  /** Who decided. */
  readonly arm: 'enforcing' | 'canary'
  /** Share of the canary at that moment: arms are alike only within one share. */
  readonly percent: number
  /** What an arm sticks to. */
  readonly by: 'org' | 'session'
}

/**
 * The one record that every decision leaves (record.md §2), `allow` included: the complete inputs of `decide`, its
 * output, and what was served. Stored as one line of JSON; the SHA-256 of exactly these bytes is `record.receipt` on
 * the wire. Holds ids, hashes, counts and probabilities: never conversation text, never a credential.
 */
export interface Receipt {
  readonly v: 1
  readonly id: DecisionId
  readonly appeal: AppealId
  /** When the request had arrived, milliseconds since 1970. */
  readonly atMs: number
  readonly surface: Surface
  readonly dialect: Dialect
  readonly stream: boolean
  readonly org: OrgId
  readonly principal: PrincipalId
  /** Keyed hash of the client's conversation key, or null. */
  readonly session: string | null
  readonly lang: 'ja' | 'en'
  readonly requestedModel: string
  readonly servedModel: string | null
  /**
   * Every input of `decide`, one entry per decision made: input, then output. Recomputing one MUST give its decision;
   * null stands for an `allow` without a reason, which is nearly all of them.
   */
  readonly steps: readonly { readonly input: DecisionInput; readonly decision: Decision | null }[]
  /** The last, and so the effective, decision. */
  readonly decision: Decision
  /**
   * Ids that were given away and can be named later: of what the upstream keeps, to a caller who shares the operator's
   * account there; and of a refusal that is kept here. Left out without any.
   */
  readonly gave?: readonly string[]
  /** Release of each slot that took part. */
  readonly safeguards: Readonly<Record<string, string>>
  /** `sha256:` of the classifier's model file. */
  readonly model: string
  readonly usage: Usage | null
  /** Models that were asked and declined before the one that served, with their tokens; empty for nearly all. */
  readonly declined: readonly { readonly model: string; readonly usage: Usage }[]
  /** The refusal whose credit token this request redeemed, or null. */
  readonly retryOf: DecisionId | null
  readonly guard: GuardFacts
  /** HTTP status the caller got. */
  readonly status: number
  /** How the answer ended. */
  readonly end: 'complete' | 'refused' | 'error' | 'client_gone' | 'upstream_error'
  readonly upstreamRefusal: boolean
  /** What the vendor named with that refusal; left out where it named nothing. */
  readonly vendorCategory?: VendorCategory
  readonly upstreamRequestId: string | null
  /** Time inside Sluice before the first upstream byte was written, microseconds. */
  readonly overheadUs: number
  /** From arrival to the end of the answer, microseconds. */
  readonly totalUs: number
  /** Code units that were classified for this decision. */
  readonly charsScored: number
  readonly contentKept: boolean
  /** What shadow and dry runs would have done; left out where none looked on. */
  readonly looks?: readonly { readonly release: string; readonly would: Action }[]
  /** The key's own kind of traffic; left out where it names none. */
  readonly segment?: Segment
  /** What the request is about, as the classifier tells it: for reports, never for the decision. Left out where it cannot. */
  readonly topic?: Segment
  /** Left out where no canary is on trial, or where the request had no session for an arm to stick to. */
  readonly trial?: Trial
  /** 32 random bytes, hex: makes the hash of these bytes a salted commitment. */
  readonly salt: string
}

export interface GuardFacts {
  readonly mode: 'none' | 'hold' | 'lag' | 'annotate'
  /** Characters of answer text that had left before a stop; all of them if there was none. */
  readonly releasedChars: number
  readonly heldMs: number
}
