import { sameBytes } from '../../core/base/bytes.ts'
import type { Sha256 } from '../../core/base/digest.ts'
import { RecordError } from '../../core/record/record-error.ts'
import { bundleOf, entriesOf, hashesOf, newTiles, TILE_WIDTH, type Tile, tilePath } from '../../core/record/tile.ts'
import { HASH_BYTES, leafHash, nodesOver } from '../../core/record/tree.ts'

/** Bytes of a full bundle whose every entry is as large as one may be. */
const MOST_BUNDLE_BYTES = TILE_WIDTH * (2 + 65_535)

/** A tile or bundle is missing, short, or not what its neighbour says. `path` is where. */
export class LogFileError extends Error {
  readonly path: string
  constructor(path: string, what: string) {
    super(`\`${path}\`: ${what}`)
    this.path = path
  }
}

type Read = (path: string, mostBytes: number) => Promise<Uint8Array | null>

/** Leaf hashes [from, to) of a log of `to` entries, from its level-0 tiles; `from` at the beginning of a tile. */
export async function readLeaves(read: Read, prefix: string, from: number, to: number): Promise<Uint8Array[]> {
  const leaves: Uint8Array[] = []
  for (const tile of tilesOf(0, from, to)) {
    const path = prefix + tilePath(tile)
    const bytes = await readTile(read, prefix, tile, TILE_WIDTH * HASH_BYTES)
    if (bytes.length < tile.width * HASH_BYTES) throw new LogFileError(path, 'is shorter than its tile')
    try {
      leaves.push(...hashesOf(bytes).slice(0, tile.width))
    } catch (error) {
      if (error instanceof RecordError) throw new LogFileError(path, error.message)
      throw error
    }
  }
  return leaves
}

/**
 * Entries [from, to) of a log of `to` entries, from its bundles; each is compared with its leaf.
 * @param leaves All leaves of the log.
 */
export async function readEntries(
  read: Read,
  prefix: string,
  from: number,
  leaves: readonly Uint8Array[],
  sha256: Sha256,
): Promise<Uint8Array[]> {
  const first = Math.floor(from / TILE_WIDTH) * TILE_WIDTH
  const entries: Uint8Array[] = []
  for (const tile of tilesOf('entries', first, leaves.length)) {
    const path = prefix + tilePath(tile)
    const bytes = await readTile(read, prefix, tile, MOST_BUNDLE_BYTES)
    let all: readonly Uint8Array[]
    try {
      all = entriesOf(bytes)
    } catch (error) {
      if (error instanceof RecordError) throw new LogFileError(path, error.message)
      throw error
    }
    if (all.length < tile.width) throw new LogFileError(path, 'holds fewer entries than its tile')
    for (const [i, entry] of all.slice(0, tile.width).entries()) {
      const leaf = leaves[tile.n * TILE_WIDTH + i]!
      if (!sameBytes(leafHash(sha256, entry), leaf))
        throw new LogFileError(path, `entry ${i} is not the one of its tile`)
      entries.push(entry)
    }
  }
  return entries.slice(from - first)
}

/**
 * The files that a log of these leaves has and one of `before` had not, hashes and bundles, in the order in which they
 * may be written. @param entries Entries from the beginning of the bundle that holds `before` on.
 */
export function logFiles(
  sha256: Sha256,
  before: number,
  leaves: readonly Uint8Array[],
  entries: readonly Uint8Array[],
): readonly { readonly path: string; readonly bytes: Uint8Array }[] {
  const firstEntry = Math.floor(before / TILE_WIDTH) * TILE_WIDTH
  const nodeAt = nodesOver(sha256, leaves)
  return newTiles(before, leaves.length).map((tile) => {
    const from = tile.n * TILE_WIDTH
    if (tile.level === 'entries')
      return { path: tilePath(tile), bytes: bundleOf(entries.slice(from - firstEntry, from - firstEntry + tile.width)) }
    const bytes = new Uint8Array(tile.width * HASH_BYTES)
    for (let i = 0; i < tile.width; i++) bytes.set(nodeAt({ level: 8 * tile.level, index: from + i }), i * HASH_BYTES)
    return { path: tilePath(tile), bytes }
  })
}

/** Tiles of a level that hold [from, to) in a log of `to`. */
function tilesOf(level: Tile['level'], from: number, to: number): readonly Tile[] {
  const tiles: Tile[] = []
  for (let n = Math.floor(from / TILE_WIDTH); n * TILE_WIDTH < to; n++)
    tiles.push({ level, n, width: Math.min(TILE_WIDTH, to - n * TILE_WIDTH) })
  return tiles
}

/** A partial tile may have gone when the full one came. */
async function readTile(read: Read, prefix: string, tile: Tile, mostBytes: number): Promise<Uint8Array> {
  const path = prefix + tilePath(tile)
  const bytes = await read(path, mostBytes)
  if (bytes !== null) {
    if (tile.level !== 'entries' && bytes.length !== tile.width * HASH_BYTES)
      throw new LogFileError(path, `wanted ${tile.width} hashes`)
    return bytes
  }
  const full =
    tile.width === TILE_WIDTH ? null : await read(prefix + tilePath({ ...tile, width: TILE_WIDTH }), mostBytes)
  if (full === null) throw new LogFileError(path, 'is missing')
  return full
}
