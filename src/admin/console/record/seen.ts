import { utf8Bytes } from '../../../core/base/utf8.ts'
import { type Checkpoint, parseCheckpointBody } from '../../../core/record/checkpoint.ts'
import { parseNote } from '../../../core/record/note.ts'
import { RecordError } from '../../../core/record/record-error.ts'
import type { Seen } from './continuity.ts'

const KEY = 'sluice.record.seen'

/** The checkpoints that this browser saw last, by the origin of their logs. One that cannot be read is none. */
export function seenCheckpoints(): Readonly<Record<string, Seen>> {
  let kept: unknown
  try {
    kept = JSON.parse(localStorage.getItem(KEY) ?? '{}')
  } catch {
    // Storage is off, or somebody wrote into it by hand: as if nothing had been seen, and the page says so.
    return {}
  }
  if (typeof kept !== 'object' || kept === null) return {}
  return Object.fromEntries(Object.entries(kept).filter((entry): entry is [string, Seen] => isSeen(entry[1])))
}

/** Keeps what was seen, unless another tab has kept a larger one meanwhile. */
export function keepSeen({ origin, size }: Checkpoint, seen: Seen): void {
  const all = seenCheckpoints()
  const other = all[origin] === undefined ? null : checkpointOf(all[origin].note)
  if (other !== null && other.size > size) return
  try {
    localStorage.setItem(KEY, JSON.stringify({ ...all, [origin]: seen }))
  } catch {
    // Storage is off or full: the next visit begins again, and says so.
  }
}

function isSeen(value: unknown): value is Seen {
  const { note, policy, atMs } = (value ?? {}) as Partial<Seen>
  return typeof note === 'string' && typeof policy === 'string' && Number.isFinite(atMs) && checkpointOf(note) !== null
}

function checkpointOf(note: string): Checkpoint | null {
  try {
    return parseCheckpointBody(parseNote(utf8Bytes(note)).text)
  } catch (error) {
    if (error instanceof RecordError) return null
    throw error
  }
}
