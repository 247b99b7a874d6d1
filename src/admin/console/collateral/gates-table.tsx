import { limitText, valueText } from '../../../core/briefs/collateral/gate-text.ts'
import { COLLATERAL_WORDS } from '../../../core/briefs/collateral/html.ts'
import { count } from '../../../core/briefs/collateral/numbers.ts'
import type { CollateralReport } from '../../../core/safeguards/collateral/report.ts'
import { useWords } from '../words.tsx'
import { IntervalPlot } from './interval-plot.tsx'
import { OutcomeMark } from './outcome.tsx'

/** One row each: the limit drawn, the interval against it, the result; a gate that does not pass names the way on. */
export function GatesTable({ gates }: Pick<CollateralReport, 'gates'>) {
  const words = COLLATERAL_WORDS[useWords().lang]
  const { column } = words
  return (
    <div className="scroll-x">
      <table className="t flush">
        <thead>
          <tr>
            <th scope="col">{column.measure}</th>
            <th scope="col" className="r">
              n
            </th>
            <th scope="col" className="r">
              {column.limit}
            </th>
            <th scope="col" className="w-1/5">
              <span className="hide">{column.value}</span>
            </th>
            <th scope="col">{column.value}</th>
            <th scope="col">{column.result}</th>
          </tr>
        </thead>
        <tbody>
          {gates.map((gate) => {
            const { name, n, value, limit, outcome, needed } = gate
            const span = value === null || limit === null ? 0 : spanOf(value, limit)
            return (
              <tr key={name}>
                <td>
                  {words.gate[name]}
                  {gate.reason === 'holds' ? null : (
                    <p className="caption">{words.reason(gate, { n: count(n), needed: count(needed ?? 0) })}</p>
                  )}
                </td>
                <td className="r">{n === 0 ? '–' : count(n)}</td>
                <td className="r">{limitText(gate, words)}</td>
                <td className={outcome === 'INCONCLUSIVE' ? 'hatched' : ''}>
                  {value === null || limit === null ? null : (
                    <IntervalPlot
                      value={value}
                      from={Math.min(value.lo, limit) - span * 0.15}
                      to={Math.max(value.hi, limit) + span * 0.15}
                      limit={limit}
                    />
                  )}
                </td>
                <td className="text-12">{valueText(gate, words)}</td>
                <td>
                  <OutcomeMark outcome={outcome} />
                </td>
              </tr>
            )
          })}
        </tbody>
      </table>
    </div>
  )
}

function spanOf(value: { lo: number; hi: number }, limit: number): number {
  return Math.max(1e-6, Math.max(value.hi, limit) - Math.min(value.lo, limit))
}
