import type { Sha256 } from '../base/digest.ts'
import { RecordError } from './record-error.ts'
import { emptyRoot, joinSubtrees, nodeHash, type Span, subtrees } from './tree.ts'

/**
 * A tree as far as appending needs it: the roots of its complete subtrees, largest first. At most 53 hashes, however
 * many the entries.
 */
export interface Frontier {
  readonly size: number
  readonly roots: readonly Uint8Array[]
}

export const EMPTY_FRONTIER: Frontier = { size: 0, roots: [] }

/** With one more leaf. Two hashes on average. */
export function appended(sha256: Sha256, { size, roots }: Frontier, leaf: Uint8Array): Frontier {
  const kept = [...roots]
  let hash = leaf
  for (let n = size; n % 2 === 1; n = Math.floor(n / 2)) hash = nodeHash(sha256, kept.pop()!, hash)
  return { size: size + 1, roots: [...kept, hash] }
}

export function frontierRoot(sha256: Sha256, { roots }: Frontier): Uint8Array {
  return roots.length === 0 ? emptyRoot(sha256) : joinSubtrees(sha256, roots)
}

/**
 * The frontier of a tree whose hashes are kept somewhere, where `roots` are those of `subtrees({ from: 0, to: size })`.
 * @throws {RecordError} `out_of_range`: not as many roots as the size has subtrees.
 */
export function frontierOf(size: number, roots: readonly Uint8Array[]): Frontier {
  const span: Span = { from: 0, to: size }
  const wanted = subtrees(span).length
  if (roots.length !== wanted)
    throw new RecordError('out_of_range', `roots: wanted ${wanted} of a tree of ${size}, not ${roots.length}`)
  return { size, roots }
}
