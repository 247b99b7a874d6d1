import { bytesOfHex, hex } from '../base/bytes.ts'
import type { Sha256 } from '../base/digest.ts'
import { leafHash, treeRoot } from './tree.ts'

const MINUTE_MS = 60_000

/** Start of the minute of a time. */
export function minuteOf(ms: number): number {
  return ms - (ms % MINUTE_MS)
}

export function endOfMinute(minuteMs: number): number {
  return minuteMs + MINUTE_MS
}

/** Leaves of a rollup's tree: the receipts' own hashes are what is hashed. @param hashes Hex, in order. */
export function receiptLeaves(sha256: Sha256, hashes: readonly string[]): readonly Uint8Array[] {
  return hashes.map((hash) => leafHash(sha256, bytesOfHex(hash)!))
}

/** What a rollup says of its receipts: the root over their hashes, hex. */
export function receiptsRoot(sha256: Sha256, hashes: readonly string[]): string {
  return hex(treeRoot(sha256, receiptLeaves(sha256, hashes)))
}
