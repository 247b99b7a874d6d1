import { sameBytes } from '../../../core/base/bytes.ts'
import type { Sha256 } from '../../../core/base/digest.ts'
import { type Entry, parseEntry } from '../../../core/record/entry.ts'
import { RecordError } from '../../../core/record/record-error.ts'
import { entriesOf, hashesOf, TILE_WIDTH } from '../../../core/record/tile.ts'
import { inclusionPath, leafHash, nodeHash, type Span } from '../../../core/record/tree.ts'
import { type TreeHead, verifyInclusion } from '../../../core/record/tree-proof.ts'
import { proveInclusion, type ReadTile } from '../../../jobs/prove-record.ts'

/** One step of the path: our node and its sibling give the node above both. */
export interface Step {
  readonly ours: Span
  readonly sibling: Span
  readonly siblingHash: Uint8Array
  /** Hash of the node above. */
  readonly gives: Uint8Array
}

/**
 * What is wrong with an entry. `bytes`: they are not those of the leaf that the tiles hold. `path`: the tiles do not lead
 * to the root of the checkpoint. `bundle`: its file cannot be taken apart. `form`: in the log, but no entry of ours.
 * `missing`: a file that proves it is not there.
 */
export type EntryFault = 'bytes' | 'path' | 'bundle' | 'form' | 'missing'

export interface CheckedEntry {
  readonly index: number
  readonly bytes: Uint8Array | null
  readonly leaf: Uint8Array | null
  readonly steps: readonly Step[]
  /** As it reads; null where it is none. */
  readonly entry: Entry | null
  /** Null: leaf hash and path were recomputed and lead to the checkpoint's root. */
  readonly fault: EntryFault | null
}

/** Entries [from, to), each proven on its own under the checkpoint. */
export async function checkEntries(
  sha256: Sha256,
  { from, to }: Span,
  head: TreeHead,
  read: ReadTile,
): Promise<readonly CheckedEntry[]> {
  const checked: CheckedEntry[] = []
  for (let index = from; index < to; index++) checked.push(await checkEntry(sha256, index, head, read))
  return checked
}

export async function checkEntry(
  sha256: Sha256,
  index: number,
  { size, root }: TreeHead,
  read: ReadTile,
): Promise<CheckedEntry> {
  const n = Math.floor(index / TILE_WIDTH)
  const width = Math.min(TILE_WIDTH, size - n * TILE_WIDTH)
  const none = { index, bytes: null, leaf: null, steps: [], entry: null }
  const bundle = await read({ level: 'entries', n, width }).catch(malformed)
  if (bundle === null) return { ...none, fault: 'missing' }
  const bytes = bundle === 'malformed' ? undefined : entryIn(bundle, index % TILE_WIDTH)
  if (bytes === undefined) return { ...none, fault: 'bundle' }
  const leaf = leafHash(sha256, bytes)
  const entry = parsed(bytes)
  const found = { index, bytes, leaf, entry }
  const proof = await proveInclusion(sha256, index, size, read).catch(malformed)
  if (proof === 'malformed') return { ...found, steps: [], fault: 'missing' }
  const steps = stepsOf(sha256, { leaf, index, size }, proof)
  if (verifyInclusion(sha256, proof, { leaf, index, size, root }))
    return { ...found, steps, fault: entry === null ? 'form' : null }
  const served = await read({ level: 0, n, width }).catch(malformed)
  const held = served === null || served === 'malformed' ? undefined : hashAt(served, index % TILE_WIDTH)
  return { ...found, steps, fault: held !== undefined && !sameBytes(held, leaf) ? 'bytes' : 'path' }
}

/** The hashes from the leaf up, as the path gives them: the last one should be the root. */
function stepsOf(
  sha256: Sha256,
  { leaf, index, size }: { leaf: Uint8Array; index: number; size: number },
  proof: readonly Uint8Array[],
): readonly Step[] {
  const steps: Step[] = []
  let ours: Span = { from: index, to: index + 1 }
  let hash = leaf
  for (const [i, sibling] of inclusionPath(index, size).entries()) {
    const siblingHash = proof[i]!
    const left = sibling.from < ours.from
    hash = left ? nodeHash(sha256, siblingHash, hash) : nodeHash(sha256, hash, siblingHash)
    steps.push({ ours, sibling, siblingHash, gives: hash })
    ours = { from: Math.min(ours.from, sibling.from), to: Math.max(ours.to, sibling.to) }
  }
  return steps
}

function entryIn(bundle: Uint8Array, at: number): Uint8Array | undefined {
  try {
    return entriesOf(bundle)[at]
  } catch (error) {
    return malformed(error) && undefined
  }
}

function hashAt(tile: Uint8Array, at: number): Uint8Array | undefined {
  try {
    return hashesOf(tile)[at]
  } catch (error) {
    return malformed(error) && undefined
  }
}

function parsed(bytes: Uint8Array): Entry | null {
  try {
    return parseEntry(bytes)
  } catch (error) {
    return malformed(error) && null
  }
}

/** What the record's own code says of files that are none of its kind; anything else is a fault of this page. */
function malformed(error: unknown): 'malformed' {
  if (error instanceof RecordError) return 'malformed'
  throw error
}
