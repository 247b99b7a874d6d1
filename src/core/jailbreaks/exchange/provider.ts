import type { Hex256, Time } from './texts.ts'
import type { Tlp } from './tlp.ts'

/** Who publishes here, where its feeds are, and which trust root it has now. At `.well-known/sluice/provider.json`. */
export interface Provider {
  /** Name of the partner: the publisher of every object in its feeds. */
  readonly name: string
  readonly roles: readonly string[]
  readonly contacts: readonly { readonly kind: string; readonly value: string }[]
  readonly feeds: readonly ProviderFeed[]
  readonly root: { readonly version: number; readonly sha256: Hex256 }
  readonly jurisdiction: string
  readonly members_since: Time
}

export interface ProviderFeed {
  readonly tlp: Tlp
  readonly origin: string
  /** Folder of the level, relative to the feed, ending in `/`. */
  readonly prefix: string
  /** Hours after which a checkpoint without a newer cosignature makes the feed stale. */
  readonly max_age_h: number
}
