import type { FiledAssessment } from '../../../core/jailbreaks/registry/case.ts'
import type { ReportDetail } from '../../report-contract.ts'

/** The vector behind the headline: of one party's assessment, or what several say together. Null: nothing is assessed. */
export function headlineVector({ row, cells }: ReportDetail): {
  readonly vector: string
  readonly filed: FiledAssessment | null
  readonly parties: number
} | null {
  const top = cells.find(({ tenths }) => tenths === row.headline.tenths) ?? cells[0]
  if (top === undefined) return null
  const counting = top.assessments.filter(({ supersededBy }) => supersededBy === null)
  const filed = counting.length === 1 ? counting[0]! : null
  return { vector: filed?.vector ?? top.consensus, filed, parties: counting.length }
}
