import { hash32 } from '../../core/base/hash32.ts'
import { type Measured, measured, measuredOrNull } from '../../core/classifier/evaluation/measured.ts'
import { type EvalRow, textOf } from '../../core/classifier/evaluation/row.ts'
import { familyScorer } from '../../core/classifier/family-head.ts'
import { type FamilyText, familyText } from '../../core/classifier/family-text.ts'
import { backgroundOf, makeFamilyHead } from '../family-head.ts'

/** Attacks that were made from one pattern. */
export interface Family {
  readonly name: string
  readonly rows: readonly EvalRow[]
}

export interface FamilyRecall {
  readonly name: string
  readonly recall: Measured
}

/** Recall on families, at a line that 1 % of harmless rows exceed, when `k` rows of each are known. */
export interface FamilyRecalls {
  readonly k: number
  /** Worst first. */
  readonly families: readonly FamilyRecall[]
  readonly all: Measured | null
  /** What a line costs, as the mean over heads, on harmless rows that neither taught a head nor placed a line. */
  readonly fpr: Measured | null
}

const SHARE = 0.01
/** With no example of a family, so many of each other family are known instead. */
const OTHERS = 20
const MOST_MEASURED = 2000

/**
 * Leaves each family out and gives `k` of its rows back; a small head is learned from those, the embedded model is not
 * asked. With `k` = 0 the head knows every other family and nothing of this one.
 * Harmless rows are cut in three by id: learned from, for the line, for the false positives that are reported.
 */
export function familyRecall(train: readonly EvalRow[], families: readonly Family[], k: number): FamilyRecalls {
  const harmless = train.filter(({ label }) => label !== 'harmful')
  const background = backgroundOf(harmless.filter((row) => !isMeasured(row)))
  const measuredOn = harmless
    .filter(isMeasured)
    .slice(0, MOST_MEASURED)
    .map((row) => familyText(textOf(row)))
  const total = { k: 0, n: 0, above: 0, heads: 0 }
  const each = families.flatMap(({ name, rows }): FamilyRecall[] => {
    const known = k > 0 ? ordered(rows).slice(0, k) : families.filter((one) => one.name !== name).flatMap(sampled)
    const unknown = k > 0 ? ordered(rows).slice(k) : rows
    if (known.length < Math.max(1, k) || unknown.length === 0) return []
    const { head, line } = makeFamilyHead(known.map(textOf), background, SHARE)
    const scoreOf = familyScorer(head)
    const isFound = (text: FamilyText) => scoreOf(text) > line
    const found = unknown.filter((row) => isFound(familyText(textOf(row)))).length
    total.k += found
    total.n += unknown.length
    total.above += measuredOn.filter(isFound).length
    total.heads++
    return [{ name, recall: measured(found, unknown.length) }]
  })
  return {
    k,
    families: each.sort((a, b) => a.recall.share - b.recall.share || (a.name < b.name ? -1 : 1)),
    all: measuredOrNull(total.k, total.n),
    fpr: total.heads === 0 ? null : measuredOrNull(Math.round(total.above / total.heads), measuredOn.length),
  }
}

/**
 * Families of a set: what its rows say, else attack form and source, which is coarser: a source holds many patterns.
 * Families of fewer than `least` rows are left out.
 */
export function familiesOf(rows: readonly EvalRow[], least: number): readonly Family[] {
  const groups = new Map<string, EvalRow[]>()
  for (const row of rows) {
    if (row.label !== 'harmful' || (row.family === null && row.attack === null)) continue
    const name = row.family ?? `${row.attack} · ${row.source}`
    const group = groups.get(name)
    if (group === undefined) groups.set(name, [row])
    else group.push(row)
  }
  return [...groups].filter(([, own]) => own.length >= least).map(([name, own]) => ({ name, rows: own }))
}

function isMeasured({ id }: EvalRow): boolean {
  return hash32(`third ${id}`) % 3 === 0
}

function sampled({ rows }: Family): readonly EvalRow[] {
  return ordered(rows).slice(0, OTHERS)
}

/** An order that hangs on ids alone, so that "one example" is the same one everywhere. */
function ordered(rows: readonly EvalRow[]): readonly EvalRow[] {
  return [...rows].sort((a, b) => hash32(a.id) - hash32(b.id) || (a.id < b.id ? -1 : 1))
}
