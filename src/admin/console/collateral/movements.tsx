import { COLLATERAL_WORDS } from '../../../core/briefs/collateral/html.ts'
import { count, percent, percentInterval, points, pValue } from '../../../core/briefs/collateral/numbers.ts'
import type { CollateralReport } from '../../../core/safeguards/collateral/report.ts'
import { Facts } from '../parts/facts.tsx'
import { Mark } from '../parts/mark.tsx'
import { useWords } from '../words.tsx'
import { IntervalPlot } from './interval-plot.tsx'

const LOOKS = {
  newly_refused: 'refuse',
  newly_diverted: 'fall_back',
  newly_freed: 'allow',
  eased: 'fall_back',
} as const

/** What moves, per request and per session, and the shares that follow from it. */
export function Movements({ report }: { readonly report: CollateralReport }) {
  const words = COLLATERAL_WORDS[useWords().lang]
  const names = (['newly_refused', 'newly_diverted', 'newly_freed', 'eased'] as const).filter(
    (name) => name !== 'eased' || report.movements.eased.requests.k > 0,
  )
  const most = Math.max(1e-6, ...names.map((name) => report.movements[name].requests.hi)) * 1.05
  const { column, figure } = words
  const { retained, diverted, usersUnchanged, mcnemar, superset } = report
  const share = (one: { share: number; lo: number; hi: number; n: number } | null) =>
    one === null
      ? words.notMeasured
      : `${percent(one.share, words)} (${percentInterval(one, words)}), n = ${count(one.n)}`
  const { worse, better, p } = mcnemar.sessions
  return (
    <>
      <div className="scroll-x">
        <table className="t flush">
          <thead>
            <tr>
              <th scope="col">{column.movement}</th>
              <th scope="col" className="r">
                {column.requests}
              </th>
              <th scope="col" className="r">
                {column.ofRequests}
              </th>
              <th scope="col" className="w-1/4">
                <span className="hide">{column.ofRequests}</span>
              </th>
              <th scope="col" className="r">
                {column.sessions}
              </th>
              <th scope="col" className="r">
                {column.ofSessions}
              </th>
            </tr>
          </thead>
          <tbody>
            {names.map((name) => {
              const { requests, sessions } = report.movements[name]
              return (
                <tr key={name} className={`k-${LOOKS[name]}`}>
                  <td>
                    <span className={`act k-${LOOKS[name]}`}>
                      <Mark name={LOOKS[name]} />
                      {words.movement[name]}
                    </span>
                  </td>
                  <td className="r font-strong">{count(requests.k)}</td>
                  <td className="r">
                    {percent(requests.share, words)}
                    <br />
                    <span className="text-11 text-ink-3">{percentInterval(requests, words)}</span>
                  </td>
                  <td>
                    <IntervalPlot value={{ ...requests, value: requests.share }} from={0} to={most} limit={null} />
                  </td>
                  <td className="r">{count(sessions.k)}</td>
                  <td className="r">
                    {percent(sessions.share, words)}
                    <br />
                    <span className="text-11 text-ink-3">{percentInterval(sessions, words)}</span>
                  </td>
                </tr>
              )
            })}
          </tbody>
        </table>
      </div>
      <Facts
        rows={[
          [figure.retainedBefore, share(retained.before)],
          [figure.retainedAfter, share(retained.after)],
          [
            figure.weighted,
            retained.weighted === null
              ? words.notMeasured
              : `${percent(retained.weighted.value, words)} (${percentInterval(retained.weighted, words)})`,
          ],
          [column.quality, diverted.quality === null ? words.notMeasured : points(diverted.quality.change / 100)],
          [figure.users, share(usersUnchanged)],
          [figure.mcnemar, `p ${pValue(p)}, +${count(worse)} / −${count(better)}`],
          [figure.superset, superset.strictlyWorse ? words.superset.worse : words.superset[superset.relation]],
        ]}
      />
    </>
  )
}
