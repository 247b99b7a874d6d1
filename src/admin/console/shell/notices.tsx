import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { statusQuery } from '../api.ts'
import { Failed } from '../parts/states.tsx'
import { useSettings } from '../settings.tsx'
import { useWords } from '../words.tsx'

/** What every page must say first: that nothing answers, that no upstream is set, that decisions have no effect. */
export function Notices({ observe = true }: { readonly observe?: boolean }) {
  const words = useWords()
  const { format } = useSettings()
  const { data: status, error } = useQuery(statusQuery)
  return (
    <>
      {error === null ? null : <Failed error={error} />}
      {status?.upstreams.some(({ rehearsal }) => rehearsal) ? (
        <div className="note-bar">
          <b>{words('rehearsal')}</b>
          <span>{words('rehearsal.next')}</span>
        </div>
      ) : null}
      {status !== undefined && status.appeals.overdue > 0 ? (
        <div className="note-bar k-refuse" role="alert">
          <b>{words('appeals.overdue', { n: format.count(status.appeals.overdue) })}</b>
          <Link to="/appeals">{words('appeals.alarm')}</Link>
        </div>
      ) : null}
      {observe && status?.mode === 'observe' ? (
        <div className="note-bar">
          <b>{words('observe.banner')}</b>
          <span>{words('observe.banner.text')}</span>
        </div>
      ) : null}
    </>
  )
}
