import type { Sha256 } from '../core/base/digest.ts'
import { parseEntry } from '../core/record/entry.ts'
import { receiptLeaves } from '../core/record/rollup.ts'
import { inclusionPath, nodesOver, pathHashes } from '../core/record/tree.ts'
import { rollupName } from './close-rollups.ts'
import type { RecordStore } from './record-ports.ts'

/** Where a decision is in the record. */
export interface RecordPlace {
  /** Index of its own entry; null: it has none, or not yet. */
  readonly entry: number | null
  /** The rollup that proves its receipt; null until its minute is over and sealed. */
  readonly rollup: { readonly index: number; readonly position: number } | null
}

export async function recordPlace(store: RecordStore, decision: string): Promise<RecordPlace> {
  const [entry, leaf] = await Promise.all([
    store.entryOf({ k: 'decision', about: decision }),
    store.receiptLeaf(decision),
  ])
  const rollup = leaf === null ? null : await store.rollup(leaf.rollup)
  const sealed = rollup === null ? null : await store.entryOf({ k: 'rollup', about: rollupName(rollup) })
  return {
    entry: entry?.index ?? null,
    rollup: sealed === null ? null : { index: sealed.index, position: leaf!.position },
  }
}

/** A receipt's path to the root that its rollup entry holds. */
export interface ReceiptProof {
  readonly position: number
  readonly count: number
  readonly hashes: readonly Uint8Array[]
  /** `sha256:…`, as the entry has it. */
  readonly root: string
}

export async function proveReceipt(
  store: RecordStore,
  sha256: Sha256,
  decision: string,
  rollupIndex: number,
): Promise<ReceiptProof | null> {
  const leaf = await store.receiptLeaf(decision)
  const [entry] = await store.entryBytes(rollupIndex, rollupIndex + 1)
  if (leaf === null || entry === undefined) return null
  const leaves = receiptLeaves(sha256, await store.rollupLeaves(leaf.rollup))
  const hashes = pathHashes(sha256, inclusionPath(leaf.position, leaves.length), nodesOver(sha256, leaves))
  return { position: leaf.position, count: leaves.length, hashes, root: String(parseEntry(entry).d.receipts) }
}
