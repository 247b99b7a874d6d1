import type { Sha256 } from '../core/base/digest.ts'
import { RecordError } from '../core/record/record-error.ts'
import { bundleOf, newTiles, TILE_WIDTH, type Tile } from '../core/record/tile.ts'
import { assertContinues, bodyOf } from './published.ts'
import type { RecordFiles, RecordStore } from './record-ports.ts'

/** Files that are written at once. */
const AT_ONCE = 32

/**
 * Writes the log's files from the store: every tile and bundle first, the checkpoint last. Stopped anywhere in between,
 * the next run writes the same bytes again and goes on: a path's content is settled once its entries are.
 * @returns the size that is published.
 * @throws {RecordError} `inconsistent`: what was published is not what the store has; nothing is written over it.
 */
export async function publishRecord(store: RecordStore, files: RecordFiles, sha256: Sha256): Promise<number> {
  const head = await store.logHead()
  if (head === null) return 0
  const published = await files.checkpoint()
  await assertContinues(published, head.checkpoint, store, sha256)
  const now = bodyOf(head.checkpoint)
  const before = published === null ? null : bodyOf(published)
  if (published === head.checkpoint) return now.size
  const tiles = newTiles(before?.size ?? 0, now.size)
  // Side by side: their syncs share what the disk does.
  for (let i = 0; i < tiles.length; i += AT_ONCE)
    await Promise.all(tiles.slice(i, i + AT_ONCE).map((tile) => writeTile(tile, store, files)))
  for (const { day, size, checkpoint } of await store.keptCheckpoints())
    if (size >= (before?.size ?? 0) && (day === 'first' || size < now.size))
      await files.keepCheckpoint(size, checkpoint)
  await files.writeCheckpoint(head.checkpoint)
  return now.size
}

async function writeTile(tile: Tile, store: RecordStore, files: RecordFiles): Promise<void> {
  const { level, n, width } = tile
  const first = n * TILE_WIDTH
  const bytes =
    level === 'entries' ? bundleOf(await store.entryBytes(first, first + width)) : await store.hashTile(level, n, width)
  if (bytes === null) throw new RecordError('inconsistent', `tile ${n} of level ${level} is not in the store`)
  await files.writeTile(tile, bytes)
  if (width === TILE_WIDTH) await files.dropPartials(tile)
}
