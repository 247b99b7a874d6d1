import type { ArmCounts } from '../../../core/safeguards/sequential.ts'
import { armShare } from './arm-share.ts'

interface GuardPlotProps {
  readonly canary: ArmCounts
  readonly control: ArmCounts
  /** Right end of the axis, a share; left is 0. */
  readonly to: number
}

/** The margin of the sequential test: the regression that must be found. */
export const MARGIN = 0.01

/** The canary as a square on its interval, over the band of what is in force; dashed: the margin above it. */
export function GuardPlot({ canary, control, to }: GuardPlotProps) {
  const at = (x: number) => `${(100 * Math.max(0, Math.min(1, x / to))).toFixed(2)}%`
  const band = armShare(control)
  const own = armShare(canary)
  return (
    <svg className="plot" height="26" aria-hidden="true">
      <line className="axis" x1="0" x2="100%" y1="100%" y2="100%" />
      {band === null ? null : (
        <>
          <rect
            className="bar"
            x={at(band.lo)}
            width={`${Math.max(0.4, (100 * (Math.min(to, band.hi) - band.lo)) / to).toFixed(2)}%`}
            y="3"
            height="20"
          />
          <line className="limit" x1={at(band.value + MARGIN)} x2={at(band.value + MARGIN)} y1="0" y2="100%" />
        </>
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
export function guardAxis(verdicts: readonly { readonly canary: ArmCounts; readonly control: ArmCounts }[]): number {
  const ends = verdicts.flatMap(({ canary, control }) => {
    const band = armShare(control)
    return [armShare(canary)?.hi ?? 0, band === null ? 0 : Math.max(band.hi, band.value + MARGIN)]
  })
  return Math.min(1, 1.1 * Math.max(2 * MARGIN, ...ends))
}
