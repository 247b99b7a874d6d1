import type { Segment } from '../core/base/segments.ts'
import type { Receipt } from '../core/policy/receipt.ts'
import type { ReceiptRecord } from './record-ports.ts'

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
