import type { Applied, RecordView } from '../core/jailbreaks/exchange/record-view.ts'
import type { FeedRead } from '../jobs/feed/feed-read.ts'
import type { PartnerFeed, PinnedPartner } from './partner-contract.ts'

/** What is known of partners and of what they share, as it was last read. */
export interface PartnerAdmin {
  /** Publisher of the feed of this instance; null: it has none. */
  self(): Promise<string | null>
  pinned(): Promise<readonly PinnedPartner[]>
  feeds(nowMs: number): Promise<readonly PartnerFeed[]>
  /** Every object that was found good, of all partners and of one's own feed. */
  applied(): Promise<readonly Applied[]>
  /** How the last read of each level by this instance's timer went. */
  reads(): readonly FeedRead[]
  /** The records among them that are in force, each with all that others say of it. */
  views(): Promise<readonly RecordView[]>
}
