import { useSettings } from '../settings.tsx'
import { anchorAt, timeTicks } from './ticks.ts'

const DAY_MS = 86_400_000

export function TimeAxis({ sinceMs, untilMs }: { readonly sinceMs: number; readonly untilMs: number }) {
  const { format } = useSettings()
  const label = untilMs - sinceMs > 2 * DAY_MS ? format.day : format.minute
  return (
    <svg className="plot" height="18" aria-hidden="true">
      {timeTicks(sinceMs, untilMs, format.offsetMs).map(({ atMs, x }) => (
        <text key={atMs} x={`${x}%`} y="13" textAnchor={anchorAt(x)}>
          {label(atMs)}
        </text>
      ))}
    </svg>
  )
}
