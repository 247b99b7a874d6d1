/** JSON of the admin API about partners. Times are milliseconds since 1970, UTC. */
import type { StatementKind } from '../core/jailbreaks/exchange/statement.ts'
import type { Level } from '../core/jailbreaks/exchange/tlp.ts'
import type { FeedRead } from '../jobs/feed/feed-read.ts'
import type { Quarantined, Stopped } from '../jobs/feed/ports.ts'

/** One level of one partner's feed. */
export interface PartnerFeed {
  readonly partner: string
  readonly level: Level
  readonly origin: string
  readonly size: number
  readonly applied: number
  readonly quarantined: readonly Quarantined[]
  readonly pending: number
  /** A person resumes it: `sluice feed resume`. */
  readonly stopped: (Stopped & { readonly notes: readonly (string | null)[] }) | null
  readonly fresh: boolean
  /** Last time a quorum of witnesses had seen it; null: none ever has. */
  readonly seenAtMs: number | null
  /** Hours that such a sight counts, as the partner's provider file says; null: its copy does not say. */
  readonly maxAgeH: number | null
  readonly freshUntilMs: number | null
  readonly rootExpiresMs: number | null
  readonly syncedAtMs: number
  /** Partners who say that this log contradicts itself. */
  readonly disputedBy: readonly string[]
}

/** Who is pinned, and who compared the hash of its first root. */
export interface PinnedPartner {
  readonly name: string
  readonly source: string
  /** Hex. */
  readonly root: string
  readonly levels: readonly Level[]
  readonly by: string
  readonly how: string
  readonly at: string
}

/** What a party says of a record, beside the record. */
export interface Opinion {
  readonly by: string
  readonly kind: StatementKind
  readonly at: string
  readonly id: string
  /** False: it was said of another version than the one shown. */
  readonly aboutThis: boolean
  /** Of a dispute: the claim, and when it ended. */
  readonly claim: string | null
  readonly settled: string | null
  /** Of an assessment. */
  readonly vector: string | null
}

/** A record in force, whoever published it, with what all say of it together. */
export interface PartnerObject {
  readonly publisher: string
  readonly id: string
  readonly level: Level
  /** Hex, of the envelope file. */
  readonly sha256: string
  readonly modified: string
  readonly summary: { readonly en: string; readonly ja: string }
  readonly withdrawn: boolean
  readonly disputed: boolean
  readonly cells: readonly {
    readonly target: string
    readonly harm: string
    /** Null: disputed, or not measured. Never an average. */
    readonly tenths: number | null
    readonly parties: number
    readonly apart: readonly string[]
  }[]
  readonly opinions: readonly Opinion[]
  /** Number of the report here that is about the same record; null: it is not known locally. */
  readonly local: string | null
}

/** GET /api/partners */
export interface PartnerList {
  readonly nowMs: number
  readonly partners: readonly PinnedPartner[]
  readonly feeds: readonly PartnerFeed[]
  /** How the timer's last read of each level went, where it has read. */
  readonly reads: readonly FeedRead[]
  /** Newest first. */
  readonly objects: readonly PartnerObject[]
  /** Objects of other kinds in force, by publisher: panels, instruments, statements. */
  readonly others: readonly {
    readonly publisher: string
    readonly type: 'statement' | 'panel' | 'instrument'
    readonly count: number
  }[]
}
