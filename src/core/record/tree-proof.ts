import { sameBytes } from '../base/bytes.ts'
import type { Sha256 } from '../base/digest.ts'
import { emptyRoot, HASH_BYTES, isSize, nodeHash } from './tree.ts'

/** Is a leaf of this hash at `index` in the tree of `size` with this root? Total. Source: RFC 9162 §2.1.3.2. */
export function verifyInclusion(
  sha256: Sha256,
  proof: readonly Uint8Array[],
  { leaf, index, size, root }: { leaf: Uint8Array; index: number; size: number; root: Uint8Array },
): boolean {
  if (!isSize(index) || !isSize(size) || index >= size || !proof.every(isHash) || !isHash(leaf)) return false
  let at = index
  let last = size - 1
  let hash = leaf
  for (const sibling of proof) {
    if (last === 0) return false
    if (at % 2 === 1 || at === last) {
      hash = nodeHash(sha256, sibling, hash)
      while (at % 2 === 0 && at !== 0) {
        at = half(at)
        last = half(last)
      }
    } else hash = nodeHash(sha256, hash, sibling)
    at = half(at)
    last = half(last)
  }
  return last === 0 && sameBytes(hash, root)
}

export interface TreeHead {
  readonly size: number
  readonly root: Uint8Array
}

/** Does the tree `after` continue `before`, with nothing changed or taken out? Total. Source: RFC 9162 §2.1.4.2. */
export function verifyConsistency(
  sha256: Sha256,
  proof: readonly Uint8Array[],
  before: TreeHead,
  after: TreeHead,
): boolean {
  if (!isSize(before.size) || !isSize(after.size) || before.size > after.size || !proof.every(isHash)) return false
  if (before.size === after.size) return proof.length === 0 && sameBytes(before.root, after.root)
  if (before.size === 0) return proof.length === 0 && sameBytes(before.root, emptyRoot(sha256))
  // A complete old tree is itself the first subtree of its proof, and left out of it.
  const [first, ...rest] = isPowerOfTwo(before.size) ? [before.root, ...proof] : proof
  if (first === undefined || !isHash(first)) return false
  let at = before.size - 1
  let last = after.size - 1
  while (at % 2 === 1) {
    at = half(at)
    last = half(last)
  }
  let old = first
  let now = first
  for (const hash of rest) {
    if (last === 0) return false
    if (at % 2 === 1 || at === last) {
      old = nodeHash(sha256, hash, old)
      now = nodeHash(sha256, hash, now)
      while (at % 2 === 0 && at !== 0) {
        at = half(at)
        last = half(last)
      }
    } else now = nodeHash(sha256, now, hash)
    at = half(at)
    last = half(last)
  }
  return last === 0 && sameBytes(old, before.root) && sameBytes(now, after.root)
}

function isHash(bytes: Uint8Array): boolean {
  return bytes.length === HASH_BYTES
}

function half(n: number): number {
  return Math.floor(n / 2)
}

function isPowerOfTwo(n: number): boolean {
  let m = n
  while (m % 2 === 0) m /= 2
  return m === 1
}
