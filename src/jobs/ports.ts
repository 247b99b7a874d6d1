import type { AttackForm, Category } from '../core/base/harm.ts'
import type { AppealId, DecisionId, OrgId, PrincipalId } from '../core/base/ids.ts'
import type { Segment } from '../core/base/segments.ts'
import type { EvalRow, Verdict } from '../core/classifier/evaluation/row.ts'
import type { Action, Mode } from '../core/policy/policy.ts'
import type { Receipt } from '../core/policy/receipt.ts'
import type { BatchListing, BatchRecord } from '../core/protocols/batch-record.ts'
import type { Appeal, AppealMove, AppealState } from '../core/safeguards/appeal-machine.ts'
import type { Exception } from '../core/safeguards/exception.ts'
import type { Evidence, Release, ReleaseMove } from '../core/safeguards/release.ts'
import type { ReviewLabel } from '../core/safeguards/review-label.ts'
import type { ReviewSource } from '../core/safeguards/review-queue.ts'
import type { ApiKey } from '../core/trust/api-key.ts'
import type { GuardStore } from './guard-ports.ts'
import type { KeptStore } from './kept-ports.ts'
import type { LabelledStore } from './label-ports.ts'
import type { ReceiptRecord, RecordStore } from './record-ports.ts'
import type { RegistryStore } from './registry-ports.ts'

/** What the store keeps beside a receipt's line: the members that stand before its steps. */
export type ReceiptHead = Pick<
  Receipt,
  | 'id'
  | 'atMs'
  | 'surface'
  | 'org'
  | 'session'
  | 'requestedModel'
  | 'servedModel'
  | 'overheadUs'
  | 'decision'
  | 'end'
  | 'segment'
  | 'topic'
  | 'trial'
  | 'looks'
  | 'gave'
>

/** A receipt on its way from the spool to the store. */
export interface SpooledReceipt {
  readonly head: ReceiptHead
  /** The exact line: hashing it again must give `hash`. */
  readonly line: string
  readonly hash: string
  /** What it adds to the record; left out, nothing. */
  readonly record?: ReceiptRecord
  /** Kind of traffic, for reports. */
  readonly segment: Segment
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

/** An appeal that was filed, as it is stored. */
export interface AppealRow extends Pick<Appeal, 'lock' | 'verdict' | 'fixedIn'> {
  readonly id: AppealId
  readonly decision: DecisionId
  readonly org: OrgId
  readonly principal: PrincipalId
  readonly state: Exclude<AppealState, 'offered'>
  readonly filedAtMs: number
  readonly respondByMs: number
  readonly note: string
  /** Transitions recorded so far. */
  readonly seq: number
}

/** One transition of an appeal, as it is recorded. */
export interface AppealEvent {
  readonly appeal: AppealId
  readonly seq: number
  readonly atMs: number
  readonly by: string
  readonly move: AppealMove['kind']
  readonly from: AppealState
  readonly to: AppealState
  readonly reason: string | null
}

/** Tokens that were charged for a decision that was wrong: a record, for whoever bills. */
export interface CreditNote {
  readonly appeal: AppealId
  readonly decision: DecisionId
  readonly org: OrgId
  readonly principal: PrincipalId
  readonly tokens: readonly { readonly model: string; readonly input: number; readonly output: number }[]
  readonly atMs: number
}

/** What an overturned appeal gives, written together with its verdict. */
export interface Redress {
  readonly exception: Exception | null
  readonly credit: CreditNote
  readonly label: LabelRow
}

/** A person's word on one exchange. Rows are never changed: one that is revoked stays, and does not count. */
export interface LabelRow {
  readonly id: string
  /** The item of the queue that was shown, or null for an appeal. */
  readonly item: string | null
  readonly decision: DecisionId
  /** Whose traffic it is. */
  readonly org: OrgId
  readonly source: 'review' | 'bulk' | 'appeal'
  readonly label: ReviewLabel
  readonly category: Category | 'none'
  readonly attack: AttackForm | null
  readonly by: string
  readonly atMs: number
  readonly reason: string
  /** A hidden check of the reviewer: never trained on. */
  readonly golden: boolean
  readonly revokedAtMs: number | null
  readonly revokedBy: string | null
}

/** One exchange that people look at. */
export interface ReviewItem {
  /** `rev_` and the ULID of the decision. */
  readonly id: string
  readonly decision: DecisionId
  readonly org: OrgId
  readonly source: ReviewSource
  readonly category: Category | null
  readonly atMs: number
  readonly addedAtMs: number
  /** Uncertainty × impact. */
  readonly priority: number
  /** People who have to agree. */
  readonly needs: number
  /** A known label: a hidden check of whoever reads it. */
  readonly golden: ReviewLabel | null
  /** The item that its near-duplicates share; its own id where it has none. */
  readonly cluster: string
  readonly state: 'open' | 'done'
  readonly label: ReviewLabel | null
  readonly lock: { readonly by: string; readonly untilMs: number } | null
}

/** Where near-duplicates are found: one row per band of an item's signature. */
export interface BandRow {
  readonly band: string
  readonly item: string
  readonly cluster: string
  readonly signature: readonly number[]
}

/** Above `allow`; allowed after a second opinion was asked; or allowed, with one of these endings of the id. */
export type Candidates = 'acted' | 'opined' | { readonly endings: readonly string[] }

/** Who does something with labels, and why. */
export interface Why {
  readonly by: string
  readonly atMs: number
  readonly reason: string
}

/** One such thing, as it is recorded. */
export interface ReviewAct extends Why {
  readonly act: 'golden' | 'golden_end' | 'revoke'
  /** The item; of a revocation, `id:`, `by:` or `org:` and whose labels. */
  readonly about: string
  /** Rows that it changed. */
  readonly rows: number
}

/** The queue of people, and what they said. */
export interface ReviewStore {
  /** Exchanges of that kind that are not in the queue, oldest first. */
  reviewCandidates(sinceMs: number, limit: number, which: Candidates): Promise<readonly StoredReceipt[]>
  reviewPosition(name: string): Promise<number>
  setReviewPosition(name: string, atMs: number): Promise<void>
  /** An item that is there stays, except that an appeal raises it. */
  addReviewItems(items: readonly ReviewItem[], bands: readonly BandRow[]): Promise<void>
  reviewBands(bands: readonly string[]): Promise<readonly BandRow[]>
  /** By priority, the most pressing first. */
  reviewItems(
    filter: {
      readonly state?: ReviewItem['state']
      readonly source?: readonly ReviewSource[]
      readonly category?: readonly string[]
      readonly cluster?: string
    },
    limit: number,
  ): Promise<readonly ReviewItem[]>
  reviewItem(id: string): Promise<ReviewItem | null>
  /** Open items by cluster, of those clusters. */
  clusterSizes(clusters: readonly string[]): Promise<ReadonlyMap<string, number>>
  reviewCount(): Promise<{ readonly open: number; readonly oldestAtMs: number | null }>
  /** The next item for `by`: open or golden, not theirs already, in nobody else's hand. @param blind Samples and golden items first. */
  nextReviewItem(by: string, blind: boolean, nowMs: number): Promise<ReviewItem | null>
  /** @returns false when somebody else has it in hand. */
  takeReviewItem(id: string, by: string, nowMs: number, untilMs: number): Promise<boolean>
  releaseReviewItem(id: string, by: string): Promise<void>
  /** Writes labels and where their items stand after them; all or nothing. The locks of these items end. */
  addLabels(
    labels: readonly LabelRow[],
    items: readonly Pick<ReviewItem, 'id' | 'state' | 'needs' | 'label'>[],
  ): Promise<void>
  label(id: string): Promise<LabelRow | null>
  labelsOfItem(item: string): Promise<readonly LabelRow[]>
  labelCount(by: string): Promise<number>
  /** Labels in the order of their ids, revoked ones left out; pages by the last id. */
  labelsAfter(id: string, limit: number): Promise<readonly LabelRow[]>
  /** Revokes labels of a person, of an organisation's traffic, or one; their items open again. @returns how many. */
  revokeLabels(
    which: { readonly id: string } | { readonly by: string } | { readonly org: string },
    why: Why,
  ): Promise<number>
  setGolden(item: string, golden: ReviewLabel | null, why: Why): Promise<boolean>
  /** What was revoked and set as a check, by whom and why; newest first. */
  reviewActs(limit: number): Promise<readonly ReviewAct[]>
}

/** Appeals and what they give. */
export interface AppealStore {
  /** `too_many`: this principal has filed `most.appeals` since `most.sinceMs`. A decision has one appeal, whoever asks. */
  fileAppeal(
    appeal: AppealRow,
    most: { readonly appeals: number; readonly sinceMs: number },
  ): Promise<{ readonly filed: boolean; readonly appeal: AppealRow; readonly before: number } | 'too_many'>
  appeal(decision: DecisionId): Promise<AppealRow | null>
  /** Open ones first filed first, then the others newest first. */
  appeals(states: readonly AppealRow['state'][], limit: number): Promise<readonly AppealRow[]>
  openBefore(filedAtMs: number): Promise<number>
  /** Writes the state after a move with its event, and what follows from it; all or nothing. @returns false when somebody moved it first. */
  moveAppeal(after: AppealRow, event: AppealEvent, redress: Redress | null): Promise<boolean>
  appealEvents(id: AppealId): Promise<readonly AppealEvent[]>
  /** Those whose time is not over, revoked ones left out. */
  exceptions(nowMs: number): Promise<readonly Exception[]>
  exceptionOf(appeal: AppealId): Promise<Exception | null>
  /** @returns false when there is none of that id that was not revoked. */
  revokeException(id: string, atMs: number): Promise<boolean>
  creditOf(appeal: AppealId): Promise<CreditNote | null>
  /** Labels of one decision, revoked ones included, oldest first. */
  labelsOf(decision: DecisionId): Promise<readonly LabelRow[]>
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
  /** What a harmless row is about, where its source says. */
  readonly topic?: string | undefined
  readonly source: string
  readonly quality: 'gold' | 'silver' | 'weak'
  /** Of a row that people here have labelled; left out of all others. */
  readonly provenance?: Provenance | undefined
}

/** Whose word a row stands on, and whose traffic it is. */
export interface Provenance {
  readonly authors: readonly string[]
  readonly org: string
  /** What was reviewed, also where the label says that it is harmless. */
  readonly category: string
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

// ── Replay and collateral reports ──────────────────────────────────────────────────────────────────────────────────

/** A place in the order of replay: by arrival, then by id. */
export interface ReceiptKey {
  readonly atMs: number
  readonly id: string
}

/** Receipts that are replayed together, and whose result is stored as one. */
export interface ReplayChunk {
  readonly job: string
  readonly seq: number
  /** The first receipt, and the first of the next chunk; null: up to the end of the job's window. */
  readonly from: ReceiptKey
  readonly until: ReceiptKey | null
  readonly requests: number
}

/** A replay of stored decisions under two bundles. */
export interface ReplayJob {
  readonly id: string
  readonly createdAtMs: number
  readonly sinceMs: number
  readonly untilMs: number
  /** JSON of what the workers must know: both bundles with their labels. */
  readonly spec: string
}

export interface ReplayProgress {
  readonly chunks: number
  readonly chunksDone: number
  readonly requests: number
  readonly requestsDone: number
}

/** One report, as a list shows it. */
export interface ReportRow {
  readonly id: string
  readonly createdAtMs: number
  readonly before: string
  readonly after: string
  readonly outcome: 'pass' | 'fail' | 'INCONCLUSIVE'
  readonly requests: number
}

/** One day of one kind of traffic. */
export interface DayCount {
  /** Start of the day, UTC, milliseconds since 1970. */
  readonly startMs: number
  readonly name: string
  readonly requests: number
  readonly diverted: number
  readonly refused: number
  readonly sessions: number
  readonly touchedSessions: number
}

/** Which chunks are done, and what they gave. The position of a job: whoever starts it again does only the rest. */
export interface ChunkBook {
  /**
   * A chunk that nobody has, or whose holder has let its lease pass. Atomic: no two workers get one. Null: none is free
   * now, which is the end of the job only when `progress` says so.
   */
  leaseChunk(job: string, worker: string, nowMs: number, leaseMs: number): Promise<ReplayChunk | null>
  /** Holds a chunk for longer. @returns false when the lease had passed to another, or the result is there. */
  renewChunk(chunk: Pick<ReplayChunk, 'job' | 'seq'>, worker: string, nowMs: number, leaseMs: number): Promise<boolean>
  /** Stores the result, durably. @returns false when the lease had passed to another: then nothing is stored. */
  finishChunk(chunk: Pick<ReplayChunk, 'job' | 'seq'>, worker: string, result: Uint8Array): Promise<boolean>
  replayProgress(job: string): Promise<ReplayProgress>
  chunkResult(job: string, seq: number): Promise<Uint8Array | null>
}

/** The part of the store that replay and reports use. Same promises as `Store`. */
export interface CollateralStore extends ChunkBook {
  /** Where chunks of `size` receipts begin in a window, in order, with how many each holds. */
  chunkStarts(
    sinceMs: number,
    untilMs: number,
    size: number,
  ): Promise<readonly { readonly from: ReceiptKey; readonly requests: number }[]>
  /** Receipts from one key (included) to another (not), oldest first; `until` null: to `untilMs`. */
  receiptsBetween(from: ReceiptKey, until: ReceiptKey | null, untilMs: number): Promise<readonly Receipt[]>
  addReplay(job: ReplayJob, chunks: readonly ReplayChunk[]): Promise<void>
  replayJob(id: string): Promise<ReplayJob | null>
  /** The job and its chunks; reports stay. */
  forgetReplay(id: string): Promise<void>
  /** @param report JSON of the whole report. An id that is there already keeps its report. */
  addReport(row: ReportRow, report: string): Promise<void>
  /** Counts per UTC day and organisation, surface or segment, of what enforce would do. A request without a session is its own. */
  dayCounts(sinceMs: number, untilMs: number, by: 'org' | 'surface' | 'segment'): Promise<readonly DayCount[]>
  /** Newest first. */
  reports(limit: number): Promise<readonly ReportRow[]>
  report(id: string): Promise<string | null>
}
