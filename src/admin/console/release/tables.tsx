import type { ReleaseDetail } from '../../release-contract.ts'
import type { ConsoleKey } from '../messages/en.ts'
import { en } from '../messages/en.ts'
import { useSettings } from '../settings.tsx'
import { type PlainKey, useWords } from '../words.tsx'
import { GuardPlot, guardAxis } from './guard-plot.tsx'
import { measuredText } from './measured.ts'
import { OutcomeMark } from './outcome.tsx'

/** What must hold before it goes on, with what was measured. */
export function GatesTable({ detail }: { readonly detail: ReleaseDetail }) {
  const words = useWords()
  const { gates, name } = detail.row
  if (gates.length === 0) return <p className="text-ink-2">{words('release.gates.none', { name })}</p>
  return (
    <table className="t flush wraps">
      <thead>
        <tr>
          <th scope="col">{words('release.gate')}</th>
          <th scope="col">{words('release.says')}</th>
          <th scope="col">{words('release.result')}</th>
        </tr>
      </thead>
      <tbody>
        {gates.map((gate) => (
          <tr key={gate.id}>
            <td>{words(`gate.${gate.id}`)}</td>
            <td className="text-ink-2">{measuredText(gate, words)}</td>
            <td>
              <OutcomeMark outcome={gate.outcome} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

/** The canary beside what is in force, in sessions, and how many it takes to say something. */
export function GuardTable({ detail }: { readonly detail: ReleaseDetail }) {
  const words = useWords()
  const { format } = useSettings()
  const of = ({ hits, units }: { readonly hits: number; readonly units: number }) =>
    words('release.guard.of', { k: format.count(hits), n: format.count(units) })
  const metrics = Object.entries(detail.guard) as [keyof ReleaseDetail['guard'], ReleaseDetail['guard']['refused']][]
  const to = guardAxis(metrics.map(([, verdict]) => verdict))
  return (
    <>
      <table className="t flush wraps">
        <thead>
          <tr>
            <th scope="col">{words('release.guard.metric')}</th>
            <th scope="col" className="r">
              {words('release.guard.canary')}
            </th>
            <th scope="col" className="r max-p2:hidden">
              {words('release.guard.control')}
            </th>
            <th scope="col" className="w-1/4 max-p2:hidden">
              <span className="hide">{words('release.guard.share')}</span>
            </th>
            <th scope="col" className="r">
              {words('release.guard.needed')}
            </th>
            <th scope="col">{words('release.result')}</th>
          </tr>
        </thead>
        <tbody>
          {metrics.map(([metric, verdict]) => (
            <tr key={metric}>
              <td>{words(`guard.${metric}`)}</td>
              <td className="r num">{of(verdict.canary)}</td>
              <td className="r num max-p2:hidden!">{of(verdict.control)}</td>
              <td className={verdict.outcome === 'inconclusive' ? 'hatched max-p2:hidden!' : 'max-p2:hidden!'}>
                <GuardPlot {...verdict} to={to} />
              </td>
              <td className="r num">{verdict.unitsNeeded === null ? '–' : format.count(verdict.unitsNeeded)}</td>
              <td>
                <OutcomeMark outcome={verdict.outcome} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <p className="caption">{words.join(words('release.guard.legend'), words('release.guard.cap'))}</p>
    </>
  )
}

/** Everything that happened to it, newest first. */
export function HistoryTable({ detail }: { readonly detail: ReleaseDetail }) {
  const words = useWords()
  const { format } = useSettings()
  return (
    <table className="t flush wraps history">
      <tbody>
        {detail.moves.toReversed().map((move) => (
          <tr key={move.seq}>
            <td className="num text-ink-3">{format.when(move.atMs)}</td>
            <td>
              <b className="font-strong">
                {isKey(`release.move.${move.kind}`) ? words(`release.move.${move.kind}` as PlainKey) : move.kind}
              </b>
              {typeof move.facts.percent === 'number' ? ` ${move.facts.percent}%` : ''}
              {typeof move.facts.label === 'string' ? ` ${move.facts.label}` : ''}
            </td>
            <td className="text-ink-2">
              {words('release.move.by', { who: move.by, why: move.reason })}
              {move.facts.accepted_inconclusive === true ? ` (${words('outcome.inconclusive')})` : ''}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

/** A later version may record moves that this one has no word for. */
function isKey(key: string): key is ConsoleKey {
  return key in en
}
