import type { Sha256 } from '../base/digest.ts'
import { RecordError } from './record-error.ts'

/** Bytes of a hash. */
export const HASH_BYTES = 32

/** Hash of an entry's bytes as a leaf (RFC 6962 §2.1). The first byte keeps leaves and nodes apart. */
export function leafHash(sha256: Sha256, entry: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(1 + entry.length)
  bytes.set(entry, 1)
  return sha256(bytes)
}

export function nodeHash(sha256: Sha256, left: Uint8Array, right: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(1 + 2 * HASH_BYTES)
  bytes[0] = 1
  bytes.set(left, 1)
  bytes.set(right, 1 + HASH_BYTES)
  return sha256(bytes)
}

/** Root of no entries: the hash of nothing. */
export function emptyRoot(sha256: Sha256): Uint8Array {
  return sha256(new Uint8Array(0))
}

/** Root over leaf hashes in order; any number of them. One hash per leaf and node. */
export function treeRoot(sha256: Sha256, leaves: readonly Uint8Array[]): Uint8Array {
  if (leaves.length === 0) return emptyRoot(sha256)
  let row = leaves
  while (row.length > 1) {
    const above: Uint8Array[] = []
    // One without a neighbour rises as it is: the tree splits at the largest power of two.
    for (let i = 0; i < row.length; i += 2)
      above.push(i + 1 < row.length ? nodeHash(sha256, row[i]!, row[i + 1]!) : row[i]!)
    row = above
  }
  return row[0]!
}

/** A complete subtree: its root is the node `index` of `level`, above the leaves [index·2^level, (index+1)·2^level). */
export interface Node {
  readonly level: number
  readonly index: number
}

/** Leaves [from, to). */
export interface Span {
  readonly from: number
  readonly to: number
}

/** Largest power of two below `n`; n ≥ 2. */
function split(n: number): number {
  let k = 1
  while (k * 2 < n) k *= 2
  return k
}

/**
 * Subtrees whose roots prove the leaf `index` in a tree of `size`, the leaf's own sibling first (RFC 6962 §2.1.1).
 * @throws {RecordError} `out_of_range`.
 */
export function inclusionPath(index: number, size: number): readonly Span[] {
  if (!isSize(index) || !isSize(size) || index >= size) throw outOfRange(index, size)
  const path: Span[] = []
  let from = 0
  let to = size
  while (to - from > 1) {
    const middle = from + split(to - from)
    if (index < middle) {
      path.push({ from: middle, to })
      to = middle
    } else {
      path.push({ from, to: middle })
      from = middle
    }
  }
  return path.reverse()
}

/**
 * Subtrees whose roots prove that the tree of `size` continues the one of `before` (RFC 6962 §2.1.2). Empty where there
 * is nothing to prove: equal sizes, or from nothing.
 * @throws {RecordError} `out_of_range`.
 */
export function consistencyPath(before: number, size: number): readonly Span[] {
  if (!isSize(before) || !isSize(size) || before > size) throw outOfRange(before, size)
  if (before === 0 || before === size) return []
  const path: Span[] = []
  let from = 0
  let to = size
  while (before !== to) {
    const middle = from + split(to - from)
    if (before <= middle) {
      path.push({ from: middle, to })
      to = middle
    } else {
      path.push({ from, to: middle })
      from = middle
    }
  }
  // The old tree's own root is not part of its proof: whoever checks has it.
  if (from > 0) path.push({ from, to })
  return path.reverse()
}

/** The complete subtrees of a span, left to right. A span that starts a tree or stands in a path is made of few. */
export function subtrees({ from, to }: Span): readonly Node[] {
  const nodes: Node[] = []
  for (let at = from; at < to; ) {
    let level = 0
    let width = 1
    while (at % (width * 2) === 0 && at + width * 2 <= to) {
      width *= 2
      level += 1
    }
    nodes.push({ level, index: at / width })
    at += width
  }
  return nodes
}

/** Root of a span, from the roots of its complete subtrees, left to right; at least one. */
export function joinSubtrees(sha256: Sha256, roots: readonly Uint8Array[]): Uint8Array {
  return roots.slice(0, -1).reduceRight((right, left) => nodeHash(sha256, left, right), roots.at(-1)!)
}

/** Hashes of a path, where `nodeAt` gives the root of any complete subtree. */
export function pathHashes(
  sha256: Sha256,
  path: readonly Span[],
  nodeAt: (node: Node) => Uint8Array,
): readonly Uint8Array[] {
  return path.map((span) => joinSubtrees(sha256, subtrees(span).map(nodeAt)))
}

/** Every complete subtree over leaf hashes that are all at hand; each is computed once. */
export function nodesOver(sha256: Sha256, leaves: readonly Uint8Array[]): (node: Node) => Uint8Array {
  const rows: Uint8Array[][] = [[...leaves]]
  return ({ level, index }) => {
    for (let l = rows.length; l <= level; l++) {
      const below = rows[l - 1]!
      rows.push(Array.from({ length: below.length >> 1 }, (_, i) => nodeHash(sha256, below[2 * i]!, below[2 * i + 1]!)))
    }
    const hash = rows[level]![index]
    if (hash === undefined) throw outOfRange(index, rows[level]!.length)
    return hash
  }
}

/** A count that is exact. */
export function isSize(n: number): boolean {
  return Number.isSafeInteger(n) && n >= 0
}

function outOfRange(index: number, size: number): RecordError {
  return new RecordError('out_of_range', `index: wanted one below the size ${size}, not ${index}`)
}
