import type { ArmCounts } from '../../../core/safeguards/sequential.ts'
import { armShare } from './arm-share.ts'

interface GuardPlotProps {
  readonly canary: ArmCounts
  readonly control: ArmCounts
  /** Share that is expected of the canary; null: nobody knows yet. */
  readonly expected: number | null
  /** Right end of the axis, a share; left is 0. */
  readonly to: number
}

/** The margin of the sequential test: the regression that must be found. */
export const MARGIN = 0.01

/** The canary as a square on its interval, over the band of what is in force; dashed: the margin above what is expected. */
export function GuardPlot({ canary, control, expected, to }: GuardPlotProps) {
  const at = (x: number) => `${(100 * Math.max(0, Math.min(1, x / to))).toFixed(2)}%`
  const band = armShare(control)
  const own = armShare(canary)
  return (
    <svg className="plot" height="26" aria-hidden="true">
      <line className="axis" x1="0" x2="100%" y1="100%" y2="100%" />
      {band === null ? null : (
        <rect
          className="bar"
          x={at(band.lo)}
          width={`${Math.max(0.4, (100 * (Math.min(to, band.hi) - band.lo)) / to).toFixed(2)}%`}
          y="3"
          height="20"
        />
      )}
      {expected === null ? null : (
        <line className="limit" x1={at(expected + MARGIN)} x2={at(expected + MARGIN)} y1="0" y2="100%" />
      )}
      {own === null ? null : (
        <>
          <line className="ci" x1={at(own.lo)} x2={at(own.hi)} y1="50%" y2="50%" />
          <svg x={at(own.value)} y="50%" overflow="visible" aria-hidden="true">
            <rect className="pt" x="-3.5" y="-3.5" width="7" height="7" />
          </svg>
        </>
      )}
    </svg>
  )
}

/** One axis for all metrics: what is farthest, with the margin, and some air. */
export function guardAxis(verdicts: readonly Omit<GuardPlotProps, 'to'>[]): number {
  const ends = verdicts.flatMap(({ canary, control, expected }) => [
    armShare(canary)?.hi ?? 0,
    armShare(control)?.hi ?? 0,
    expected === null ? 0 : expected + MARGIN,
  ])
  return Math.min(1, 1.1 * Math.max(2 * MARGIN, ...ends))
}
