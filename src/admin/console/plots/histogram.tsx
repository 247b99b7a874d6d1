import type { Summary } from '../../contract.ts'
import { useSettings } from '../settings.tsx'
import { useWords } from '../words.tsx'
import { lanes, standsLeft } from './lanes.ts'
import { anchorAt } from './ticks.ts'

const TICKS_US = [10, 30, 100, 300, 1000, 3000, 10_000, 30_000, 100_000, 300_000, 1_000_000]
const LANE_PX = 14

/** Time added per request on a log axis, with the percentiles on it. */
export function Histogram({ overhead }: { readonly overhead: Summary['overhead'] }) {
  const words = useWords()
  const { format } = useSettings()
  const bins = overhead.bins.filter((bin) => bin.toUs > bin.fromUs)
  if (overhead.n === 0 || bins.length === 0) return <p className="text-ink-2">{words('home.overhead.none')}</p>

  const low = Math.log(Math.max(1, bins[0]!.fromUs))
  const high = Math.log(bins.at(-1)!.toUs)
  const x = (us: number) => Math.min(100, Math.max(0, ((Math.log(Math.max(1, us)) - low) / (high - low)) * 100))
  const top = Math.max(1, ...bins.map((bin) => bin.requests))
  const marks = lanes(
    (['p50', 'p90', 'p99'] as const).flatMap((name) => {
      const us = overhead[`${name}Us`]
      return us === null ? [] : [{ name, us, x: x(us) }]
    }),
  )
  const head = LANE_PX * Math.max(1, ...marks.map((mark) => mark.lane + 1)) + 4
  const foot = head + 72
  return (
    <>
      <svg className="plot" height={foot + 18} aria-hidden="true">
        <svg x="0" y={head} width="100%" height="72" role="presentation">
          {bins.map((bin) => {
            const height = (bin.requests / top) * 100
            const from = x(bin.fromUs)
            return (
              <rect
                key={bin.fromUs}
                className="bar"
                x={`${from}%`}
                width={`${Math.max(0.4, x(bin.toUs) - from - 0.4)}%`}
                y={`${100 - height}%`}
                height={`${height}%`}
              />
            )
          })}
        </svg>
        <line className="axis" x1="0" x2="100%" y1={foot} y2={foot} />
        {marks.map((mark) => (
          <g key={mark.name}>
            <line className="at" x1={`${mark.x}%`} x2={`${mark.x}%`} y1={(mark.lane + 1) * LANE_PX} y2={foot} />
            <text
              className="key"
              x={`${mark.x}%`}
              y={mark.lane * LANE_PX + 11}
              dx={standsLeft(mark) ? -3 : 3}
              textAnchor={standsLeft(mark) ? 'end' : 'start'}
            >
              {mark.name} {format.ms(mark.us)} ms
            </text>
          </g>
        ))}
        {TICKS_US.filter((us) => Math.log(us) >= low && Math.log(us) <= high).map((us) => (
          <text key={us} x={`${x(us)}%`} y={foot + 14} textAnchor={anchorAt(x(us))}>
            {us / 1000}
          </text>
        ))}
      </svg>
      <div className="hide">
        <table>
          <caption>{words('home.overhead.bins')}</caption>
          <tbody>
            {bins.map((bin) => (
              <tr key={bin.fromUs}>
                <th scope="row">
                  {bin.fromUs / 1000}–{bin.toUs / 1000} ms
                </th>
                <td>{bin.requests}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  )
}
