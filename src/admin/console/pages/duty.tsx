import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { post } from '../api.ts'
import { dutyQuery } from '../jailbreaks/api.ts'
import { Section } from '../parts/section.tsx'
import { Failed, Loading } from '../parts/states.tsx'
import { useWho, Who } from '../parts/who.tsx'
import { useSettings } from '../settings.tsx'
import { useTitle } from '../use-title.ts'
import { useWords, type Words } from '../words.tsx'

/** Who is on duty, until when, and how fast the desk answered its drills. */
export function DutyPage() {
  const words = useWords()
  const { format } = useSettings()
  const queries = useQueryClient()
  const [who, setWho] = useWho()
  const { data, error, refetch } = useQuery(dutyQuery)
  const act = useMutation({
    mutationFn: (name: 'drill' | 'ack') => post(`/api/duty/${name}`, { by: who }),
    onSuccess: () => void queries.invalidateQueries({ queryKey: ['duty'] }),
  })
  const on = data?.onDuty ?? null
  const heading = on === null ? words('duty.h1.none') : words('duty.h1', { person: on.person })
  useTitle(data === undefined ? words('nav.duty') : heading)
  if (data === undefined)
    return error === null ? <Loading rows={6} /> : <Failed error={error} onRetry={() => void refetch()} />
  const { roster, drills, summary } = data
  const waiting = drills.some(({ state, drill }) => drill.acknowledgedAtMs === null && state !== 'met')
  return (
    <>
      <p className="text-12 mb-2">
        <Link to="/jailbreaks">{words('jb.back')}</Link>
      </p>
      <div className="page-head">
        <div className="min-w-0">
          <h1>{heading}</h1>
          <p className="lede">
            {on === null
              ? words('duty.none.text')
              : on.untilMs === null
                ? words('duty.open', { contact: on.contact })
                : words('duty.until', { contact: on.contact, until: format.when(on.untilMs) })}
          </p>
        </div>
        <div className="tools">
          {on === null ? null : (
            <button
              type="button"
              className="btn"
              disabled={who === '' || act.isPending}
              onClick={() => act.mutate('drill')}
            >
              {words('duty.drill')}
            </button>
          )}
          {waiting ? (
            <button
              type="button"
              className="btn primary"
              disabled={who === '' || act.isPending}
              onClick={() => act.mutate('ack')}
            >
              {words('duty.ack')}
            </button>
          ) : null}
        </div>
      </div>
      <Who name={who} onName={setWho} />
      {act.error === null ? null : <Failed error={act.error} />}
      <Section title={words('duty.drills')} note={words('duty.drills.note')}>
        {drills.length === 0 ? (
          <p className="text-ink-2">{words('duty.drills.none')}</p>
        ) : (
          <>
            <p className="mb-2">
              {words('duty.summary', {
                ...{ met: format.count(summary.met), n: format.count(summary.drills) },
                median: summary.medianMs === null ? '–' : lasting(summary.medianMs, words),
                next: summary.nextDueMs === null ? '–' : format.when(summary.nextDueMs),
              })}
            </p>
            <table className="t flush wraps">
              <thead>
                <tr>
                  <th scope="col">{words('duty.called')}</th>
                  <th scope="col">{words('duty.person')}</th>
                  <th scope="col">{words('duty.result')}</th>
                  <th scope="col" className="r">
                    {words('duty.took')}
                  </th>
                </tr>
              </thead>
              <tbody>
                {drills.map(({ drill, state, tookMs }) => (
                  <tr key={drill.id}>
                    <td className="num">{format.when(drill.startedAtMs)}</td>
                    <td>{drill.person}</td>
                    <td>{state === 'missed' ? <b>{words('duty.state.missed')}</b> : words(`duty.state.${state}`)}</td>
                    <td className="r">{tookMs === null ? '–' : lasting(tookMs, words)}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </>
        )}
      </Section>
      <Section
        title={words('duty.roster')}
        note={
          roster === null
            ? undefined
            : words('duty.set', { by: roster.by, at: format.when(roster.atMs), reason: roster.reason })
        }
      >
        {roster === null || (roster.roster.shifts.length === 0 && roster.roster.otherwise === null) ? (
          <p className="text-ink-2">{words('duty.roster.none')}</p>
        ) : (
          <table className="t flush wraps">
            <thead>
              <tr>
                <th scope="col">{words('duty.person')}</th>
                <th scope="col">{words('duty.from')}</th>
                <th scope="col">{words('duty.to')}</th>
                <th scope="col" className="max-p2:hidden">
                  {words('duty.contact')}
                </th>
              </tr>
            </thead>
            <tbody>
              {roster.roster.shifts.map(({ person, contact, fromMs, untilMs }) => (
                <tr key={`${person} ${fromMs}`}>
                  <td>{person}</td>
                  <td className="num">{format.when(fromMs)}</td>
                  <td className="num">{format.when(untilMs)}</td>
                  <td className="max-p2:hidden!">{contact}</td>
                </tr>
              ))}
              {roster.roster.otherwise === null ? null : (
                <tr>
                  <td>{roster.roster.otherwise.person}</td>
                  <td colSpan={2} className="text-ink-3">
                    {words('duty.otherwise')}
                  </td>
                  <td className="max-p2:hidden!">{roster.roster.otherwise.contact}</td>
                </tr>
              )}
            </tbody>
          </table>
        )}
      </Section>
    </>
  )
}

function lasting(ms: number, words: Words): string {
  return ms < 60_000
    ? words('duty.seconds', { n: String(Math.round(ms / 1000)) })
    : words('duty.minutes', { n: String(Math.round(ms / 60_000)) })
}
