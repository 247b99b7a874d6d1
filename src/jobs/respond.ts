import { type Measured, measured } from '../core/classifier/evaluation/measured.ts'
import { type EvalRow, textOf } from '../core/classifier/evaluation/row.ts'
import { type FamilyDetector, familyBook, familyDetector } from '../core/classifier/family-book.ts'
import { type FamilyHead, familyScorer, trainFamilyHead } from '../core/classifier/family-head.ts'
import { type FamilyText, familyText } from '../core/classifier/family-text.ts'
import { proliferate, type Variant } from '../core/classifier/variants.ts'
import { views } from '../core/classifier/views.ts'
import { type Background, backgroundOf } from './family-head.ts'

/** What was reported, in the words of whoever reports it. */
export interface FamilyReport {
  readonly id: string
  readonly attack: FamilyDetector['attack']
  readonly category: FamilyDetector['category']
  /** Texts that worked, at least one. */
  readonly prompts: readonly string[]
}

/** What the detector of a reported family would catch and hit, measured on texts that it did not learn from. */
export interface Response {
  readonly detector: FamilyDetector
  readonly variants: number
  /** Held-out variants that are recognised: kinds of rewording that nothing was learned from. */
  readonly caught: Measured
  readonly caughtByKind: readonly { readonly kind: string; readonly caught: Measured }[]
  /** Harmless texts that would newly be hit, by set, and which. */
  readonly hit: readonly { readonly set: string; readonly hit: Measured; readonly ids: readonly string[] }[]
}

/** Share of harmless background that may reach the line, before a margin is added. */
const LINE_SHARE = 0.0005
/** Of the way from that line to the weakest learned variant. */
const MARGIN = 0.35
/** Kinds whose variants are held out to measure: what an attacker may do that was not foreseen. */
const HELD_OUT: ReadonlySet<string> = new Set(['reordered', 'noisy', 'leet', 'homoglyph', 'base64', 'full-width'])
const VARIANTS_EACH = 60

/**
 * Answers a report in seconds: variants of what was reported, a head that knows them, a line that harmless work does not
 * reach, and both measured on texts that were kept apart. The base model stays as it is.
 *
 * @param harmless Rows to learn against and to measure on, by set; each is cut in two by id.
 */
export function respond(
  report: FamilyReport,
  harmless: readonly { readonly set: string; readonly rows: readonly EvalRow[] }[],
  progress: (share: number, what: string) => void,
): Response {
  const variants = proliferate(report.prompts, VARIANTS_EACH)
  const learned = variants.filter(({ kind }) => !HELD_OUT.has(kind))
  progress(0.1, 'reading harmless work')
  const background = backgroundOf(harmless.flatMap(({ rows }) => rows))
  progress(0.4, 'learning')
  const positives = learned.map(({ text }) => familyText(readable(text)))
  const head = trainFamilyHead(positives, background.learned)
  const line = lineOf(head, positives, background)
  const detector = familyDetector({ id: report.id, attack: report.attack, category: report.category }, head, line)
  progress(0.7, 'measuring')
  const book = familyBook([detector])!
  const found = (variant: Variant) => book.match(variant.text).length > 0
  const held = variants.filter(({ kind }) => HELD_OUT.has(kind))
  const caught = held.filter(found)
  const kinds = [...new Set(held.map(({ kind }) => kind))]
  const learnedIds = new Set(background.learnedIds)
  return {
    detector,
    variants: variants.length,
    caught: measured(caught.length, Math.max(1, held.length)),
    caughtByKind: kinds.map((kind) => ({
      kind,
      caught: measured(
        caught.filter((one) => one.kind === kind).length,
        held.filter((one) => one.kind === kind).length,
      ),
    })),
    hit: harmless.flatMap(({ set, rows }) => {
      const fresh = rows.filter(({ id }) => !learnedIds.has(id))
      const ids = fresh.filter((row) => book.match(textOf(row)).length > 0).map(({ id }) => id)
      return fresh.length === 0 ? [] : [{ set, hit: measured(ids.length, fresh.length), ids }]
    }),
  }
}

/** What a variant reads as, once tricks are undone: a head learns words, not their disguises. */
function readable(text: string): string {
  const { views: all } = views(text)
  return all.length === 1 ? text : all.map((view) => view.text).join('\n')
}

/** Above nearly all harmless text, and some way towards the variants: both sides keep their distance. */
function lineOf(head: FamilyHead, positives: readonly FamilyText[], { held }: Background): number {
  const scoreOf = familyScorer(head)
  const scores = (all: readonly FamilyText[]) => all.map(scoreOf).sort((a, b) => b - a)
  const harmless = scores(held)
  const top = harmless[Math.floor(LINE_SHARE * harmless.length)] ?? Number.NEGATIVE_INFINITY
  const weakest = scores(positives).at(-1) ?? top
  return weakest > top ? top + MARGIN * (weakest - top) : top + 1e-3
}
