import { capRows, type Excess } from '../core/safeguards/label-caps.ts'
import type { TrainingRow } from './training-ports.ts'

/**
 * Rows to learn from, with what people labelled here held to its caps: the gate of the export once more, since a file can
 * be put together from several exports, and a row written into it by hand.
 * @returns the rows that may be learned from, and who brought more than that.
 */
export function withinCaps(rows: readonly TrainingRow[]): {
  readonly rows: readonly TrainingRow[]
  readonly excess: readonly Excess[]
  readonly reviewed: number
} {
  const others = rows.filter(({ provenance }) => provenance === undefined)
  const base: Record<string, number> = {}
  for (const { category } of others) base[category] = (base[category] ?? 0) + 1
  const reviewed = rows.flatMap((row) => {
    const { provenance } = row
    if (provenance === undefined) return []
    const { org, category, authors } = provenance
    // The prefix of a cap row's id decides whether it stays: equal for the same text, whoever brings it.
    return [{ id: row.id, org, category, reviewers: authors, row }]
  })
  const { kept, excess } = capRows(reviewed, base)
  return { rows: [...others, ...kept.map(({ row }) => row)], excess, reviewed: kept.length }
}
