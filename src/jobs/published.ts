import type { Sha256 } from '../core/base/digest.ts'
import { utf8Bytes } from '../core/base/utf8.ts'
import { type Checkpoint, follows, parseCheckpointBody } from '../core/record/checkpoint.ts'
import { parseNote } from '../core/record/note.ts'
import { RecordError } from '../core/record/record-error.ts'
import { verifyConsistency } from '../core/record/tree-proof.ts'
import { proveConsistency } from './prove-record.ts'
import type { RecordStore } from './record-ports.ts'

/** What a signed checkpoint says. */
export function bodyOf(note: string): Checkpoint {
  return parseCheckpointBody(parseNote(utf8Bytes(note)).text)
}

/**
 * Is what was published a beginning of what the store has? A store that was put back to an earlier day, or another one,
 * must not become a second history.
 * @throws {RecordError} `inconsistent`.
 */
export async function assertContinues(
  published: string | null,
  head: string | null,
  store: RecordStore,
  sha256: Sha256,
): Promise<void> {
  if (published === null || published === head) return
  const before = bodyOf(published)
  const after = head === null ? null : bodyOf(head)
  const is = after === null || after.origin !== before.origin ? 'fork' : follows(before, after)
  if (is === 'same') return
  if (is === 'grown') {
    const read = (tile: { level: number | 'entries'; n: number; width: number }) =>
      store.hashTile(Number(tile.level), tile.n, tile.width)
    const proof = await proveConsistency(sha256, before.size, after!.size, read)
    if (verifyConsistency(sha256, proof, before, after!)) return
  }
  throw new RecordError(
    'inconsistent',
    `the published log of ${before.size} entries is not a beginning of what the store has; put back a later backup`,
  )
}
