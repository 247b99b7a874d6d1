import { CodedError } from '../../core/base/errors.ts'
import type { Pointer } from '../../core/jailbreaks/exchange/pointer.ts'
import type { Level } from '../../core/jailbreaks/exchange/tlp.ts'

/** A feed that cannot be read, or gives more than was asked for. Not the partner's word on anything: try again later. */
export class FeedSourceError extends CodedError<'unreachable' | 'too_large' | 'refused'> {}

/** Where a partner's files are: a folder, or a web server. */
export interface FeedSource {
  /**
   * The file at a path below the feed, whole; null where there is none.
   * @throws {FeedSourceError} more than `mostBytes`, or it could not be read.
   */
  read(path: string, mostBytes: number): Promise<Uint8Array | null>
}

/** Why an entry of a log is not applied; the rest of the feed goes on. */
export interface Quarantined {
  readonly index: number
  readonly pointer: Pointer | null
  /** `pointer`: the entry is none; otherwise as the check of the object says. */
  readonly reason: string
  readonly detail: string
  readonly atMs: number
}

/** A feed that stopped, and that only a person resumes. */
export interface Stopped {
  readonly reason: 'rollback' | 'fork'
  readonly atMs: number
  /** Names of both signed checkpoints, as kept: what was known, and what was served. */
  readonly evidence: readonly [string, string]
}

/** What is known of one level of one partner. Everything below `size` is proven; everything below `done` is applied. */
export interface LevelState {
  readonly v: 1
  /** The signed note, whole; null before the first. */
  readonly checkpoint: string | null
  readonly origin: string
  readonly size: number
  /** Hex. */
  readonly root: string
  /** Entries that were looked at. */
  readonly done: number
  readonly quarantined: readonly Quarantined[]
  /** Places whose object was not served yet. */
  readonly pending: readonly number[]
  readonly stopped: Stopped | null
  /** Until when a quorum's cosignature counts; null: no quorum has seen it. */
  readonly freshUntilMs: number | null
  /** What was there before, for the receipt that is still to be written; null: it is written. */
  readonly receipt: { readonly fromSize: number; readonly applied: number; readonly quarantined: number } | null
  readonly syncedAtMs: number
}

/** What is kept of one partner: a byte copy of its files, and where each of its logs stands. */
export interface PartnerStore {
  /** A file of the copy, or null. */
  read(path: string): Promise<Uint8Array | null>
  /** Whole or not at all, also after a crash; need not survive one: what is lost is fetched again. */
  write(path: string, bytes: Uint8Array): Promise<void>
  state(level: Level): Promise<LevelState | null>
  /** Atomic and durable when it returns. */
  saveState(level: Level, state: LevelState): Promise<void>
  /** Durable when it returns; a name that is there keeps what it has. */
  keepEvidence(name: string, bytes: Uint8Array): Promise<void>
}

/** One sync as the record keeps it (record.md: `sync`). */
export interface SyncReceipt {
  readonly partner: string
  readonly origin: string
  readonly level: Level
  readonly fromSize: number
  readonly size: number
  /** Hex. */
  readonly root: string
  readonly applied: number
  readonly quarantined: number
  readonly pending: number
  readonly atMs: number
}

export interface FeedAlarm {
  readonly partner: string
  readonly level: Level | null
  readonly code: 'stale' | 'fork' | 'rollback' | 'untrusted' | 'tiles' | 'checkpoint' | 'resumed'
  readonly detail: string
}

/** Where receipts and alarms go: the local record. */
export interface FeedRecord {
  /** Written at least once for each origin and size; the same one twice counts as one. */
  receipt(receipt: SyncReceipt): Promise<void>
  alarm(alarm: FeedAlarm): Promise<void>
}

/** The folder of a feed of one's own, and what was signed for it. One writer at a time. */
export interface OwnFeed {
  read(path: string): Promise<Uint8Array | null>
  /** Durable when it returns, whole or not at all. */
  write(path: string, bytes: Uint8Array): Promise<void>
  /** The last checkpoint that was signed for a level, also where it was not published any more; null: none. */
  lastSigned(level: Level): Promise<string | null>
  /** Durable when it returns: before anything signed is shown. */
  saveSigned(level: Level, note: string): Promise<void>
}
