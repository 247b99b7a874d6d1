import type { Measured } from '../../core/classifier/evaluation/measured.ts'
import { type Area, areaOf, atLine, recallAt } from '../../core/classifier/evaluation/roc.ts'
import { type EvalRow, scoredOf } from '../../core/classifier/evaluation/row.ts'
import type { Judge } from '../training-ports.ts'
import { judgeAll, type Progress } from './judge.ts'

export const PREFIX_SHARES = [0.1, 0.2, 0.3, 0.5, 1] as const

/** How well answers are told apart when only their beginning is known. */
export interface PrefixPoint {
  readonly share: number
  readonly auc: Area | null
  /** At the line that 1 % of harmless whole answers exceed: what a stream would be stopped by. */
  readonly recall: Measured | null
  readonly fpr: Measured | null
}

/** @param rows Exchanges; the last turn is the answer. Empty without exchanges. */
export async function prefixCurve(
  rows: readonly EvalRow[],
  judge: Judge,
  progress: Progress,
): Promise<readonly PrefixPoint[]> {
  if (rows.length === 0) return []
  let line = 1
  const points: PrefixPoint[] = []
  // The whole answers first: they place the line.
  for (const share of [...PREFIX_SHARES].reverse()) {
    const { scored } = scoredOf(
      await judgeAll(
        rows.map((row) => cut(row, share)),
        judge,
        progress,
      ),
    )
    if (share === 1) ({ line } = recallAt(0.01, scored, scored))
    points.unshift({ share, auc: areaOf(scored), ...atLine(line, scored) })
  }
  return points
}

/** The row with the beginning of its answer alone; whole code points, at least one. */
export function cut(row: EvalRow, share: number): EvalRow {
  if (share >= 1) return row
  const answer = row.turns.at(-1)!
  const points = [...answer.content]
  const content = points.slice(0, Math.max(1, Math.ceil(points.length * share))).join('')
  return { ...row, turns: [...row.turns.slice(0, -1), { role: answer.role, content }] }
}
