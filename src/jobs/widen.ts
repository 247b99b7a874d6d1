import type { EvalRow } from '../core/classifier/evaluation/row.ts'
import { type FamilyDetector, familyBook, familyDetector } from '../core/classifier/family-book.ts'
import { distinctFeatures, familyScore, trainFamilyHead } from '../core/classifier/family-head.ts'
import { proliferate, type Variant } from '../core/classifier/variants.ts'
import { hash32 } from './pairs/draw.ts'
import type { FamilyReport } from './respond.ts'

/** Variants of a report, cut in two: one half is learned from, the other measures. */
export interface Reported {
  readonly learned: readonly Variant[]
  readonly held: readonly Variant[]
}

const VARIANTS_EACH = 60

/** Rewordings of a report by the hash of their text, so that no half knows more of one kind than the other. */
export function reported({ id, prompts }: Pick<FamilyReport, 'id' | 'prompts'>): Reported {
  const all = proliferate(prompts, VARIANTS_EACH)
  const odd = ({ text }: Variant) => (hash32(`widen ${id} ${text}`) & 1) === 1
  return { learned: all.filter((one) => !odd(one)), held: all.filter(odd) }
}

/**
 * A head that is to catch a family whatever it costs: its line lies under nearly every variant it has seen, and what it
 * learned to leave alone is `background`.
 *
 * @param missShare Share of the learned variants that may stay under the line.
 */
export function widenedHead(
  report: FamilyReport,
  { learned }: Reported,
  background: readonly EvalRow[],
  textOf: (row: EvalRow) => string,
  missShare: number,
): FamilyDetector {
  const positives = learned.map(({ text }) => distinctFeatures(text))
  const head = trainFamilyHead(
    positives,
    background.map((row) => distinctFeatures(textOf(row))),
  )
  // Judged as the gateway will read them: in every reading, the highest.
  const unlined = familyBook([familyDetector(report, head, Number.NEGATIVE_INFINITY)])!
  const scores = learned.map(({ text }) => unlined.score(text)[0]!).sort((a, b) => a - b)
  const line = scores[Math.floor(missShare * scores.length)] ?? 0
  const under = Math.max(...background.map((row) => familyScore(head, distinctFeatures(textOf(row)))), -1e9)
  // Where there is room between what was learned and what must be left alone, the line stands in the middle of it.
  return familyDetector(report, head, under < line ? under + (line - under) / 2 : line)
}
