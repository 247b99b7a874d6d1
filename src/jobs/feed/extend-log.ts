import { bytesOfHex, sameBytes } from '../../core/base/bytes.ts'
import type { Sha256 } from '../../core/base/digest.ts'
import type { Checkpoint } from '../../core/record/checkpoint.ts'
import { TILE_WIDTH } from '../../core/record/tile.ts'
import { treeRoot } from '../../core/record/tree.ts'
import type { FeedSource, LevelState, PartnerStore } from './ports.ts'
import { LogFileError, logFiles, readEntries, readLeaves } from './read-log.ts'

/**
 * Proves that a larger log continues the one that is known, and copies its new files. The proof is the strongest there
 * is: the leaves that are kept, with the new ones after them, give the new root. Only the tiles and bundles that hold new
 * entries are fetched.
 *
 * Where that fails, all leaf tiles are read as they are served. If they give the signed root and their beginning is not
 * the log that is known, two signed checkpoints contradict each other: `fork`. Otherwise files are damaged.
 * @throws {LogFileError} a file is missing, short, or not what the checkpoint says.
 */
export async function extendLog(
  before: LevelState,
  checkpoint: Checkpoint,
  { prefix, source, store, sha256 }: { prefix: string; source: FeedSource; store: PartnerStore; sha256: Sha256 },
): Promise<'extended' | 'fork'> {
  const read = source.read.bind(source)
  const kept = await keptLeaves(before, { prefix, store, sha256 })
  const whole = Math.floor(kept.length / TILE_WIDTH) * TILE_WIDTH
  const fresh = await readLeaves(read, prefix, whole, checkpoint.size)
  let leaves = [...kept, ...fresh.slice(kept.length - whole)]
  if (!sameBytes(treeRoot(sha256, leaves), checkpoint.root)) {
    leaves = await readLeaves(read, prefix, 0, checkpoint.size)
    if (!sameBytes(treeRoot(sha256, leaves), checkpoint.root))
      throw new LogFileError(`${prefix}tile/0`, 'its hashes do not give the root that was signed')
  }
  if (!sameBytes(treeRoot(sha256, leaves.slice(0, before.size)), bytesOfHex(before.root)!)) return 'fork'
  const first = Math.floor(before.size / TILE_WIDTH) * TILE_WIDTH
  const entries = await readEntries(read, prefix, first, leaves, sha256)
  for (const { path, bytes } of logFiles(sha256, before.size, leaves, entries)) await store.write(prefix + path, bytes)
  return 'extended'
}

/** Leaves of the copy, if they still are what was proven; otherwise none, and all are fetched again. */
async function keptLeaves(
  state: LevelState,
  { prefix, store, sha256 }: { prefix: string; store: PartnerStore; sha256: Sha256 },
): Promise<Uint8Array[]> {
  if (state.size === 0) return []
  try {
    const leaves = await readLeaves((path) => store.read(path), prefix, 0, state.size)
    return sameBytes(treeRoot(sha256, leaves), bytesOfHex(state.root)!) ? leaves : []
  } catch (error) {
    if (error instanceof LogFileError) return []
    throw error
  }
}
