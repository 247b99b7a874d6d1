import type { Level } from '../../core/jailbreaks/exchange/tlp.ts'
import type { SyncKind } from './sync.ts'

/** How the last read of one level by the timer went; of the whole partner, where it came to no level. */
export interface FeedRead {
  readonly partner: string
  readonly level: Level | null
  readonly atMs: number
  /** `failed`: something of this machine, such as the store. */
  readonly kind: SyncKind | 'failed'
  /** A code or a sentence, in English; null where it went well. */
  readonly reason: string | null
  /** No automatic action may rest on a feed that is not; as of this read. */
  readonly fresh: boolean
  /** When a read last went well, milliseconds since 1970; null: none has since the start. */
  readonly goodAtMs: number | null
  /** Reads that did not go well since the start. */
  readonly failures: number
}
