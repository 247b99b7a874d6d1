import type { Sha256 } from '../../base/digest.ts'
import { hashOf } from './hash.ts'

/** Folds of the cross-fit (severity.md §4, P6). */
export const FOLDS = 5

/**
 * The fold of a task, in [0, 5): the first 32 bits of the SHA-256 of its id, big endian, modulo 5. It depends on the id
 * alone, so two parties with the same tasks have the same folds, and a task added later moves no other.
 */
export function foldOf(task: string, sha256: Sha256): number {
  const [a, b, c, d] = hashOf(task, sha256)
  return (((a! << 24) | (b! << 16) | (c! << 8) | d!) >>> 0) % FOLDS
}
