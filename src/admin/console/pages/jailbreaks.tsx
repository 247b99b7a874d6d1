import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { ReportRow } from '../../report-contract.ts'
import { reportsQuery } from '../jailbreaks/api.ts'
import { ClockName, ClockState } from '../jailbreaks/clock-words.tsx'
import { ReplyShort } from '../jailbreaks/reply.tsx'
import { ScoreCell } from '../jailbreaks/score.tsx'
import { summaryOf } from '../jailbreaks/summary.ts'
import { Empty, Failed, Loading } from '../parts/states.tsx'
import { useSettings } from '../settings.tsx'
import { useTitle } from '../use-title.ts'
import { useWords } from '../words.tsx'

/** Reports with number, evidence, stage, what is prescribed, the next clock, and the vendor's reply. */
export function JailbreaksPage() {
  const words = useWords()
  const { format } = useSettings()
  const { data, error, refetch } = useQuery(reportsQuery)
  const items = data?.items ?? []
  const late = items.filter(({ clock }) => clock?.state === 'overdue').length
  const n = format.count(items.length)
  const heading =
    items.length === 0
      ? words('jb.h1.none')
      : late > 0
        ? words('jb.h1.late', { n, late: format.count(late) })
        : items.length === 1
          ? words('jb.h1.one')
          : words('jb.h1', { n })
  useTitle(data === undefined ? words('nav.jailbreaks') : heading)
  if (data === undefined)
    return error === null ? <Loading rows={8} /> : <Failed error={error} onRetry={() => void refetch()} />
  return (
    <>
      <div className="page-head">
        <div className="min-w-0">
          <h1>{heading}</h1>
          <p className="lede">{words('jb.lede')}</p>
        </div>
        <div className="tools">
          <Link className="btn" to="/duty">
            {words('nav.duty')}
          </Link>
          <Link className="btn primary" to="/jailbreaks/new">
            {words('jb.new')}
          </Link>
        </div>
      </div>
      {items.length === 0 ? (
        <Empty title={heading}>
          <p className="text-ink-2">{words('jb.none')}</p>
          <pre className="mono text-12">sluice report intake report.json</pre>
        </Empty>
      ) : (
        <table className="t flush wraps reports">
          <thead>
            <tr>
              <th scope="col">{words('jb.report')}</th>
              <th scope="col">{words('jb.score')}</th>
              <th scope="col" className="max-p2:hidden">
                {words('jb.grade')}
              </th>
              <th scope="col" className="max-p2:hidden">
                {words('jb.stage')}
              </th>
              <th scope="col" className="max-p2:hidden">
                {words('jb.action')}
              </th>
              <th scope="col" className="max-p2:hidden">
                {words('jb.clock')}
              </th>
              <th scope="col" className="max-p3:hidden">
                {words('jb.reply')}
              </th>
            </tr>
          </thead>
          <tbody>
            {items.map((row) => (
              <Row key={row.id} row={row} />
            ))}
          </tbody>
        </table>
      )}
    </>
  )
}

function Row({ row }: { readonly row: ReportRow }) {
  const words = useWords()
  const { text, lang } = summaryOf(row.summary, words.lang)
  return (
    <tr>
      <td className="min-w-0 py-1.5">
        <Link to="/jailbreaks/$id" params={{ id: row.id }}>
          <span lang={lang}>{text}</span>
        </Link>
        <br />
        <span className="mono text-12 text-ink-3 whitespace-nowrap">{row.id}</span>{' '}
        <span className="text-12 text-ink-3">{words.list(row.reporter, row.technique)}</span>
        <span className="p2:hidden block text-12">
          {words.list(words(`jb.stage.${row.stage}`), words(`jb.action.${row.action}`))}
          {row.clock === null ? null : (
            <span className="block text-ink-2">
              <ClockName clock={row.clock} /> <ClockState clock={row.clock} />
            </span>
          )}
        </span>
        <span className="p3:hidden block text-12 text-ink-2">
          {words('jb.reply')} <ReplyShort reply={row.reply} />
        </span>
      </td>
      <td>
        <ScoreCell row={row} />
      </td>
      <td className="max-p2:hidden!">{row.grade ?? '–'}</td>
      <td className="whole max-p2:hidden!">{words(`jb.stage.${row.stage}`)}</td>
      <td className="max-p2:hidden!">
        {words(`jb.action.${row.action}`)}
        {row.overridden ? <span className="block text-12">{words('jb.overridden')}</span> : null}
      </td>
      <td className="max-p2:hidden! text-12">
        {row.clock === null ? (
          '–'
        ) : (
          <>
            <ClockName clock={row.clock} />
            <br />
            <ClockState clock={row.clock} />
          </>
        )}
      </td>
      <td className="max-p3:hidden! text-12">
        <ReplyShort reply={row.reply} />
      </td>
    </tr>
  )
}
