import type { Sha256 } from '../core/base/digest.ts'
import { RecordError } from '../core/record/record-error.ts'
import { bundleOf, entriesOf, nodeOfTile, TILE_WIDTH, type Tile, tileOf, tilePath } from '../core/record/tile.ts'
import {
  consistencyPath,
  HASH_BYTES,
  inclusionPath,
  type Node,
  pathHashes,
  type Span,
  subtrees,
} from '../core/record/tree.ts'

/** Bytes of a tile of hashes, or null: a store, a folder, or another log over HTTP. */
export type ReadTile = (tile: Tile) => Promise<Uint8Array | null>

/** Proof that the entry `index` is in the log of `size`. At most two tiles a level are read. */
export function proveInclusion(
  sha256: Sha256,
  index: number,
  size: number,
  read: ReadTile,
): Promise<readonly Uint8Array[]> {
  return proven(sha256, inclusionPath(index, size), size, read)
}

/** Proof that the log of `size` continues the one of `before`. */
export function proveConsistency(
  sha256: Sha256,
  before: number,
  size: number,
  read: ReadTile,
): Promise<readonly Uint8Array[]> {
  return proven(sha256, consistencyPath(before, size), size, read)
}

async function proven(sha256: Sha256, path: readonly Span[], size: number, read: ReadTile) {
  const tiles = new Map<string, Uint8Array>()
  for (const node of path.flatMap(subtrees)) {
    const tile = tileOf(node, size)
    const name = tilePath(tile)
    if (tiles.has(name)) continue
    const bytes = await read(tile)
    if (bytes === null) throw new RecordError('malformed', `${name} is not there`)
    tiles.set(name, bytes)
  }
  const nodeAt = (node: Node) => nodeOfTile(sha256, node, tiles.get(tilePath(tileOf(node, size)))!)
  return pathHashes(sha256, path, nodeAt)
}

/** A record's folder, wherever it is. */
export interface RecordReader {
  read(path: string): Promise<Uint8Array | null>
  /** Paths of all files below a folder. */
  list(folder: string): Promise<readonly string[]>
}

/** A tile of a folder; where the partial one is gone, as much of the full one that it has become; else null. */
export async function readTile(reader: Pick<RecordReader, 'read'>, tile: Tile): Promise<Uint8Array | null> {
  const found = await reader.read(tilePath(tile))
  if (found !== null || tile.width === TILE_WIDTH) return found
  const full = await reader.read(tilePath({ ...tile, width: TILE_WIDTH }))
  if (full === null) return null
  return tile.level === 'entries'
    ? bundleOf(entriesOf(full).slice(0, tile.width))
    : full.subarray(0, tile.width * HASH_BYTES)
}
