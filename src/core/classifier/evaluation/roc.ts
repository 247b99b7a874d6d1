import type { Interval } from '../../base/intervals.ts'
import { type Measured, measuredOrNull } from './measured.ts'
import type { ScoredRow } from './row.ts'

/** Probability that a harmful row scores above a harmless one; ties count half. Null where one side is empty. */
export function auc(harmful: readonly number[], harmless: readonly number[]): number | null {
  if (harmful.length === 0 || harmless.length === 0) return null
  const all = [...harmful.map((score) => ({ score, y: 1 })), ...harmless.map((score) => ({ score, y: 0 }))].sort(
    (a, b) => a.score - b.score,
  )
  let ranks = 0
  for (let i = 0; i < all.length; ) {
    let j = i
    while (j < all.length && all[j]!.score === all[i]!.score) j++
    for (let k = i; k < j; k++) ranks += all[k]!.y * ((i + 1 + j) / 2)
    i = j
  }
  return (ranks - (harmful.length * (harmful.length + 1)) / 2) / (harmful.length * harmless.length)
}

/** Value that at most `share` of the values exceed; 1 for none. */
export function upperQuantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => b - a)
  return sorted[Math.floor(share * sorted.length)] ?? 1
}

export interface RocPoint {
  /** Share of harmless rows above the threshold, and of harmful rows. */
  readonly fpr: number
  readonly tpr: number
}

/** Corners of the curve, from (0, 0) to (1, 1), thinned to about `most` by their place on a logarithmic axis. */
export function rocPoints(harmful: readonly number[], harmless: readonly number[], most: number): readonly RocPoint[] {
  if (harmful.length === 0 || harmless.length === 0) return []
  const up = [...harmful].sort((a, b) => b - a)
  const down = [...harmless].sort((a, b) => b - a)
  const points: RocPoint[] = [{ fpr: 0, tpr: 0 }]
  const span = Math.log10(down.length) + 1
  let [i, j, bin] = [0, 0, -1]
  while (i < up.length || j < down.length) {
    const line = Math.max(up[i] ?? -1, down[j] ?? -1)
    while (i < up.length && up[i]! >= line) i++
    while (j < down.length && down[j]! >= line) j++
    const point = { fpr: j / down.length, tpr: i / up.length }
    const at = j === 0 ? 0 : Math.floor(((Math.log10(j) + 1) / span) * most)
    // Of the points in one bin the last stands: the curve never shows more than was reached.
    if (at === bin && points.length > 1) points[points.length - 1] = point
    else points.push(point)
    bin = at
  }
  return points
}

/** Recall where `share` of harmless rows may be above the line, and how that came about. */
export interface RecallAt {
  readonly share: number
  readonly line: number
  readonly recall: Measured | null
  /** Harmless rows of the measured set that exceed the line: what the line costs where it was not chosen. */
  readonly fpr: Measured | null
  /** Harmless rows from which the line was chosen; fewer than `1 / share` cannot place it. */
  readonly chosenFrom: number
}

/** The line is chosen on `chosen` and measured on `rows`; the same rows for both is the flattering way. */
export function recallAt(share: number, chosen: readonly ScoredRow[], rows: readonly ScoredRow[]): RecallAt {
  const line = upperQuantile(scoresOf(chosen, false), share)
  return { share, line, ...atLine(line, rows), chosenFrom: scoresOf(chosen, false).length }
}

/** Recall and false positives of a line that was chosen elsewhere. */
export function atLine(line: number, rows: readonly ScoredRow[]): Pick<RecallAt, 'recall' | 'fpr'> {
  const above = (scores: readonly number[]) =>
    measuredOrNull(scores.filter((score) => score > line).length, scores.length)
  return { recall: above(scoresOf(rows, true)), fpr: above(scoresOf(rows, false)) }
}

/** Scores of one side. */
export function scoresOf(rows: readonly ScoredRow[], harmful: boolean): readonly number[] {
  return rows.filter(({ row }) => (row.label === 'harmful') === harmful).map(({ score }) => score)
}

/** Rows of either side below which the interval of an AUC is too rough to decide anything by. */
export const LEAST_A_SIDE = 20

/**
 * 95 % interval of an AUC from m harmful and n harmless rows. How far it reaches is taken half a row away from a
 * perfect order: there the formula gives nothing, and no sample shows that much.
 * Source: Hanley and McNeil 1982; an approximation, rough below `LEAST_A_SIDE` rows a side.
 */
export function aucInterval(area: number, m: number, n: number): Interval {
  const edge = 0.5 / Math.min(m, n)
  const at = Math.min(1 - edge, Math.max(edge, area))
  const q1 = at / (2 - at)
  const q2 = (2 * at * at) / (1 + at)
  const variance = (at * (1 - at) + (m - 1) * (q1 - at * at) + (n - 1) * (q2 - at * at)) / (m * n)
  const half = 1.96 * Math.sqrt(Math.max(0, variance))
  return { lo: Math.max(0, area - half), hi: Math.min(1, area + half) }
}

/** An AUC with its interval and both sample sizes. */
export interface Area extends Interval {
  readonly area: number
  readonly harmful: number
  readonly harmless: number
}

/** Null where one side is empty. */
export function areaOf(rows: readonly ScoredRow[]): Area | null {
  const [up, down] = [scoresOf(rows, true), scoresOf(rows, false)]
  const area = auc(up, down)
  if (area === null) return null
  return { area, ...aucInterval(area, up.length, down.length), harmful: up.length, harmless: down.length }
}
