import type { ReceiptProof } from '../jobs/record-place.ts'
import type { WitnessReply } from '../jobs/witness.ts'

/** The record, as pages and readers see it. */
export interface Shredded {
  /** False where there was no key. */
  readonly shredded: boolean
  /** Salts that went with it. */
  readonly salts: number
}

export interface RecordAdmin {
  status(): Promise<RecordStatus>
  /** A file of the record's folder, or null. */
  file(path: string): Promise<Uint8Array | null>
  /** Proof of an entry under the newest checkpoint, or null: there is no such entry. */
  proof(index: number): Promise<{ readonly proof: string; readonly entry: Uint8Array; readonly policy: string } | null>
  receiptProof(decision: string, rollupIndex: number): Promise<ReceiptProof | null>
  addCheckpoint(body: Uint8Array): Promise<WitnessReply>
  witnessed(originHash: string): Promise<string | null>
  /** Destroys an organisation's data key: nothing that was encrypted under it can be read again. */
  shred(org: string, ground: string): Promise<Shredded>
}

/** GET /api/record */
export interface RecordStatus {
  readonly origin: string | null
  /** Verifier key of the log; null: another instance signs it. */
  readonly key: string | null
  /** Verifier key of this instance as a witness for others. */
  readonly witnessKey: string | null
  readonly size: number
  readonly root: string | null
  readonly atMs: number
  /** Witnesses that have cosigned the newest checkpoint. */
  readonly witnesses: readonly string[]
  /** Drafts without a place; more than a few means that the sealer is held up. */
  readonly waiting: number
}

/** GET /api/decisions/{id}/proof */
export interface DecisionProof {
  readonly decision: string
  /** The stored bytes: their SHA-256 is the receipt's name. */
  readonly receipt: string
  readonly via: 'entry' | 'rollup'
  readonly index: number
  readonly proof: string
  /** UTF-8. */
  readonly entry: string
  readonly policy: string
  /** Only `via` rollup: the receipt's path to the entry's `receipts`, hashes in hex. */
  readonly path: { readonly position: number; readonly count: number; readonly hashes: readonly string[] } | null
}
