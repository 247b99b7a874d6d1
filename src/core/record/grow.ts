import type { Sha256 } from '../base/digest.ts'
import { RecordError } from './record-error.ts'
import { hashesAt, nodeOfTile, TILE_WIDTH, tileOf } from './tile.ts'
import { emptyRoot, HASH_BYTES, joinSubtrees, type Node, subtrees, treeRoot } from './tree.ts'

/**
 * The right edge of a log: per tile level the hashes of its last tile, as long as that is not full. Enough to append and
 * to compute every root; at most eight levels of 255 hashes.
 */
export interface Edge {
  readonly size: number
  readonly levels: readonly (readonly Uint8Array[])[]
}

export const EMPTY_EDGE: Edge = { size: 0, levels: [] }

/** A tile of hashes as it is after growing. */
export interface HashTile {
  readonly level: number
  readonly n: number
  readonly hashes: readonly Uint8Array[]
}

export interface Grown {
  readonly edge: Edge
  /** Every tile that has a hash more than before. */
  readonly tiles: readonly HashTile[]
}

/** Appends leaves. About one hash per leaf. */
export function grow(sha256: Sha256, edge: Edge, leaves: readonly Uint8Array[]): Grown {
  const tiles: HashTile[] = []
  const levels: (readonly Uint8Array[])[] = []
  let rising = leaves
  for (let level = 0; level < edge.levels.length || rising.length > 0; level++) {
    const had = edge.levels[level] ?? []
    const all = [...had, ...rising]
    const first = (hashesAt(level, edge.size) - had.length) / TILE_WIDTH
    const above: Uint8Array[] = []
    for (let i = 0; i < all.length; i += TILE_WIDTH) {
      const hashes = all.slice(i, i + TILE_WIDTH)
      if (i + hashes.length > had.length) tiles.push({ level, n: first + i / TILE_WIDTH, hashes })
      if (hashes.length === TILE_WIDTH) above.push(treeRoot(sha256, hashes))
    }
    levels.push(all.slice(all.length - (all.length % TILE_WIDTH)))
    rising = above
  }
  return { edge: { size: edge.size + leaves.length, levels }, tiles }
}

/** Root of a log, from its edge alone. */
export function edgeRoot(sha256: Sha256, { levels }: Edge): Uint8Array {
  const roots = levels.toReversed().flatMap((hashes) => {
    // A tile starts where its width in leaves divides: its own subtrees are those of the whole.
    return subtrees({ from: 0, to: hashes.length }).map(({ level, index }) => {
      const width = 2 ** level
      return treeRoot(sha256, hashes.slice(index * width, (index + 1) * width))
    })
  })
  return roots.length === 0 ? emptyRoot(sha256) : joinSubtrees(sha256, roots)
}

/** Levels whose last tile is partial in a log of `size`, with its place and width: what an edge is read from. */
export function edgeTiles(
  size: number,
): readonly { readonly level: number; readonly n: number; readonly width: number }[] {
  const tiles = []
  for (let level = 0; hashesAt(level, size) > 0; level++) {
    const count = hashesAt(level, size)
    tiles.push({ level, n: Math.floor(count / TILE_WIDTH), width: count % TILE_WIDTH })
  }
  return tiles
}

/**
 * Nodes of a log as it was just grown, for the proof that it continues what was signed before: they lie on the old edge
 * or in what is new.
 * @throws {RecordError} `out_of_range`: a node elsewhere.
 */
export function nodesOfGrown(sha256: Sha256, before: Edge, { edge, tiles }: Grown): (node: Node) => Uint8Array {
  const known = new Map<string, readonly Uint8Array[]>()
  for (const { level, n, width } of edgeTiles(before.size))
    if (width > 0) known.set(`${level}/${n}`, before.levels[level]!)
  for (const { level, n, hashes } of tiles) known.set(`${level}/${n}`, hashes)
  return (node) => {
    const { level, n } = tileOf(node, edge.size)
    const hashes = known.get(`${level}/${n}`)
    if (hashes === undefined) throw new RecordError('out_of_range', `tile ${n} of level ${level} is not at hand`)
    return nodeOfTile(sha256, node, tileBytes(hashes))
  }
}

/** Hashes one after the other: a tile as it is served. */
export function tileBytes(hashes: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(hashes.length * HASH_BYTES)
  for (const [i, hash] of hashes.entries()) out.set(hash, i * HASH_BYTES)
  return out
}
