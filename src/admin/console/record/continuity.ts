import { utf8Bytes } from '../../../core/base/utf8.ts'
import { type Checkpoint, follows, parseCheckpointBody } from '../../../core/record/checkpoint.ts'
import { parseNote } from '../../../core/record/note.ts'
import { RecordError } from '../../../core/record/record-error.ts'
import { verifyConsistency } from '../../../core/record/tree-proof.ts'
import { proveConsistency, type ReadTile } from '../../../jobs/prove-record.ts'
import type { Head } from './head.ts'
import type { LogFiles } from './log-files.ts'

/** A checkpoint that this browser has kept, with the policy of its day. */
export interface Seen {
  readonly note: string
  readonly policy: string
  readonly atMs: number
}

/**
 * What the checkpoint is to the one that was seen before. `first`: none was. `grown`: the proof that it only grew was
 * recomputed. `rollback`, `fork`, `broken`: it did not; both checkpoints are evidence. `unproven`: a tile that the proof
 * needs is not there.
 */
export interface Continuity {
  readonly kind: 'first' | 'same' | 'grown' | 'rollback' | 'fork' | 'broken' | 'unproven'
  readonly before: { readonly size: number; readonly atMs: number; readonly note: string } | null
  /** The policy, which names the keys, is not the one that was seen before. */
  readonly policyChanged: boolean
}

export async function continuityOf(
  head: Head & { readonly checkpoint: Checkpoint },
  seen: Seen | null,
  { sha256 }: Pick<LogFiles, 'sha256'>,
  read: ReadTile,
): Promise<Continuity> {
  if (seen === null) return { kind: 'first', before: null, policyChanged: false }
  const known = parseCheckpointBody(parseNote(utf8Bytes(seen.note)).text)
  const before = { size: known.size, atMs: seen.atMs, note: seen.note }
  const said = { before, policyChanged: seen.policy !== head.policy }
  const kind = follows(known, head.checkpoint)
  if (kind !== 'grown') return { kind, ...said }
  try {
    const proof = await proveConsistency(sha256, known.size, head.checkpoint.size, read)
    return { kind: verifyConsistency(sha256, proof, known, head.checkpoint) ? 'grown' : 'broken', ...said }
  } catch (error) {
    if (error instanceof RecordError) return { kind: 'unproven', ...said }
    throw error
  }
}

/** Is this one kept from now on? Only what is signed as asked, and what only grew: the other stays as evidence. */
export function keepsHead({ signature }: Head, { kind }: Continuity): boolean {
  return (signature === 'verified' || signature === 'unchecked') && ['first', 'same', 'grown'].includes(kind)
}
