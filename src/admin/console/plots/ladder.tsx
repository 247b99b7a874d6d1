import type { Action } from '../../../core/policy/policy.ts'
import type { Summary } from '../../contract.ts'
import { type Format, knownShare } from '../format.ts'
import { Act } from '../parts/act.tsx'
import { Inconclusive, ShareCell } from '../parts/share.tsx'
import { useSettings } from '../settings.tsx'
import { useWords } from '../words.tsx'
import { TimeAxis } from './time-axis.tsx'

/** Five small multiples on one time axis; each row has its own scale, zero-based except allow. */
export function Ladder({ summary }: { readonly summary: Summary }) {
  const words = useWords()
  const { format } = useSettings()
  return (
    <table className="ladder" aria-label={words('home.ladder')}>
      <thead>
        <tr>
          <th scope="col">{words('home.action')}</th>
          <th scope="col" className="r">
            {words('home.requests')}
          </th>
          <th scope="col" className="r">
            {words('home.share')}
          </th>
          <th scope="col">
            <span className="hide">{words('home.series')}</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {summary.byAction.map(({ action, share, series }) => (
          <tr key={action} data-action={action}>
            <td>
              <Act action={action} />
            </td>
            <td className="r requests num">{format.count(share.k)}</td>
            <td className="r">
              <ShareCell share={share} />
            </td>
            {knownShare(share) === null ? (
              <td className="series hatched">
                <Inconclusive share={share} />
              </td>
            ) : (
              <td className="series">
                <Series action={action} shares={sharesOf(series, summary.totals)} format={format} />
              </td>
            )}
          </tr>
        ))}
      </tbody>
      <tfoot aria-hidden="true">
        <tr>
          <td className="time">
            <TimeAxis sinceMs={summary.sinceMs} untilMs={summary.untilMs} />
          </td>
        </tr>
      </tfoot>
    </table>
  )
}

function sharesOf(series: readonly number[], totals: readonly number[]): (number | null)[] {
  return series.map((k, i) => ((totals[i] ?? 0) > 0 ? k / totals[i]! : null))
}

interface SeriesProps {
  readonly action: Action
  readonly shares: readonly (number | null)[]
  readonly format: Format
}

function Series({ action, shares, format }: SeriesProps) {
  const values = shares.filter((one) => one !== null)
  const least = Math.min(...values)
  const top = Math.max(...values)
  const floor = action === 'allow' && top > least ? Math.max(0, least - (top - least)) : 0
  const y = (value: number) => (top > floor ? 100 - ((value - floor) / (top - floor)) * 100 : 100)
  const digits = top < 0.1 || top - floor < 0.1 ? 1 : 0
  return (
    <svg className={`plot k-${action}`} height="42" aria-hidden="true">
      <line className="grid-line" x1="0" x2="100%" y1="4" y2="4" />
      <svg x="0" y="4" width="100%" height="34" viewBox="0 0 100 100" preserveAspectRatio="none" role="presentation">
        {runsOf(shares).map(([first, run]) => {
          const points = run.map((value, i) => `${xOf(first + i, shares.length)} ${y(value)}`)
          const from = xOf(first, shares.length)
          const to = xOf(first + run.length - 1, shares.length)
          return (
            <g key={first}>
              <path className="area" d={`M${from} 100L${points.join('L')}L${to} 100z`} />
              <path className="line" d={`M${points.join('L')}${run.length === 1 ? 'h.3' : ''}`} />
            </g>
          )
        })}
      </svg>
      <text x="2" y="13">
        {top === 0 ? '' : format.percent(top, digits)}
      </text>
      {floor > 0 ? (
        <text x="2" y="37">
          {format.percent(floor, digits)}
        </text>
      ) : null}
    </svg>
  )
}

/** Unbroken stretches: a bucket without requests leaves a gap, not a zero. */
function runsOf(shares: readonly (number | null)[]): [first: number, run: number[]][] {
  const runs: [number, number[]][] = []
  shares.forEach((value, i) => {
    if (value === null) return
    const last = runs.at(-1)
    if (last !== undefined && last[0] + last[1].length === i) last[1].push(value)
    else runs.push([i, [value]])
  })
  return runs
}

function xOf(i: number, n: number): number {
  return n < 2 ? 0 : Math.round((i / (n - 1)) * 1e4) / 100
}
