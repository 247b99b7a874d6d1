import { hex } from '../../core/base/bytes.ts'
import type { Sha256, VerifyEd25519 } from '../../core/base/digest.ts'
import { utf8Bytes, utf8Text } from '../../core/base/utf8.ts'
import type { Month } from '../../core/briefs/transparency/month.ts'
import { type TransparencyReport, transparencyReport } from '../../core/briefs/transparency/report.ts'
import { createTally } from '../../core/briefs/transparency/tally.ts'
import { type Checkpoint, parseCheckpointBody } from '../../core/record/checkpoint.ts'
import { type Entry, parseEntry } from '../../core/record/entry.ts'
import { type Edge, EMPTY_EDGE, edgeRoot, grow } from '../../core/record/grow.ts'
import { openNote, parseNote } from '../../core/record/note.ts'
import { RecordError } from '../../core/record/record-error.ts'
import { entriesOf, TILE_WIDTH } from '../../core/record/tile.ts'
import { leafHash } from '../../core/record/tree.ts'
import { type Policy, parsePolicy } from '../../core/record/witness-policy.ts'
import { proveConsistency, type RecordReader, readTile } from '../prove-record.ts'
import { verifyRecord } from '../verify-record.ts'

/** A report, and what ties the tree that it is of to a checkpoint that the log signed. */
export interface MonthRead {
  readonly report: TransparencyReport
  readonly proof: {
    readonly size: number
    /** The signed note, as it was read. */
    readonly checkpoint: string
    /** Consistency from `size` to the checkpoint, hex; RFC 6962 §2.1.2. */
    readonly consistency: readonly string[]
  }
}

export type MonthResult =
  | ({ readonly kind: 'read' } & MonthRead)
  /** The record does not verify, or has no entry of the month: nothing is said of it. */
  | { readonly kind: 'refused'; readonly why: 'tampered' | 'incomplete' | 'empty'; readonly what: string }

/**
 * The transparency report of a month from a record's folder, after all of the folder was verified. What the report says
 * depends on the entries up to the month's settled end alone, however far the record has come since.
 * @param trusted Policy of whoever checks; null: the folder's own.
 */
export async function readMonth(
  reader: RecordReader,
  month: Month,
  trusted: string | null,
  crypto: { readonly sha256: Sha256; readonly verify: VerifyEd25519 },
): Promise<MonthResult> {
  // Read once, at the start: the log may grow meanwhile, and the verdict is of the size it had.
  const head = await needed(reader, 'checkpoint')
  const frozen: RecordReader = {
    read: async (path) => (path === 'checkpoint' ? utf8Bytes(head) : reader.read(path)),
    list: (folder) => reader.list(folder),
  }
  const verdict = await verifyRecord(frozen, trusted, crypto)
  if (verdict.kind === 'incomplete') return { kind: 'refused', why: 'incomplete', what: verdict.what }
  if (verdict.kind === 'tampered') {
    const where = verdict.index === null ? '' : `entry ${verdict.index}: `
    return { kind: 'refused', why: 'tampered', what: `${where}${verdict.what}` }
  }
  const policy = parsePolicy(crypto.sha256, trusted ?? (await needed(reader, 'log.policy')))
  const tally = createTally(month)
  let edge: Edge = EMPTY_EDGE
  for await (const { index, entry, bytes } of entriesUpTo(frozen, verdict.size, month)) {
    tally.take(index, entry)
    edge = grow(crypto.sha256, edge, [leafHash(crypto.sha256, bytes)]).edge
  }
  const found = tally.tally()
  if (found.first === null) return { kind: 'refused', why: 'empty', what: `the record has no entry of ${month.name}` }
  // The clock of a record that has gone on is past the settled end, though that entry is no part of the report.
  const settled = found.end < verdict.size
  const by = { origin: verdict.origin, size: found.end, root: hex(edgeRoot(crypto.sha256, edge)) }
  const kept = await keptCheckpoints(frozen, policy, crypto.verify, found.first, found.end)
  const report = transparencyReport(month, { ...found, settled }, by, kept)
  const hashes = await proveConsistency(crypto.sha256, found.end, verdict.size, (tile) => readTile(frozen, tile))
  return {
    kind: 'read',
    report,
    proof: { size: found.end, checkpoint: head, consistency: hashes.map((hash) => hex(hash)) },
  }
}

/** Entries in order, until the first one of the time when the month was settled. */
async function* entriesUpTo(reader: RecordReader, size: number, month: Month) {
  for (let from = 0; from < size; from += TILE_WIDTH) {
    const width = Math.min(TILE_WIDTH, size - from)
    const bundle = await readTile(reader, { level: 'entries', n: from / TILE_WIDTH, width })
    if (bundle === null) throw new RecordError('malformed', `the bundle of entry ${from} is not there`)
    for (const [i, bytes] of entriesOf(bundle).entries()) {
      const entry: Entry = parseEntry(bytes)
      if (entry.at >= month.settled) return
      yield { index: from + i, entry, bytes }
    }
  }
}

/** Kept checkpoints whose last entry lies in the month's part of the record, and those that nobody else has signed. */
async function keptCheckpoints(
  reader: RecordReader,
  policy: Policy,
  verify: VerifyEd25519,
  first: number,
  end: number,
): Promise<{ readonly kept: number; readonly unwitnessed: number }> {
  const keys = policy.witnesses.map(({ key }) => key)
  let kept = 0
  let unwitnessed = 0
  for (const path of await reader.list('checkpoints')) {
    const note = utf8Bytes(await needed(reader, path))
    const { size }: Checkpoint = parseCheckpointBody(parseNote(note).text)
    if (size <= first || size > end) continue
    kept++
    const opened = openNote(note, keys, verify)
    if (opened.kind !== 'verified' || opened.signers.length === 0) unwitnessed++
  }
  return { kept, unwitnessed }
}

async function needed(reader: RecordReader, path: string): Promise<string> {
  const bytes = await reader.read(path)
  if (bytes === null) throw new RecordError('malformed', `${path} is not there; name the record's folder with --record`)
  return utf8Text(bytes) ?? ''
}
