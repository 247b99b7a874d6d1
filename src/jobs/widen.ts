import { hash32 } from '../core/base/hash32.ts'
import type { EvalRow } from '../core/classifier/evaluation/row.ts'
import { type FamilyDetector, familyBook, familyDetector } from '../core/classifier/family-book.ts'
import { familyScorer, trainFamilyHead } from '../core/classifier/family-head.ts'
import { familyText } from '../core/classifier/family-text.ts'
import { proliferate, type Variant } from '../core/classifier/variants.ts'
import { backgroundOf } from './family-head.ts'
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
 * A head that is to catch a family, and what it learned to leave alone. Its line lies half-way between the weakest variant
 * and the nearest harmless text of those it learned from.
 */
export function widenedHead(report: FamilyReport, { learned }: Reported, harmless: readonly EvalRow[]): FamilyDetector {
  const background = backgroundOf(harmless)
  const head = trainFamilyHead(
    learned.map(({ text }) => familyText(text)),
    background.learned,
  )
  // Judged as the gateway will read them: in every reading, the highest.
  const unlined = familyBook([familyDetector(report, head, Number.NEGATIVE_INFINITY)])!
  const weakest = Math.min(...learned.map(({ text }) => unlined.score(text)[0]!))
  const nearest = Math.max(...background.learned.map(familyScorer(head)))
  return familyDetector(report, head, Math.min(weakest, (weakest + nearest) / 2))
}
