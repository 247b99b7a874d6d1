import { type Measured, measured } from '../../core/classifier/evaluation/measured.ts'
import type { ScoredRow } from '../../core/classifier/evaluation/row.ts'

/** Harmless rows that something happens to: `acted` was diverted or refused, `flagged` was only marked for a person. */
export interface OverRefusal {
  readonly label: 'benign' | 'borderline-benign'
  /** `all`, or a language or subject. */
  readonly slice: string
  readonly acted: Measured
  readonly flagged: Measured
}

/** By label, whole first; then by language and subject, most acted on first. */
export function overRefusalOf(scored: readonly ScoredRow[]): readonly OverRefusal[] {
  return (['benign', 'borderline-benign'] as const).flatMap((label) => {
    const groups = new Map<string, ScoredRow[]>()
    for (const one of scored) {
      if (one.row.label !== label) continue
      const subject = one.row.subject === null ? [] : [`subject ${one.row.subject}`]
      for (const slice of ['all', `lang ${one.row.lang}`, ...subject]) {
        const group = groups.get(slice)
        if (group === undefined) groups.set(slice, [one])
        else group.push(one)
      }
    }
    return [...groups]
      .map(([slice, rows]): OverRefusal => {
        const acted = rows.filter((one) => one.acted).length
        const flagged = rows.filter((one) => one.flagged && !one.acted).length
        return { label, slice, acted: measured(acted, rows.length), flagged: measured(flagged, rows.length) }
      })
      .sort(
        (a, b) =>
          Number(b.slice === 'all') - Number(a.slice === 'all') ||
          b.acted.share - a.acted.share ||
          b.flagged.share - a.flagged.share ||
          b.acted.n - a.acted.n ||
          (a.slice < b.slice ? -1 : 1),
      )
  })
}
