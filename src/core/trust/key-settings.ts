import type { Segment } from '../base/segments.ts'

/** How a caller wants to be told things: properties of its key (wire.md §3, §6.4, §9). */
export interface KeySettings {
  /** How much of a decision it is told. */
  readonly detail: 'minimal' | 'standard' | 'full'
  /** How a served fallback is shown beside the members that always are; null: as a block where the caller can parse it. */
  readonly disclosure: 'standard' | 'block' | 'notice' | null
  /** Null: as `accept-language` says. */
  readonly language: 'ja' | 'en' | null
  /** Copy a refusal into the visible text, for clients that drop the native member. */
  readonly mirrorRefusal: boolean
  /** `error`: a request that needs trusted access is answered 403 instead of a refusal. */
  readonly onTrustRequired: 'refusal' | 'error'
  /** Serve the fallback ourselves even where the caller's client would ask again by itself. */
  readonly preferServerFallback: boolean
  /** May send `x-sluice-mode: off | observe`. */
  readonly mayChooseMode: boolean
  /** Kind of traffic that it is used for, in reports; null: told from elsewhere. */
  readonly segment: Segment | null
}

export const DEFAULT_KEY_SETTINGS: KeySettings = {
  detail: 'standard',
  disclosure: null,
  language: null,
  mirrorRefusal: false,
  onTrustRequired: 'refusal',
  preferServerFallback: false,
  mayChooseMode: false,
  segment: null,
}
