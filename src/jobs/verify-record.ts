import { hex } from '../core/base/bytes.ts'
import type { Sha256, VerifyEd25519 } from '../core/base/digest.ts'
import { utf8Text } from '../core/base/utf8.ts'
import { type Checkpoint, type CheckpointResult, openCheckpoint } from '../core/record/checkpoint.ts'
import { type Entry, parseEntry } from '../core/record/entry.ts'
import { type Edge, EMPTY_EDGE, edgeRoot, grow, type HashTile, tileBytes } from '../core/record/grow.ts'
import { parseNote } from '../core/record/note.ts'
import { RecordError } from '../core/record/record-error.ts'
import { entriesOf, hashesOf, TILE_WIDTH, type Tile, tilePath } from '../core/record/tile.ts'
import { leafHash } from '../core/record/tree.ts'
import { type Policy, parsePolicy } from '../core/record/witness-policy.ts'
import { type RecordReader, readTile } from './prove-record.ts'
import { createRecordRules } from './record-rules.ts'

export type RecordVerdict =
  | {
      readonly kind: 'verified'
      readonly size: number
      readonly origin: string
      readonly root: string
      readonly witnesses: readonly string[]
      readonly keptCheckpoints: number
      readonly documents: number
    }
  /** `index`: the first entry that is wrong; null where it is none. */
  | { readonly kind: 'tampered'; readonly index: number | null; readonly what: string }
  /** Something is not there that must be: nothing is proven either way. */
  | { readonly kind: 'incomplete'; readonly what: string }

interface Crypto {
  readonly sha256: Sha256
  readonly verify: VerifyEd25519
}

/** Ends a verification with what was found. */
class Found extends Error {
  readonly verdict: RecordVerdict
  constructor(verdict: RecordVerdict) {
    super('found')
    this.verdict = verdict
  }
}

const tampered = (index: number | null, what: string) => new Found({ kind: 'tampered', index, what })
const incomplete = (what: string) => new Found({ kind: 'incomplete', what })

/**
 * Checks a whole record: signatures and quorum, every tile and entry against the signed root, every kept checkpoint
 * against the same tree, the order and schema of entries, the documents at hand, and that only safeguards that were
 * released decided. @param trusted Policy of whoever checks; null: the folder's own, which proves that it is consistent.
 */
export async function verifyRecord(
  reader: RecordReader,
  trusted: string | null,
  crypto: Crypto,
): Promise<RecordVerdict> {
  try {
    return await verified(reader, trusted, crypto)
  } catch (error) {
    if (error instanceof Found) return error.verdict
    if (error instanceof RecordError) return { kind: 'tampered', index: null, what: error.message }
    throw error
  }
}

async function verified(reader: RecordReader, trusted: string | null, { sha256, verify }: Crypto) {
  const policy = parsePolicy(sha256, trusted ?? (await text(reader, 'log.policy')))
  const head = openCheckpoint(await bytes(reader, 'checkpoint'), policy, verify)
  if (head.kind === 'rejected') throw tampered(null, `checkpoint: ${head.reason}`)
  const { checkpoint } = head
  const kept = await keptCheckpoints(reader, policy, verify, checkpoint)
  const rules = createRecordRules()
  let edge: Edge = EMPTY_EDGE
  for (let from = 0; from < checkpoint.size; from += TILE_WIDTH) {
    const width = Math.min(TILE_WIDTH, checkpoint.size - from)
    const n = from / TILE_WIDTH
    const raw = entriesIn(await tile(reader, { level: 'entries', n, width }), from)
    const leaves = raw.map((entry) => leafHash(sha256, entry))
    const served = hashesOf(await tile(reader, { level: 0, n, width }))
    const wrong = leaves.findIndex((leaf, i) => served[i] === undefined || hex(leaf) !== hex(served[i]))
    if (wrong >= 0) throw tampered(from + wrong, 'its bytes are not those of its leaf hash')
    if (raw.length !== width) throw tampered(from + raw.length, `its bundle holds ${raw.length} entries, not ${width}`)
    if (served.length !== width) throw tampered(from + width, `${tilePath({ level: 0, n, width })} is too long`)
    for (const { size, root } of kept)
      if (size >= from && size <= from + width) {
        const then = edgeRoot(sha256, grow(sha256, edge, leaves.slice(0, size - from)).edge)
        if (hex(then) !== hex(root)) throw tampered(null, `fork: the log signed at ${size} had another history`)
      }
    const grown = grow(sha256, edge, leaves)
    for (const one of grown.tiles) if (one.hashes.length === TILE_WIDTH) await compare(reader, one)
    edge = grown.edge
    for (const [i, entry] of raw.entries()) rules.take(from + i, entryAt(entry, from + i))
    if (rules.broken !== null) throw tampered(rules.broken.index, rules.broken.what)
  }
  if (hex(edgeRoot(sha256, edge)) !== hex(checkpoint.root))
    throw tampered(null, `the root of these ${checkpoint.size} entries is not the one that was signed`)
  for (const [level, hashes] of edge.levels.entries())
    if (hashes.length > 0)
      await compare(reader, { level, n: Math.floor(checkpoint.size / TILE_WIDTH ** (level + 1)), hashes })
  return {
    kind: 'verified' as const,
    ...{ size: checkpoint.size, origin: checkpoint.origin, root: hex(checkpoint.root) },
    witnesses: head.witnesses.map(({ key }) => key.name),
    keptCheckpoints: kept.length,
    documents: await documents(reader, sha256),
  }
}

/** Checkpoints that were kept: all of them signed, none beyond the newest. */
async function keptCheckpoints(reader: RecordReader, policy: Policy, verify: VerifyEd25519, head: Checkpoint) {
  const kept: Checkpoint[] = []
  for (const path of await reader.list('checkpoints')) {
    const note = await bytes(reader, path)
    const full = openCheckpoint(note, policy, verify)
    // One that not every witness had answered for in time counts for what it is; but whoever signed it must be known.
    const opened = isRejected(full, 'quorum') ? openCheckpoint(note, { ...policy, quorum: null }, verify) : full
    const strangers =
      full.kind === 'rejected' &&
      opened.kind === 'verified' &&
      opened.witnesses.length + 1 < parseNote(note).signatures.length
    if (strangers) throw tampered(null, `${path}: quorum`)
    if (opened.kind === 'rejected') throw tampered(null, `${path}: ${opened.reason}`)
    const { size } = opened.checkpoint
    if (path !== `checkpoints/${size}`) throw tampered(null, `${path}: is of a log of ${size} entries`)
    if (size > head.size) throw tampered(null, `rollback: the log had ${size} entries, and has ${head.size}`)
    kept.push(opened.checkpoint)
  }
  return kept
}

function isRejected(result: CheckpointResult, reason: string): boolean {
  return result.kind === 'rejected' && result.reason === reason
}

function entriesIn(bundle: Uint8Array, from: number): readonly Uint8Array[] {
  let entries: readonly Uint8Array[]
  try {
    entries = entriesOf(bundle)
  } catch {
    throw tampered(from, 'its bundle is cut or altered')
  }
  return entries
}

function entryAt(entry: Uint8Array, index: number): Entry {
  try {
    return parseEntry(entry)
  } catch (error) {
    throw tampered(index, (error as Error).message)
  }
}

async function compare(reader: RecordReader, { level, n, hashes }: HashTile): Promise<void> {
  const one = { level, n, width: hashes.length }
  const served = await tile(reader, one)
  if (hex(served) !== hex(tileBytes(hashes))) {
    const span = TILE_WIDTH ** level
    const at = hashes.findIndex((hash, i) => hex(hash) !== hex(served.subarray(32 * i, 32 * (i + 1))))
    throw tampered((n * TILE_WIDTH + Math.max(0, at)) * span, `${tilePath(one)} is not the tile of these entries`)
  }
}

/** A tile; where the partial one is gone, as much of the full one that it has become. */
async function tile(reader: RecordReader, one: Tile): Promise<Uint8Array> {
  const found = await readTile(reader, one)
  if (found === null) throw incomplete(`${tilePath(one)} is not there`)
  return found
}

/** Every document is what its name says. */
async function documents(reader: RecordReader, sha256: Sha256): Promise<number> {
  const paths = await reader.list('documents')
  for (const path of paths) {
    const name = path.slice(path.lastIndexOf('/') + 1)
    if (hex(sha256(await bytes(reader, path))) !== name || path !== `documents/${name.slice(0, 2)}/${name}`)
      throw tampered(null, `${path} is not the document that its name says`)
  }
  return paths.length
}

async function bytes(reader: RecordReader, path: string): Promise<Uint8Array> {
  const found = await reader.read(path)
  if (found === null) throw incomplete(`${path} is not there`)
  return found
}

async function text(reader: RecordReader, path: string): Promise<string> {
  const found = utf8Text(await bytes(reader, path))
  if (found === null) throw tampered(null, `${path}: not UTF-8`)
  return found
}
