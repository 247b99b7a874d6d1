import type { AttackForm, Category } from '../core/base/harm.ts'
import type { AppealId, DecisionId } from '../core/base/ids.ts'
import type { EvalRow, Verdict } from '../core/classifier/evaluation/row.ts'
import type { Action, Mode } from '../core/policy/policy.ts'
import type { Receipt } from '../core/policy/receipt.ts'
import type { BatchListing, BatchRecord } from '../core/protocols/batch-record.ts'
import type { Evidence, Release, ReleaseMove } from '../core/safeguards/release.ts'
import type { ApiKey } from '../core/trust/api-key.ts'

/** What the store keeps beside a receipt's line: the members that stand before its steps. */
export type ReceiptHead = Pick<
  Receipt,
  'id' | 'atMs' | 'surface' | 'org' | 'session' | 'requestedModel' | 'servedModel' | 'overheadUs' | 'decision'
>

/** A receipt on its way from the spool to the store. */
export interface SpooledReceipt {
  readonly head: ReceiptHead
  /** The exact line: hashing it again must give `hash`. */
  readonly line: string
  readonly hash: string
}

/** A receipt with the hash of its stored bytes. */
export interface StoredReceipt {
  readonly receipt: Receipt
  /** The exact line: hashing it again must give `hash`. */
  readonly line: string
  readonly hash: string
}

/** Contents of one subject that arrived together, sealed as one: AES-256-GCM under the subject's data key. */
export interface SealedSegment {
  readonly id: string
  readonly subject: string
  /** Arrival of the first and the last decision in it. */
  readonly fromMs: number
  readonly toMs: number
  readonly expiresAtMs: number
  /** nonce (12) ‖ ciphertext ‖ tag (16); inside, requests and answers by decision. */
  readonly blob: Uint8Array
}

/** How far a spool file has been read; moves in the same transaction as what was read. */
export interface SpoolPosition {
  readonly file: string
  readonly offset: number
}

export interface DecisionFilter {
  readonly action?: readonly Action[]
  readonly would?: readonly Action[]
  readonly category?: readonly string[]
  readonly surface?: readonly string[]
  /** Substrings of the requested or served model; any of them. */
  readonly model?: readonly string[]
  readonly org?: string
  readonly sinceMs?: number
  readonly untilMs?: number
  /** Free text: prefix of a decision id. */
  readonly text?: string
}

export interface Page<T> {
  readonly items: readonly T[]
  /** Cursor of the next, older page, or null. */
  readonly next: string | null
}

/** One bucket of traffic: counts of what was done (`action`) and, in observe, of what would have been (`would`). */
export interface ActionBucket {
  readonly startMs: number
  readonly action: Action
  readonly would: Action
  readonly category: string | null
  readonly requests: number
  readonly sessions: number
}

export interface AppealRow {
  readonly id: AppealId
  readonly decision: DecisionId
  readonly state: 'open'
  readonly filedAtMs: number
  readonly respondByMs: number
  readonly note: string
}

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
export interface Store extends ReleaseStore {
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
  /** Requests, sessions, and sessions with at least one decision above `flag` (by `would`), in the window. */
  sessions(
    sinceMs: number,
    untilMs: number,
  ): Promise<{ readonly requests: number; readonly sessions: number; readonly touched: number }>
  /** Counts per half-power-of-two bin of overhead in microseconds: bin b holds [2^(b/2), 2^((b+1)/2)). */
  overheads(sinceMs: number, untilMs: number): Promise<readonly { readonly bin: number; readonly requests: number }[]>

  /** Segments of a subject that may hold a decision of that time. */
  contentsAt(subject: string, atMs: number): Promise<readonly SealedSegment[]>
  expireContents(nowMs: number): Promise<number>
  /** The subject's wrapped data key, created by `make` if there is none. Atomic: two callers get the same key. */
  dataKey(subject: string, make: () => Uint8Array): Promise<Uint8Array>

  fileAppeal(
    appeal: AppealRow,
  ): Promise<{ readonly filed: boolean; readonly appeal: AppealRow; readonly before: number }>
  appeal(decision: DecisionId): Promise<AppealRow | null>

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

/** A release as it is to be; `expected` is the version it was read with, null: it is new. */
export interface ReleaseChange {
  readonly release: Release
  readonly expected: number | null
}

/** Safeguard releases. Part of the store. */
export interface ReleaseStore {
  /** A hash that is there already stays as it is. */
  addBundle(bundle: {
    readonly hash: string
    readonly slot: string
    readonly text: string
    readonly atMs: number
    readonly by: string
  }): Promise<void>
  /** The one text of a bundle, or null. */
  bundle(hash: string): Promise<string | null>
  /** All of them, oldest first. */
  releases(): Promise<readonly Release[]>
  release(id: string): Promise<Release | null>
  /**
   * All changes with their moves and evidence, or none of them. Per slot one release is in shadow, one in canary, one enforcing.
   * @returns false where another change came first, or the place or label has gone to another release.
   */
  changeReleases(
    changes: readonly ReleaseChange[],
    moves: readonly Omit<ReleaseMove, 'seq'>[],
    evidence?: readonly Evidence[],
  ): Promise<boolean>
  /** Oldest first. */
  releaseMoves(id: string): Promise<readonly ReleaseMove[]>
  /** Number of moves of all releases: grows when anything changes, in whatever process. */
  releaseRevision(): Promise<number>
  /** Of all its bundles, oldest first. */
  evidence(release: string): Promise<readonly Evidence[]>
}

/** Whole lines of one spool file. */
export interface SpoolBatch {
  readonly lines: readonly string[]
  /** Where the next read starts. */
  readonly offset: number
  /** Bytes after the last whole line: a line that is being written, or was never finished. */
  readonly tornBytes: number
}

/** Whole sealed segments of one spool file. */
export interface SegmentBatch {
  readonly segments: readonly SealedSegment[]
  readonly offset: number
  readonly tornBytes: number
}

/** Spool files of all processes that share a data folder, oldest first. */
export interface SpoolSource {
  files(): readonly {
    readonly name: string
    readonly kind: 'receipts' | 'contents'
    readonly bytes: number
    readonly closed: boolean
  }[]
  read(name: string, offset: number, mostLines: number): SpoolBatch
  readSegments(name: string, offset: number): SegmentBatch
  remove(name: string): void
}

/** Whatever gives verdicts on rows. It never throws on a row: what fails is a verdict of its own. */
export interface Judge {
  /** Rows that may be asked about at once. */
  readonly concurrency: number
  verdict(row: EvalRow): Verdict | Promise<Verdict>
}

/** One labelled row, as the data files have it. */
export interface TrainingRow {
  readonly id: string
  readonly lang: string
  readonly turns: readonly { readonly role: string; readonly content: string }[]
  readonly label: 'harmful' | 'benign' | 'borderline-benign'
  readonly attack: string | null
  readonly category: string
  readonly target: 'prompt' | 'exchange'
  readonly source: string
  readonly quality: 'gold' | 'silver' | 'weak'
}

/** The two uses of one wording. A template of a regression set has a harmless side only. */
export type Side = 'harmless' | 'harmful'

/**
 * A skeleton with places for slot values, for both sides at once: `[[harmless||harmful]]` where they part, `{slot}` where
 * a value goes. A slot value may part in the same way, without brackets (`walnuts||safes`), and hold other slots.
 */
export interface Template {
  /** `subject.lang.slug`; the split hangs on it, so it never changes. */
  readonly id: string
  readonly subject: string
  readonly lang: string
  readonly sides: readonly Side[]
  readonly label: 'benign' | 'borderline-benign'
  readonly category: Category | 'none'
  readonly attack: AttackForm | null
  readonly turns: TrainingRow['turns']
  /** Whether polite greetings fit: `plain` texts take `plain_opener` and `plain_closer`. */
  readonly tone: 'polite' | 'plain'
  readonly slots: Slots
}

export type Slots = Readonly<Record<string, readonly string[]>>

export interface Seeds {
  readonly templates: readonly Template[]
  /** By language: slots that any template may use; `opener` and `closer` go around what the user says. */
  readonly shared: Readonly<Record<string, Slots>>
}

/** A row of the data schema, whole: what training and evaluation read. */
export interface DataRow extends TrainingRow {
  readonly license: string
  readonly split: 'train' | 'dev'
}
