import { type Measured, measured } from './measured.ts'
import type { ScoredRow } from './row.ts'

/** Rows whose score lies in one tenth of [0, 1], against how many of them were harmful. */
export interface ReliabilityBin {
  readonly from: number
  readonly to: number
  readonly meanScore: number
  readonly harmful: Measured
}

/** A score, and whether the row is harmful. */
interface Labelled {
  readonly row: Pick<ScoredRow['row'], 'label'>
  readonly score: number
}

/** Reliability in ten equal bins; empty ones are left out. */
export function reliability(scored: readonly Labelled[]): readonly ReliabilityBin[] {
  const bins = Array.from({ length: 10 }, () => ({ n: 0, sum: 0, harmful: 0 }))
  for (const { row, score } of scored) {
    const bin = bins[Math.min(9, Math.floor(score * 10))]!
    bin.n++
    bin.sum += score
    bin.harmful += Number(row.label === 'harmful')
  }
  return bins.flatMap(({ n, sum, harmful }, i) =>
    n === 0 ? [] : [{ from: i / 10, to: (i + 1) / 10, meanScore: sum / n, harmful: measured(harmful, n) }],
  )
}

/** Expected calibration error over ten equal-width bins; 0 for no rows. */
export function calibrationError(scored: readonly Labelled[]): number {
  const off = reliability(scored).reduce(
    (sum, { meanScore, harmful }) => sum + harmful.n * Math.abs(meanScore - harmful.share),
    0,
  )
  return off / Math.max(1, scored.length)
}
