import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { AppealDetail } from '../../contract.ts'
import { ApiFault, appealQuery, statusQuery } from '../api.ts'
import { AppealClock } from '../appeals/clock.tsx'
import { DecideForm } from '../appeals/decide-form.tsx'
import { RedressSection } from '../appeals/redress-section.tsx'
import { Act, Would } from '../parts/act.tsx'
import { Blurred } from '../parts/blurred.tsx'
import { CopyId } from '../parts/copy-id.tsx'
import { MarkedText } from '../parts/marked-text.tsx'
import { Section } from '../parts/section.tsx'
import { Failed, Loading, Missing } from '../parts/states.tsx'
import { useWho, Who } from '../parts/who.tsx'
import { useSettings } from '../settings.tsx'
import { useTitle } from '../use-title.ts'
import { useWords } from '../words.tsx'

/** One appeal: what they say, what was decided and why, and the form that decides. */
export function AppealPage({ id }: { readonly id: string }) {
  const words = useWords()
  const { data, error, refetch } = useQuery(appealQuery(id))
  const missing = error instanceof ApiFault && error.status === 404
  useTitle(id)
  if (data !== undefined) return <Found detail={data} />
  if (missing)
    return (
      <Missing title={words('appeal.missing', { id })} text={words('appeal.missing.text')}>
        <Link to="/appeals">{words('missing.appeal.back')}</Link>
      </Missing>
    )
  return error === null ? <Loading rows={10} /> : <Failed error={error} onRetry={() => void refetch()} />
}

function Found({ detail }: { readonly detail: AppealDetail }) {
  const words = useWords()
  const { format } = useSettings()
  const queries = useQueryClient()
  const [by, setBy] = useWho()
  const { data: status } = useQuery(statusQuery)
  const { appeal, row, content, acting, events } = detail
  const waiting = appeal.state === 'open' || appeal.state === 'in_review'
  const onDone = (next: AppealDetail) => {
    queries.setQueryData(appealQuery(appeal.id).queryKey, next)
    void queries.invalidateQueries({ queryKey: ['appeals'] })
  }
  return (
    <>
      <p className="flex flex-wrap items-center gap-x-3 text-12 text-ink-3 mb-2">
        <CopyId id={appeal.id} />
        <span className="num">{format.stamp(appeal.filedAtMs)}</span>
        {status === undefined ? null : <AppealClock appeal={appeal} nowMs={status.nowMs} />}
      </p>
      <div className="page-head">
        <h1>
          {waiting
            ? words('appeal.h1.open')
            : words('appeal.h1.closed', { state: words(`appeal.state.${appeal.state}`) })}
        </h1>
        <div className="tools">{by === '' ? null : <Who name={by} onName={setBy} />}</div>
      </div>
      {by === '' ? <Who name={by} onName={setBy} /> : null}
      <div className="cols">
        <div className="col-span-8">
          <Section title={words('appeal.note')} note={words('appeal.note.of')}>
            <p className="theirs">{appeal.note}</p>
          </Section>
          <Section title={words('decision.words')}>
            {content === null ? (
              <p className="note">{words('review.gone')}</p>
            ) : (
              <Blurred anywhere>
                <MarkedText content={content} />
              </Blurred>
            )}
          </Section>
          {waiting ? <DecideForm detail={detail} by={by} onDone={onDone} /> : null}
          {appeal.verdict === null ? null : (
            <Section
              title={words('appeal.reason')}
              note={words.list(appeal.verdict.by, format.when(appeal.verdict.atMs))}
            >
              <p className="theirs">{appeal.verdict.reason}</p>
            </Section>
          )}
          {appeal.state === 'overturned' ? <RedressSection detail={detail} by={by} onDone={onDone} /> : null}
        </div>
        <aside className="col-span-4">
          <Section title={words('appeal.decision')}>
            <p className="flex flex-wrap items-center gap-2">
              <Act action={row.action} box />
              <Would action={row.action} would={row.would} />
              {row.band === null ? null : <span className="chip">{words(`band.${row.band}`)}</span>}
            </p>
            <p className="mt-2 flex flex-wrap items-baseline gap-x-3 text-12">
              <span className="text-ink-3">{words('appeal.acting')}</span>
              {acting.map((one) => (
                <span key={one} className="mono">
                  {one}
                </span>
              ))}
            </p>
            <p className="mt-2">
              <Link to="/decisions/$id" params={{ id: row.id }}>
                {words('appeal.open')}
              </Link>{' '}
              · <a href={detail.publicUrl}>{words('appeal.public')}</a>
            </p>
          </Section>
          <Section title={words('appeal.record')}>
            <table className="t flush">
              <thead>
                <tr>
                  <th scope="col">{words('appeal.at')}</th>
                  <th scope="col">{words('appeal.move')}</th>
                  <th scope="col">{words('appeal.by')}</th>
                </tr>
              </thead>
              <tbody>
                {events.map((event) => (
                  <tr key={event.seq}>
                    <td className="num text-12">{format.when(event.atMs)}</td>
                    <td>{words(`move.${event.move}`)}</td>
                    <td className="break-all text-12">{event.by}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </Section>
        </aside>
      </div>
    </>
  )
}
