import { hash32 } from '../core/base/hash32.ts'
import { type EvalRow, textOf } from '../core/classifier/evaluation/row.ts'
import { type FamilyHead, familyScorer, trainFamilyHead } from '../core/classifier/family-head.ts'
import { type FamilyText, familyText } from '../core/classifier/family-text.ts'

/** A head with the line that its detector fires above. */
export interface LinedHead {
  readonly head: FamilyHead
  readonly line: number
}

/** Harmless texts, read once for any number of heads. */
export interface Background {
  /** What heads learn from, and what places their line: a head knows what it has seen, and would flatter itself there. */
  readonly learned: readonly FamilyText[]
  readonly learnedIds: readonly string[]
  readonly held: readonly FamilyText[]
}

/** More cost time and change little. */
const MOST_EACH = 3000

/** Cuts harmless rows in two by their ids. */
export function backgroundOf(harmless: readonly EvalRow[]): Background {
  const part = (odd: number) =>
    harmless.filter(({ id }) => (hash32(`background ${id}`) & 1) === odd).slice(0, MOST_EACH)
  const read = (rows: readonly EvalRow[]) => rows.map((row) => familyText(textOf(row)))
  const learned = part(1)
  return { learned: read(learned), learnedIds: learned.map(({ id }) => id), held: read(part(0)) }
}

/**
 * Learns a detector of one family from its variants, with the line that `share` of harmless texts exceed.
 * Deterministic: same texts in the same order, same head. Well under two seconds.
 */
export function makeFamilyHead(variants: readonly string[], background: Background, share: number): LinedHead {
  const head = trainFamilyHead(variants.map(familyText), background.learned)
  const scores = background.held.map(familyScorer(head)).sort((a, b) => b - a)
  return { head, line: scores[Math.floor(share * scores.length)] ?? Number.POSITIVE_INFINITY }
}
