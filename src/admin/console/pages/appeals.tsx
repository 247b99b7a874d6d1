import { useQuery } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { appealsQuery } from '../api.ts'
import { AppealClock } from '../appeals/clock.tsx'
import { Seg } from '../parts/seg.tsx'
import { Empty, Failed, Loading } from '../parts/states.tsx'
import { useSettings } from '../settings.tsx'
import { useTitle } from '../use-title.ts'
import { useWords } from '../words.tsx'

/** What callers object to: those that wait, oldest first, with their clocks; or those that are closed. */
export function AppealsPage({ closed }: { readonly closed: boolean }) {
  const words = useWords()
  const { format } = useSettings()
  const navigate = useNavigate()
  const { data, error, refetch } = useQuery(appealsQuery(closed ? 'upheld,overturned,withdrawn' : 'open,in_review'))
  useTitle(words('nav.appeals'))
  if (data === undefined)
    return error === null ? <Loading rows={8} /> : <Failed error={error} onRetry={() => void refetch()} />
  const { items, nowMs } = data
  const late = items.filter(({ overdue }) => overdue).length
  const heading = closed
    ? words('appeals.h1.closed')
    : items.length === 0
      ? words('appeals.h1.none')
      : items.length === 1
        ? words('appeals.h1.one')
        : words('appeals.h1', { n: format.count(items.length) })
  return (
    <>
      <div className="page-head">
        <div>
          <h1>{heading}</h1>
          {late === 0 ? null : (
            <p className="lede">
              <span className="verdict fail">{words('appeals.overdue', { n: format.count(late) })}</span>
            </p>
          )}
        </div>
        <div className="tools">
          <Seg
            label={words('appeals.which')}
            value={closed ? 'closed' : 'open'}
            options={[
              { value: 'open', text: words('appeals.open') },
              { value: 'closed', text: words('appeals.closed') },
            ]}
            onChoose={(state) => void navigate({ to: '/appeals', search: state === 'closed' ? { state } : {} })}
          />
        </div>
      </div>
      {items.length === 0 ? (
        <Empty title={heading}>
          <p className="text-ink-2">{words('appeals.none')}</p>
        </Empty>
      ) : (
        <table className="t">
          <thead>
            <tr>
              <th scope="col">{words('appeals.appeal')}</th>
              <th scope="col">{words('appeals.state')}</th>
              <th scope="col" className="max-p2:hidden">
                {words('field.org')}
              </th>
            </tr>
          </thead>
          <tbody>
            {items.map((appeal) => (
              <tr key={appeal.id}>
                <td className="min-w-0 py-1.5">
                  <Link to="/appeals/$id" params={{ id: appeal.id }} className="block">
                    <span className="line-clamp-2">{appeal.note}</span>
                  </Link>
                  <span className="mono text-12 text-ink-3 break-all">{appeal.id}</span>
                </td>
                <td>
                  {words(`appeal.state.${appeal.state}`)}
                  <br />
                  <span className="text-12 text-ink-3">
                    <AppealClock appeal={appeal} nowMs={nowMs} />
                    {appeal.holder === null ? null : <> {words('appeal.with', { name: appeal.holder.by })}</>}
                  </span>
                </td>
                <td className="max-p2:hidden">{appeal.org}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </>
  )
}
