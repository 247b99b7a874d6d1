import { duplicatesAgainst } from '../../core/classifier/evaluation/near-duplicates.ts'
import { type EvalRow, textOf } from '../../core/classifier/evaluation/row.ts'

/** Rows of a set that another set, usually what was learned from, holds as well. Ids only, never text. */
export interface Contamination {
  readonly rows: number
  readonly against: number
  readonly exact: readonly Overlap[]
  /** Jaccard of shingles ≥ 0.8. */
  readonly near: readonly Overlap[]
}

export interface Overlap {
  readonly id: string
  readonly of: string
}

export function contaminationOf(rows: readonly EvalRow[], against: readonly EvalRow[]): Contamination {
  const found = duplicatesAgainst(rows.map(textOf), against.map(textOf))
  const of = (wanted: 'exact' | 'near') =>
    found.filter(({ kind }) => kind === wanted).map((one) => ({ id: rows[one.at]!.id, of: against[one.of]!.id }))
  return { rows: rows.length, against: against.length, exact: of('exact'), near: of('near') }
}
