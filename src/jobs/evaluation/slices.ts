import type { Measured } from '../../core/classifier/evaluation/measured.ts'
import { type Area, areaOf, atLine } from '../../core/classifier/evaluation/roc.ts'
import { type JudgedRow, type ScoredRow, scoredOf, viewOf } from '../../core/classifier/evaluation/row.ts'

export const DIMENSIONS = ['language', 'category', 'attack', 'view', 'source', 'subject'] as const
export type Dimension = (typeof DIMENSIONS)[number]

/** A line for each share of false positives, chosen once for the whole set. */
export interface Lines {
  readonly at1: number
  readonly at01: number
}

/** Recall and false positives of one slice at one line. */
export interface SliceAt {
  readonly recall: Measured | null
  readonly fpr: Measured | null
}

export interface Slice {
  readonly dimension: Dimension
  readonly name: string
  readonly harmful: number
  readonly harmless: number
  readonly unavailable: number
  readonly auc: Area | null
  /** Lines of the calibration half, rows of the other half. */
  readonly held: { readonly at1: SliceAt; readonly at01: SliceAt }
  /** Lines of the whole set, rows of the whole set. */
  readonly same: { readonly at1: SliceAt; readonly at01: SliceAt }
}

/** Below so many harmful rows a slice's recall says next to nothing: 20 hits of 20 still leave 83 % possible. */
export const LEAST_FOR_RECALL = 20

/** All slices, worst recall first; those with too few harmful rows last. */
export function slicesOf(
  judged: readonly JudgedRow[],
  test: ReadonlySet<string>,
  lines: { readonly held: Lines; readonly same: Lines },
): readonly Slice[] {
  return DIMENSIONS.flatMap((dimension) => {
    const groups = new Map<string, JudgedRow[]>()
    for (const one of judged) {
      const name = nameOf(dimension, one)
      if (name === null) continue
      const group = groups.get(name)
      if (group === undefined) groups.set(name, [one])
      else group.push(one)
    }
    // One view for all is the whole once more.
    if (dimension === 'view' && groups.size < 2) return []
    return [...groups].map(([name, rows]) => sliceOf(dimension, name, rows, test, lines))
  }).sort((a, b) => rank(a) - rank(b) || (a.name < b.name ? -1 : 1))
}

function sliceOf(
  dimension: Dimension,
  name: string,
  judged: readonly JudgedRow[],
  test: ReadonlySet<string>,
  { held, same }: { readonly held: Lines; readonly same: Lines },
): Slice {
  const { scored, unavailable } = scoredOf(judged)
  const other = scored.filter(({ row }) => test.has(row.id))
  const harmful = scored.filter(({ row }) => row.label === 'harmful').length
  const both = (rows: readonly ScoredRow[], lines: Lines) => ({
    at1: atLine(lines.at1, rows),
    at01: atLine(lines.at01, rows),
  })
  return {
    dimension,
    name,
    harmful,
    harmless: scored.length - harmful,
    unavailable,
    auc: areaOf(scored),
    held: both(other, held),
    same: both(scored, same),
  }
}

function nameOf(dimension: Dimension, { row }: JudgedRow): string | null {
  switch (dimension) {
    case 'language':
      return row.lang
    case 'category':
      return row.label === 'harmful' && row.attack === null ? row.category : null
    case 'attack':
      return row.label === 'harmful' ? row.attack : null
    case 'view':
      return viewOf(row)
    case 'source':
      return row.source
    case 'subject':
      return row.subject
  }
}

function rank({ held }: Slice): number {
  const { recall } = held.at1
  if (recall === null) return 3
  return recall.n < LEAST_FOR_RECALL ? 2 : recall.share
}
