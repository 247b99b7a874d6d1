import type { Database } from 'better-sqlite3'
import type { EntryDraft } from '../../core/record/draft.ts'
import { tileBytes } from '../../core/record/grow.ts'
import type { SealedBatch, SealedSalt } from '../../jobs/record-ports.ts'

/** The sealer's write on SQLite, as prepared statements: same rows, same conditions as the other store. */
export function sqliteSeal(database: Database): {
  addDrafts(drafts: readonly EntryDraft[], salts?: readonly SealedSalt[]): void
  /** @returns false: the lock is lost, or the log has another size. */
  sealBatch(batch: SealedBatch): boolean
} {
  const draft = database.prepare('insert into record_drafts (body) values (?)')
  const salt = database.prepare(
    `insert into record_salts (k, about, member, subject, blob) values (?, ?, ?, ?, ?)
     on conflict (about, k, member) do nothing`,
  )
  const head = database.prepare(
    'update record_log set size = ?, checkpoint = ?, at_ms = ? where id = 1 and token = ? and size = ?',
  )
  const entry = database.prepare('insert into record_entries (idx, leaf, body, k, about) values (?, ?, ?, ?, ?)')
  const tile = database.prepare(
    'insert into record_tiles (level, n, hashes) values (?, ?, ?) on conflict (level, n) do update set hashes = excluded.hashes',
  )
  const first = database.prepare(
    "insert into record_checkpoints (day, size, checkpoint) values ('first', ?, ?) on conflict (day) do nothing",
  )
  const day = database.prepare(
    `insert into record_checkpoints (day, size, checkpoint) values (?, ?, ?)
     on conflict (day) do update set size = excluded.size, checkpoint = excluded.checkpoint`,
  )
  const taken = database.prepare('delete from record_drafts where seq = ?')
  const seal = database.transaction((batch: SealedBatch): boolean => {
    const { size, checkpoint, atMs } = batch.head
    // First, and in the write itself: who lost the lock must write nothing, whatever it believes.
    if (head.run(size, checkpoint, atMs, batch.token, batch.before).changes !== 1) return false
    for (const { index, leaf, bytes, k, about } of batch.entries) entry.run(index, leaf, bytes, k, about)
    for (const { level, n, hashes } of batch.tiles) tile.run(level, n, tileBytes(hashes))
    first.run(size, checkpoint)
    day.run(batch.day, size, checkpoint)
    for (const seq of batch.drafts) taken.run(seq)
    return true
  })
  return {
    addDrafts: database.transaction((drafts: readonly EntryDraft[], salts: readonly SealedSalt[] = []) => {
      for (const one of drafts) draft.run(JSON.stringify(one))
      for (const { k, about, member, subject, blob } of salts) salt.run(k, about, member, subject, blob)
    }),
    sealBatch: (batch) => seal(batch),
  }
}
