import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import type { ReleaseDetail } from '../../release-contract.ts'
import { ApiFault } from '../api.ts'
import { CopyId } from '../parts/copy-id.tsx'
import { Section } from '../parts/section.tsx'
import { Failed, Loading, Missing } from '../parts/states.tsx'
import { releaseQuery } from '../release/api.ts'
import { headingOf, ledeOf } from '../release/heading.ts'
import { MoveDialog } from '../release/move-dialog.tsx'
import { type Offer, offersOf } from '../release/moves.ts'
import { PlanTable } from '../release/plan-table.tsx'
import { ReportProgress } from '../release/report-run.tsx'
import { SignOffs } from '../release/sign-offs.tsx'
import { StageLine } from '../release/stage.tsx'
import { GatesTable, GuardTable, HistoryTable } from '../release/tables.tsx'
import { useSettings } from '../settings.tsx'
import { useKeys } from '../shell/use-keys.ts'
import { useTitle } from '../use-title.ts'
import { useWords } from '../words.tsx'

/** One release: where it stands, what it changes, what was measured, who signed, and what may be done. */
export function ReleasePage({ id }: { readonly id: string }) {
  const words = useWords()
  const { data: detail, error, refetch } = useQuery(releaseQuery(id))
  useTitle(detail === undefined ? words('nav.release') : headingOf(detail, words))
  if (detail !== undefined) return <ReleaseView detail={detail} />
  if (error === null) return <Loading rows={10} />
  if (!(error instanceof ApiFault) || error.status !== 404)
    return <Failed error={error} onRetry={() => void refetch()} />
  return (
    <Missing title={words('release.missing', { id })} text={words('release.missing.text')}>
      <Link to="/releases">{words('release.back')}</Link>
    </Missing>
  )
}

function ReleaseView({ detail }: { readonly detail: ReleaseDetail }) {
  const words = useWords()
  const { format } = useSettings()
  const [asked, setAsked] = useState<Offer | null>(null)
  const { row, plan, steps } = detail
  const { stage } = row.state
  const offers = offersOf(detail, words)
  const offer = (move: string) => setAsked(offers.find((one) => one.move === move) ?? null)
  useKeys({ r: () => offer('rollback'), p: () => offer('pause') })
  const waits = (stage === 'review' || stage === 'shadow' || stage === 'canary') && row.paused === null
  return (
    <>
      <p className="flex flex-wrap items-center gap-x-3 text-12 text-ink-3 mb-2">
        <Link to="/releases">{words('release.back')}</Link>
        <CopyId id={row.id} />
      </p>
      <div className="page-head">
        <div className="min-w-0">
          <h1>{headingOf(detail, words)}</h1>
          <p className="lede">{ledeOf(detail, words, format)}</p>
        </div>
        <div className="tools">
          {offers.map((one, i) => (
            <button
              key={one.move}
              type="button"
              className={i === offers.length - 1 && i > 0 ? 'btn primary' : 'btn'}
              aria-haspopup="dialog"
              onClick={() => setAsked(one)}
            >
              {one.text}
              {one.move === 'rollback' ? <kbd>R</kbd> : one.move === 'pause' ? <kbd>P</kbd> : null}
            </button>
          ))}
        </div>
      </div>
      <StageLine row={row} steps={steps} />
      {waits ? (
        <p className="caption num">{words('release.earliest', { at: format.when(detail.earliestMs) })}</p>
      ) : null}
      {detail.report === null ? null : <ReportProgress run={detail.report} />}
      <Section
        title={words('release.plan')}
        note={
          plan.against === null ? words('release.plan.first') : words('release.plan.note', { against: plan.against })
        }
      >
        <PlanTable plan={plan} />
      </Section>
      {stage === 'canary' || stage === 'shadow' ? (
        <Section title={words('release.guard')} note={words('release.guard.note')}>
          <GuardTable detail={detail} />
        </Section>
      ) : null}
      <div className="cols">
        <div className="col-span-8">
          <Section
            title={words('release.gates')}
            note={
              row.manifest === null
                ? words('release.gates.open')
                : words('release.gates.note', { hash: `${row.manifest.slice(0, 19)}…` })
            }
          >
            <GatesTable detail={detail} />
          </Section>
        </div>
        <aside className="col-span-4">
          <SignOffs detail={detail} />
        </aside>
      </div>
      <Section title={words('release.history')}>
        <HistoryTable detail={detail} />
      </Section>
      {asked === null ? null : (
        <MoveDialog detail={detail} move={asked.move} title={asked.text} onClose={() => setAsked(null)} />
      )}
    </>
  )
}
