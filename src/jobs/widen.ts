import { hash32 } from '../core/base/hash32.ts'
import type { EvalRow } from '../core/classifier/evaluation/row.ts'
import { type FamilyDetector, familyBook, familyDetector } from '../core/classifier/family-book.ts'
import { distinctFeatures, familyScore, trainFamilyHead } from '../core/classifier/family-head.ts'
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
 * A head that is to catch a family, and what it learned to leave alone.
 *
 * Its line lies under every variant it learned from. Where harmless texts that it did not learn from all stay below that,
 * the line moves up into the room between, nearer to them: rewordings that nobody has seen yet score lower, too.
 */
export function widenedHead(report: FamilyReport, { learned }: Reported, harmless: readonly EvalRow[]): FamilyDetector {
  const background = backgroundOf(harmless)
  const head = trainFamilyHead(
    learned.map(({ text }) => distinctFeatures(text)),
    background.learned,
  )
  // Judged as the gateway will read them: in every reading, the highest.
  const unlined = familyBook([familyDetector(report, head, Number.NEGATIVE_INFINITY)])!
  const weakest = Math.min(...learned.map(({ text }) => unlined.score(text)[0]!))
  const nearest = Math.max(...background.held.map((features) => familyScore(head, features)))
  return familyDetector(report, head, nearest < weakest ? nearest + ROOM * (weakest - nearest) : weakest)
}

const ROOM = 0.5
