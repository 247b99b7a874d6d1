import { ACTIONS } from '../../../core/policy/policy.ts'
import type { Summary } from '../../contract.ts'
import { Act } from '../parts/act.tsx'
import { useWords } from '../words.tsx'
import { TimeAxis } from './time-axis.tsx'

const EMPHASIS = 3
const LOUD = ACTIONS.filter((action) => action !== 'allow')

/** Decisions over the last minutes; anything but allow is drawn taller, and the legend says so. */
export function Strip({ summary }: { readonly summary: Summary }) {
  const words = useWords()
  const n = summary.totals.length
  const count = (action: string, i: number) => summary.byAction.find((one) => one.action === action)?.series[i] ?? 0
  const heights = summary.totals.map(
    (_, i) => count('allow', i) + EMPHASIS * LOUD.reduce((sum, action) => sum + count(action, i), 0),
  )
  const top = Math.max(1, ...heights)
  return (
    <figure className="mb-3">
      <svg className="plot" height="56" aria-hidden="true">
        {summary.totals.map((_, i) => {
          const x = `${(i / n) * 100}%`
          const width = `${72 / n}%`
          let y = 100
          const bar = (units: number, className: string) => {
            const height = (units / top) * 100
            y -= height
            return units === 0 ? null : (
              <rect key={className} className={className} x={x} width={width} y={`${y}%`} height={`${height}%`} />
            )
          }
          return (
            // biome-ignore lint/suspicious/noArrayIndexKey: buckets are their position
            <g key={i}>
              {bar(count('allow', i), 'bar faint')}
              {LOUD.map((action) => bar(EMPHASIS * count(action, i), `bar hue k-${action}`))}
            </g>
          )
        })}
        <line className="axis" x1="0" x2="100%" y1="56" y2="56" />
      </svg>
      <TimeAxis sinceMs={summary.sinceMs} untilMs={summary.untilMs} />
      <figcaption className="legend">
        <span>{words('live.strip')}</span>
        {LOUD.map((action) => (
          <Act key={action} action={action} />
        ))}
      </figcaption>
    </figure>
  )
}
