import type { Sha256, SignEd25519 } from '../core/base/digest.ts'
import type { EntryDraft, EntryName } from '../core/record/draft.ts'
import type { EntryKind } from '../core/record/entry-kinds.ts'
import type { HashTile } from '../core/record/grow.ts'
import type { VerifierKey } from '../core/record/note-key.ts'
import type { Tile } from '../core/record/tile.ts'

/** A draft that waits for its place. */
export interface WaitingDraft {
  /** Order in which drafts were stored. */
  readonly seq: number
  readonly draft: EntryDraft
}

/** Value and salt of a commitment, sealed under the data key of the one whose value it is. */
export interface SealedSalt {
  readonly k: EntryKind
  readonly about: string
  /** Name of the member of `d`. */
  readonly member: string
  readonly subject: string
  /** Inside: JSON `{ salt, value }`, the salt in hex. */
  readonly blob: Uint8Array
}

/** The log as it was last signed. */
export interface LogHead {
  readonly size: number
  /** Signed note; with cosignatures once they are there. */
  readonly checkpoint: string
  /** The largest `at` of its entries, milliseconds since 1970; 0 for none. */
  readonly atMs: number
}

export interface SealedEntry {
  readonly index: number
  readonly leaf: Uint8Array
  readonly bytes: Uint8Array
  readonly k: EntryKind
  readonly about: string
}

/** What one sealing writes. */
export interface SealedBatch {
  /** Of the lock: the write counts only while it is held. */
  readonly token: number
  /** Size that this batch was made for. */
  readonly before: number
  readonly entries: readonly SealedEntry[]
  readonly tiles: readonly HashTile[]
  readonly head: LogHead
  /** Day of the checkpoint, `YYYY-MM-DD`: the last one of each is kept. */
  readonly day: string
  /** Drafts that are in it. */
  readonly drafts: readonly number[]
}

/** What one new receipt adds to the record, together with the receipt or not at all. */
export interface ReceiptRecord {
  readonly segment: string
  /** Minute in which it is sequenced. */
  readonly minuteMs: number
  readonly inputTokens: number
  readonly outputTokens: number
  /** Its own entry; null: its minute's rollup alone proves it. */
  readonly draft: EntryDraft | null
  readonly salts: readonly SealedSalt[]
}

/** A minute of one segment, summed while receipts come in. */
export interface OpenRollup {
  readonly id: number
  readonly segment: string
  readonly minuteMs: number
  readonly count: number
  readonly actions: Readonly<Record<string, number>>
  readonly would: Readonly<Record<string, number>>
  readonly inputTokens: number
  readonly outputTokens: number
}

/** Where a receipt stands in the rollup that proves it. */
export interface ReceiptLeaf {
  readonly rollup: number
  readonly position: number
}

/**
 * The record. Part of the store: drafts are stored in the transaction of the change that they tell, and the sealer gives
 * them their place.
 */
export interface RecordStore {
  /** Stores drafts that no other write carries. */
  addDrafts(drafts: readonly EntryDraft[], salts?: readonly SealedSalt[]): Promise<void>
  /** Oldest first. */
  drafts(limit: number): Promise<readonly WaitingDraft[]>
  /**
   * Takes or extends the lock. @returns its token, which grows with each new holder; null: somebody else holds it.
   */
  lockRecord(holder: string, nowMs: number, untilMs: number): Promise<number | null>
  logHead(): Promise<LogHead | null>
  /**
   * Writes a batch: entries, tiles, checkpoint, and the drafts taken out, or nothing.
   * @returns false: the lock is lost, or the log has another size.
   */
  sealBatch(batch: SealedBatch): Promise<boolean>
  /** Puts a checkpoint with more cosignatures in the place of the one of that size. @returns false: it is not the head. */
  replaceCheckpoint(size: number, checkpoint: string): Promise<boolean>
  /** Kept checkpoints: the first, and the last of each day. */
  keptCheckpoints(): Promise<readonly { readonly size: number; readonly day: string; readonly checkpoint: string }[]>
  /** Entries' bytes, [from, to). */
  entryBytes(from: number, to: number): Promise<readonly Uint8Array[]>
  /** Bytes of a tile of hashes in that width, or null: it has not that many. */
  hashTile(level: number, n: number, width: number): Promise<Uint8Array | null>
  /** The latest entry of that kind about that id. */
  entryOf(name: EntryName): Promise<{ readonly index: number; readonly leaf: Uint8Array } | null>
  /** Newest first, below `before`. */
  recentEntries(
    limit: number,
    before: number | null,
  ): Promise<readonly { readonly index: number; readonly bytes: Uint8Array }[]>

  /** Minutes that began before `beforeMs` and are not closed, oldest first. */
  openRollups(beforeMs: number): Promise<readonly OpenRollup[]>
  /** Hashes of a rollup's receipts in order, hex. */
  rollupLeaves(rollup: number): Promise<readonly string[]>
  /** Ends a minute with its entry. @returns false: receipts have come since it was read. */
  closeRollup(rollup: OpenRollup, draft: EntryDraft): Promise<boolean>
  rollup(id: number): Promise<{ readonly segment: string; readonly minuteMs: number } | null>
  receiptLeaf(decision: string): Promise<ReceiptLeaf | null>

  salts(name: EntryName): Promise<readonly SealedSalt[]>
  /**
   * Destroys the data key of a subject, and the salts sealed under it, with the entry that says so. What was encrypted
   * under it stays unreadable bytes until it expires. `shredded` is false where there was no key.
   */
  shredKey(
    subject: string,
    draft: EntryDraft,
    atMs: number,
  ): Promise<{ readonly shredded: boolean; readonly salts: number }>
  /** How many data keys were destroyed so far, by whatever process: who holds one unwrapped forgets it when this grows. */
  shreds(): Promise<number>
  /** A wrapped private key, made by `make` where there is none. Atomic. */
  recordKey(name: string, make: () => Uint8Array): Promise<Uint8Array>
  /** The origin of this log; the first one that is given stays. */
  recordOrigin(origin: string): Promise<string>
  /** Witness: the checkpoint of another log that was last cosigned. */
  witnessed(origin: string): Promise<{ readonly size: number; readonly checkpoint: string } | null>
  /**
   * Witness: check and write as one step. @returns false: the log is no longer at `before` (null: it was not known).
   */
  witness(origin: string, before: number | null, size: number, checkpoint: string): Promise<boolean>
}

/** Where the record's files are. Durable before the promise resolves. */
export interface RecordFiles {
  /** The checkpoint that is published, or null. */
  checkpoint(): Promise<string | null>
  writeTile(tile: Tile, bytes: Uint8Array): Promise<void>
  /** After everything else: what it says must be there. */
  writeCheckpoint(note: string): Promise<void>
  keepCheckpoint(size: number, note: string): Promise<void>
  writePolicy(text: string): Promise<void>
  writeDocument(hash: string, bytes: Uint8Array): Promise<void>
  /** Partial tiles of a tile that is full. */
  dropPartials(tile: Tile): Promise<void>
}

/** Signing for a log. */
export interface LogKey {
  readonly key: VerifierKey
  readonly sign: SignEd25519
}

export interface SealPorts {
  readonly store: RecordStore
  /** The checkpoint that was published last, or null. */
  published(): Promise<string | null>
  readonly log: LogKey
  readonly sha256: Sha256
  /** Names this sealer among others. */
  readonly holder: string
  nowMs(): number
  report(event: string, facts: Readonly<Record<string, string | number>>): void
}
