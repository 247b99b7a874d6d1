import type { OrgId, PrincipalId } from '../base/ids.ts'
import type { ComposeContext, Notice } from './adapter.ts'

/** What is remembered of a batch from its creation on, until its results are gone. */
export interface BatchRecord {
  /** `msgbatch_…`: the upstream's, or ours where no item went upstream. */
  readonly id: string
  readonly org: OrgId
  readonly principal: PrincipalId
  /** False for a batch of Sluice's own: no upstream knows it. */
  readonly upstream: boolean
  readonly createdAtMs: number
  readonly expiresAtMs: number
  /** Items that Sluice answers itself. */
  readonly ownSucceeded: number
  readonly ownErrored: number
}

/** One item of a batch, as far as its result depends on what was decided when the batch was made. */
export type BatchItem =
  /** Never went upstream. `line` is its whole result, without a line end. */
  | { readonly kind: 'own'; readonly customId: string; readonly line: string }
  | {
      readonly kind: 'sent'
      readonly customId: string
      readonly model: string
      /** Scores of what the user asked, parts per million: the answer is judged together with it. Null without text. */
      readonly asked: readonly number[] | null
      /** The caller's betas know the fallback members of a refusal. */
      readonly fallbackMembers: boolean
      /** Another model answers; how that is disclosed once it has. */
      readonly diverted: { readonly notice: Notice; readonly context: ComposeContext } | null
    }

/** A page of one tenant's batches, newest first. */
export interface BatchListing {
  readonly org: OrgId
  /** Only batches of Sluice's own that this principal made; null for every batch of the organisation. */
  readonly ownOf: PrincipalId | null
  readonly limit: number
  /** Older than this batch. */
  readonly afterId: string | null
  /** Newer than this batch. */
  readonly beforeId: string | null
}
