interface Valued {
  readonly value: number
  readonly lo: number
  readonly hi: number
}

interface IntervalPlotProps {
  readonly value: Valued
  readonly from: number
  readonly to: number
  /** Dashed. */
  readonly limit: number | null
  /** Edge of the square: its area follows n. */
  readonly size?: number
}

/** An estimate as a square on its 95 % interval; zero in ink, the limit dashed, an arrow where it leaves the axis. */
export function IntervalPlot({ value, from, to, limit, size = 6 }: IntervalPlotProps) {
  const at = (x: number) => `${(100 * Math.max(0, Math.min(1, (x - from) / Math.max(1e-9, to - from)))).toFixed(2)}%`
  return (
    <svg className="plot" height="26" aria-hidden="true">
      {from <= 0 && to >= 0 ? <line className="at" x1={at(0)} x2={at(0)} y1="0" y2="100%" /> : null}
      {limit === null ? null : <line className="limit" x1={at(limit)} x2={at(limit)} y1="0" y2="100%" />}
      <line className="ci" x1={at(value.lo)} x2={at(value.hi)} y1="50%" y2="50%" />
      <svg x={at(value.value)} y="50%" overflow="visible" aria-hidden="true">
        <rect className="pt" x={-size / 2} y={-size / 2} width={size} height={size} />
      </svg>
      {value.hi > to ? (
        <text x="100%" y="17" textAnchor="end">
          ▸
        </text>
      ) : null}
    </svg>
  )
}
