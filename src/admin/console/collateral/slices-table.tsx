import { COLLATERAL_WORDS } from '../../../core/briefs/collateral/html.ts'
import { count, points, pointsInterval, pValue } from '../../../core/briefs/collateral/numbers.ts'
import type { CollateralReport } from '../../../core/safeguards/collateral/report.ts'
import { useSettings } from '../settings.tsx'
import { useWords } from '../words.tsx'
import { IntervalPlot } from './interval-plot.tsx'
import { OutcomeMark } from './outcome.tsx'

const MOST_ROWS = 40

/** Forest plot, worst first: who loses the model asked for, and by how much. */
export function SlicesTable({ slices, sliceLimit: limit }: Pick<CollateralReport, 'slices' | 'sliceLimit'>) {
  const words = COLLATERAL_WORDS[useWords().lang]
  const { column } = words
  const { bound } = useSettings().format
  const decided = slices.filter(({ verdict }) => verdict !== 'INCONCLUSIVE')
  const shown = [...decided, ...slices.filter(({ verdict }) => verdict === 'INCONCLUSIVE')].slice(0, MOST_ROWS)
  const from = Math.min(-limit, ...decided.map(({ difference }) => difference.lo))
  const to = Math.max(2 * limit, ...decided.map(({ difference }) => difference.hi))
  const most = Math.max(1, ...shown.map(({ requests }) => requests))
  return (
    <div className="scroll-x">
      <table className="t flush">
        <thead>
          <tr>
            <th scope="col">{column.slice}</th>
            <th scope="col" className="r">
              n
            </th>
            <th scope="col" className="r">
              {column.before}
            </th>
            <th scope="col" className="r">
              {column.after}
            </th>
            <th scope="col" className="w-1/4">
              <span className="hide">{column.difference}</span>
            </th>
            <th scope="col" className="r">
              {column.difference}
            </th>
            <th scope="col" className="r">
              {column.corrected}
            </th>
          </tr>
        </thead>
        <tbody>
          {shown.map((slice) => {
            const { dimension, name, requests, before, after, difference, verdict, needed, pCorrected } = slice
            const hue = verdict === 'over' ? 'k-refuse' : difference.hi < 0 ? 'k-allow' : ''
            return (
              <tr key={`${dimension} ${name}`}>
                <td>
                  {name}
                  <br />
                  <span className="text-12 text-ink-3">{words.dimension[dimension]}</span>
                </td>
                <td className="r">{count(requests)}</td>
                <td className="r">{bound(before.share, 2)}</td>
                <td className="r">{bound(after.share, 2)}</td>
                <td className={verdict === 'INCONCLUSIVE' ? 'hatched' : hue}>
                  <IntervalPlot
                    value={difference}
                    from={from}
                    to={to}
                    limit={limit}
                    size={4 + 6 * Math.sqrt(requests / most)}
                  />
                </td>
                <td className="r">
                  {verdict === 'INCONCLUSIVE' ? <OutcomeMark outcome="INCONCLUSIVE" /> : points(difference.value)}
                  <br />
                  <span className="text-11 text-ink-3">
                    {pointsInterval(difference, words)}
                    {needed === null ? '' : `; n ≥ ${count(needed)}`}
                  </span>
                </td>
                <td className="r">{pValue(pCorrected)}</td>
              </tr>
            )
          })}
        </tbody>
      </table>
    </div>
  )
}
