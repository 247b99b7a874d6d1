import type { Estimate } from '../../../core/safeguards/usefulness.ts'
import type { UsefulnessReport } from '../../../jobs/usefulness-report.ts'
import { IntervalPlot } from '../collateral/interval-plot.tsx'
import { digitsOf, SHARE_NEEDS } from '../format.ts'
import { SEGMENT_NAMES } from '../messages/names.ts'
import { useSettings } from '../settings.tsx'
import { useWords, type Words } from '../words.tsx'

/** Kind of traffic in the reader's language; another name as it is. */
export function segmentName(name: string, words: Words): string {
  return (SEGMENT_NAMES[words.lang] as Readonly<Record<string, string>>)[name] ?? name
}

/** Retained share strict and by quality, and friction, worst hit first; the interval drawn on one axis. */
export function UsefulnessTable({ report }: { readonly report: UsefulnessReport }) {
  const words = useWords()
  const { format } = useSettings()
  const { rows, by } = report
  const from = Math.min(0.98, ...rows.flatMap(({ retained }) => (retained === null ? [] : [retained.lo])))
  const share = (one: Estimate | null, none: string) =>
    one === null ? (
      <span className="text-ink-3">{none}</span>
    ) : (
      <>
        <b className="num">{format.percent(one.value, digitsOf(one))}</b>
        <br />
        <span className="text-11 text-ink-3 num">{format.bounds(one.lo, one.hi, digitsOf(one))}</span>
      </>
    )
  return (
    <table className="t flush wraps">
      <thead>
        <tr>
          <th scope="col">{words('use.name')}</th>
          <th scope="col" className="r max-p2:hidden">
            {words('use.requests')}
          </th>
          <th scope="col" className="w-1/5 max-p2:hidden">
            <span className="hide">{words('use.retained')}</span>
          </th>
          <th scope="col">{words('use.retained')}</th>
          <th scope="col">{words('use.weighted')}</th>
          <th scope="col">{words('use.friction')}</th>
        </tr>
      </thead>
      <tbody>
        {rows.map(({ segment, requests, retained, weighted, friction }, i) => (
          <tr key={i === 0 ? 'all' : `of ${segment}`}>
            <td>{i === 0 ? <b>{words('use.all')}</b> : by === 'segment' ? segmentName(segment, words) : segment}</td>
            <td className="r num max-p2:hidden!">{format.count(requests)}</td>
            <td className={requests < SHARE_NEEDS ? 'hatched max-p2:hidden!' : 'max-p2:hidden!'}>
              {retained === null ? null : <IntervalPlot value={retained} from={from} to={1} limit={null} />}
            </td>
            <td>{share(retained, '–')}</td>
            <td>{share(weighted, words('use.unmeasured'))}</td>
            <td>
              {friction === null ? (
                '–'
              ) : (
                <>
                  <b className="num">{format.decimal(friction.value, 1)}</b>
                  <br />
                  <span className="text-11 text-ink-3 num">{format.bounds(friction.lo, friction.hi, 1, 1)}</span>
                </>
              )}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}
