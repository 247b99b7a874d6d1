import { type Measured, measured } from '../../core/classifier/evaluation/measured.ts'
import type { ScoredRow } from '../../core/classifier/evaluation/row.ts'

const LABELS = ['harmful', 'borderline-benign', 'benign'] as const

/** How far a target reaches into the rows of one label; the three shares exclude each other. */
export interface Reach {
  readonly label: (typeof LABELS)[number]
  readonly acted: Measured
  readonly flagged: Measured
  /** Let pass, but for a second opinion that would be asked about it; null for a target that asks nobody. */
  readonly asked: Measured | null
  /** Any of them: acted on or escalated. */
  readonly any: Measured
}

/** By label, whichever there are. */
export function reachOf(scored: readonly ScoredRow[]): readonly Reach[] {
  return LABELS.flatMap((label): Reach[] => {
    const rows = scored.filter(({ row }) => row.label === label)
    if (rows.length === 0) return []
    const share = (of: (one: ScoredRow) => boolean) => measured(rows.filter(of).length, rows.length)
    return [
      {
        label,
        acted: share(({ acted }) => acted),
        flagged: share(({ acted, flagged }) => flagged && !acted),
        asked: rows.some(({ asked }) => asked === undefined)
          ? null
          : share(({ acted, flagged, asked }) => asked! && !flagged && !acted),
        any: share(({ acted, flagged, asked }) => acted || flagged || asked === true),
      },
    ]
  })
}
