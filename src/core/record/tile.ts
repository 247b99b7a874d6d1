import type { Sha256 } from '../base/digest.ts'
import { RecordError } from './record-error.ts'
import { HASH_BYTES, type Node, treeRoot } from './tree.ts'

/** Hashes, and entries, of a full tile. Source of all of this: C2SP `tlog-tiles.md`. */
export const TILE_WIDTH = 256
const TILE_LEVELS = 8
const MOST_LEVEL = 63
/** Largest entry that a bundle can hold. */
const MOST_ENTRY_BYTES = 65_535

/** One tile: hashes [n·256, n·256 + width) of level 8·level. An entry bundle where `level` is `entries`. */
export interface Tile {
  readonly level: number | 'entries'
  readonly n: number
  /** 1 to 256; below 256 it is partial. */
  readonly width: number
}

/** Path of a tile below the log's prefix, such as `tile/1/x001/234.p/17`. */
export function tilePath({ level, n, width }: Tile): string {
  const groups = [String(n % 1000).padStart(3, '0')]
  for (let rest = Math.floor(n / 1000); rest > 0; rest = Math.floor(rest / 1000))
    groups.unshift(`x${String(rest % 1000).padStart(3, '0')}`)
  return `tile/${level}/${groups.join('/')}${width === TILE_WIDTH ? '' : `.p/${width}`}`
}

const PATH = /^tile\/(entries|0|[1-9]\d?)\/((?:x\d{3}\/)*)(\d{3})(?:\.p\/([1-9]\d{0,2}))?$/

/** @returns null where it is no path of a tile, or not the one way to write it. */
export function parseTilePath(path: string): Tile | null {
  const match = PATH.exec(path)
  if (match === null) return null
  const level: Tile['level'] = match[1] === 'entries' ? 'entries' : Number(match[1])
  const n = Number(match[2]!.replaceAll(/[x/]/g, '') + match[3])
  const width = match[4] === undefined ? TILE_WIDTH : Number(match[4])
  if (!Number.isSafeInteger(n) || width > TILE_WIDTH || (level !== 'entries' && level > MOST_LEVEL)) return null
  const tile: Tile = { level, n, width }
  return tilePath(tile) === path ? tile : null
}

/** Number of hashes of tile level `level` in a log of `size` entries. */
export function hashesAt(level: number, size: number): number {
  let count = size
  for (let l = 0; l < level; l++) count = Math.floor(count / TILE_WIDTH)
  return count
}

/**
 * Tiles, bundles included, that a log of `size` has and one of `before` had not, in that width: what must be written
 * before a checkpoint of that size is. `before` 0 gives all of them.
 */
export function newTiles(before: number, size: number): readonly Tile[] {
  const tiles: Tile[] = []
  const add = (level: Tile['level'], had: number, has: number) => {
    for (let n = Math.floor(had / TILE_WIDTH); n * TILE_WIDTH < has; n++) {
      const width = Math.min(TILE_WIDTH, has - n * TILE_WIDTH)
      if (n * TILE_WIDTH + width > had) tiles.push({ level, n, width })
    }
  }
  add('entries', before, size)
  for (let level = 0; level <= MOST_LEVEL && hashesAt(level, size) > 0; level++)
    add(level, hashesAt(level, before), hashesAt(level, size))
  return tiles
}

/** The tile that holds what the root of a complete subtree is computed from, as wide as a log of `size` serves it. */
export function tileOf({ level, index }: Node, size: number): Tile {
  const tileLevel = Math.floor(level / TILE_LEVELS)
  const first = index * 2 ** (level % TILE_LEVELS)
  const n = Math.floor(first / TILE_WIDTH)
  const width = Math.min(TILE_WIDTH, hashesAt(tileLevel, size) - n * TILE_WIDTH)
  if (first - n * TILE_WIDTH + 2 ** (level % TILE_LEVELS) > width)
    throw new RecordError('out_of_range', `node ${index} of level ${level} is not in a log of ${size}`)
  return { level: tileLevel, n, width }
}

/** Root of a complete subtree, from the bytes of its tile. @throws {RecordError} `malformed`: the tile is too short. */
export function nodeOfTile(sha256: Sha256, { level, index }: Node, bytes: Uint8Array): Uint8Array {
  const count = 2 ** (level % TILE_LEVELS)
  const first = (index * count) % TILE_WIDTH
  const hashes = hashesOf(bytes).slice(first, first + count)
  if (hashes.length < count) throw new RecordError('malformed', `tile: has no hash ${first + count - 1}`)
  return treeRoot(sha256, hashes)
}

/** Hashes of a tile. @throws {RecordError} `malformed`: no whole number of hashes, none, or more than 256. */
export function hashesOf(tile: Uint8Array): readonly Uint8Array[] {
  const count = tile.length / HASH_BYTES
  if (!Number.isInteger(count) || count < 1 || count > TILE_WIDTH)
    throw new RecordError('malformed', `tile: wanted 1 to ${TILE_WIDTH} hashes of ${HASH_BYTES} bytes`)
  return Array.from({ length: count }, (_, i) => tile.subarray(i * HASH_BYTES, (i + 1) * HASH_BYTES))
}

/** Entries as a bundle: each with its length before it, two bytes, big-endian. @throws {RecordError} `too_large`. */
export function bundleOf(entries: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(entries.reduce((sum, { length }) => sum + 2 + length, 0))
  let at = 0
  for (const entry of entries) {
    if (entry.length > MOST_ENTRY_BYTES)
      throw new RecordError('too_large', `entry: wanted at most ${MOST_ENTRY_BYTES} bytes, not ${entry.length}`)
    out[at] = entry.length >> 8
    out[at + 1] = entry.length & 0xff
    out.set(entry, at + 2)
    at += 2 + entry.length
  }
  return out
}

/** @throws {RecordError} `malformed`: an entry is cut, or there are more than 256. */
export function entriesOf(bundle: Uint8Array): readonly Uint8Array[] {
  const entries: Uint8Array[] = []
  for (let at = 0; at < bundle.length; ) {
    const end = at + 2 + ((bundle[at]! << 8) | (bundle[at + 1] ?? 0))
    if (at + 2 > bundle.length || end > bundle.length)
      throw new RecordError('malformed', 'bundle: its last entry is cut')
    entries.push(bundle.subarray(at + 2, end))
    at = end
  }
  if (entries.length > TILE_WIDTH) throw new RecordError('malformed', `bundle: holds more than ${TILE_WIDTH} entries`)
  return entries
}
