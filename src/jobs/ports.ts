import type { DecisionId } from '../core/base/ids.ts'
import type { Mode } from '../core/policy/policy.ts'
import type { BatchListing, BatchRecord } from '../core/protocols/batch-record.ts'
import type { SessionCount } from '../core/safeguards/usefulness.ts'
import type { ApiKey } from '../core/trust/api-key.ts'
import type { GuardStore } from './guard-ports.ts'
import type { KeptStore } from './kept-ports.ts'
import type { LabelledStore } from './label-ports.ts'
import type { ActionBucket, DecisionFilter, Page } from './listing-ports.ts'
import type { RecordStore } from './record-ports.ts'
import type { RegistryStore } from './registry-ports.ts'
import type { ReleaseStore } from './release-store-ports.ts'
import type { CollateralStore } from './replay-ports.ts'
import type { AppealStore, ReviewStore } from './review-ports.ts'
import type { SealedSegment, SpooledReceipt, SpoolPosition, StoredReceipt } from './spool-ports.ts'

export interface ModeRow {
  readonly mode: Mode
  readonly sinceMs: number
  readonly by: string
  readonly reason: string
}

/**
 * The durable store. One schema on SQLite and PostgreSQL; one contract suite runs against both.
 *
 * Writes are serialisable; a write that returned is durable. Counts are JavaScript numbers on both dialects.
 * @throws {StoreError} `store_unavailable` (try again later), `store_corrupt`.
 */
export interface Store
  extends AppealStore,
    ReviewStore,
    CollateralStore,
    ReleaseStore,
    RecordStore,
    KeptStore,
    RegistryStore,
    GuardStore,
    LabelledStore {
  /** Adds receipts and moves the spool position in one transaction. Idempotent by decision id. @returns how many were new. */
  addReceipts(receipts: readonly SpooledReceipt[], position: SpoolPosition): Promise<number>
  addContents(segments: readonly SealedSegment[], position: SpoolPosition): Promise<number>
  positions(): Promise<readonly SpoolPosition[]>
  forgetPosition(file: string): Promise<void>

  receipt(id: DecisionId): Promise<StoredReceipt | null>
  /** Newest first. */
  decisions(filter: DecisionFilter, limit: number, cursor: string | null): Promise<Page<StoredReceipt>>
  count(filter: DecisionFilter): Promise<number>
  /** Counts per bucket of `bucketMs`, action, would and category. */
  actions(sinceMs: number, untilMs: number, bucketMs: number): Promise<readonly ActionBucket[]>
  /**
   * Requests, sessions, and sessions with at least one decision above `flag` (by `would`), in the window. A session counts
   * once, however long it lasts; a request that names none is one of its own.
   */
  sessions(
    sinceMs: number,
    untilMs: number,
  ): Promise<{ readonly requests: number; readonly sessions: number; readonly touched: number }>
  /** The same sessions by organisation, surface or segment. One that is in two counts once in each. */
  sessionsBy(
    sinceMs: number,
    untilMs: number,
    by: 'org' | 'surface' | 'segment',
  ): Promise<readonly ({ readonly name: string } & SessionCount)[]>
  /** Counts per half-power-of-two bin of overhead in microseconds: bin b holds [2^(b/2), 2^((b+1)/2)). */
  overheads(sinceMs: number, untilMs: number): Promise<readonly { readonly bin: number; readonly requests: number }[]>

  /** Segments of a subject that may hold a decision of that time. */
  contentsAt(subject: string, atMs: number): Promise<readonly SealedSegment[]>
  expireContents(nowMs: number): Promise<number>
  /** The subject's wrapped data key, created by `make` if there is none. Atomic: two callers get the same key. */
  dataKey(subject: string, make: () => Uint8Array): Promise<Uint8Array>

  /** Keys of Sluice, revoked ones included, oldest first. */
  keys(): Promise<readonly ApiKey[]>
  addKey(key: ApiKey): Promise<void>
  /** @returns false when there is no such key that was valid. */
  revokeKey(id: string, atMs: number): Promise<boolean>

  /** An id that is there already stays with whom it belongs to. @param items What its results will need, sealed. */
  addBatch(record: BatchRecord, items: Uint8Array): Promise<void>
  batch(id: string): Promise<BatchRecord | null>
  batchItems(id: string): Promise<Uint8Array | null>
  /** Newest first. A cursor that is not this organisation's gives nothing. */
  batches(listing: BatchListing): Promise<readonly BatchRecord[]>
  forgetBatch(id: string): Promise<void>
  expireBatches(nowMs: number): Promise<number>

  mode(): Promise<ModeRow | null>
  setMode(row: ModeRow): Promise<void>
  close(): Promise<void>
}
