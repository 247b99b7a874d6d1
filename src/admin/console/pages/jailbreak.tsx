import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { asMeasurements } from '../../../core/jailbreaks/registry/evidence.ts'
import { explain } from '../../../core/jailbreaks/severity/explain.ts'
import { parseVector } from '../../../core/jailbreaks/severity/vector.ts'
import type { ReportDetail } from '../../report-contract.ts'
import { ApiFault } from '../api.ts'
import { ActDialog } from '../jailbreaks/act-dialog.tsx'
import { OFFERED, type Offered, reportPath, reportQuery } from '../jailbreaks/api.ts'
import { Assessments } from '../jailbreaks/assessments.tsx'
import { Reproduction } from '../jailbreaks/reproduction.tsx'
import { intervalWords, scoreWords } from '../jailbreaks/score.tsx'
import { SeveritySection } from '../jailbreaks/severity-section.tsx'
import { Side } from '../jailbreaks/side.tsx'
import { Statements } from '../jailbreaks/statements.tsx'
import { summaryOf } from '../jailbreaks/summary.ts'
import { headlineVector } from '../jailbreaks/vector.ts'
import { CopyId } from '../parts/copy-id.tsx'
import { Failed, Loading, Missing } from '../parts/states.tsx'
import { useKeys } from '../shell/use-keys.ts'
import { useTitle } from '../use-title.ts'
import { useWords } from '../words.tsx'

/** One report as an advisory: what was found, how bad it is and why, what others say, and what is to be done. */
export function JailbreakPage({ id }: { readonly id: string }) {
  const words = useWords()
  const { data: detail, error, refetch } = useQuery(reportQuery(id))
  useTitle(detail === undefined ? words('nav.jailbreaks') : `${detail.case.id} · ${scoreWords(detail.row, words)}`)
  if (detail !== undefined) return <Advisory detail={detail} />
  if (error === null) return <Loading rows={10} />
  if (!(error instanceof ApiFault) || error.status !== 404)
    return <Failed error={error} onRetry={() => void refetch()} />
  return (
    <Missing title={words('jb.missing', { id })} text={words('jb.missing.text')}>
      <Link to="/jailbreaks">{words('jb.back')}</Link>
    </Missing>
  )
}

function Advisory({ detail }: { readonly detail: ReportDetail }) {
  const words = useWords()
  const [asked, setAsked] = useState<Offered | null>(null)
  const { case: one, row, open } = detail
  const offers = OFFERED.filter((act) => open.includes(act) && (act !== 'respond' || mayRespond(detail)))
  const forward = offers.find((act) => act !== 'withdraw')
  const { text, lang } = summaryOf(one.summary, words.lang)
  useKeys({ e: () => setAsked(offers.includes('reproduce') ? 'reproduce' : null) })
  return (
    <>
      <p className="flex flex-wrap items-center gap-x-3 gap-y-1 text-12 text-ink-3 mb-2">
        <Link to="/jailbreaks">{words('jb.back')}</Link>
        <CopyId id={one.id} />
        {one.aliases.map(({ id }) => (
          <span key={id} className="mono">
            {id}
          </span>
        ))}
        <span className="chip">{words(`jb.stage.${one.stage}`)}</span>
        {row.disputed ? <span className="chip">{words('jb.disputed')}</span> : null}
        {row.stale ? <span className="chip">{words('jb.stale')}</span> : null}
        <a href={`${reportPath(one.id)}/record`}>{words('jb.record')}</a>
      </p>
      <div className="page-head">
        <div className="min-w-0 flex-[1_1_420px]">
          <h1 lang={lang}>{text}</h1>
          <p className="lede">{lede(detail)}</p>
        </div>
        <div className="tools">
          {offers.map((act) => (
            <button
              key={act}
              type="button"
              className={act === forward ? 'btn primary' : 'btn'}
              aria-haspopup="dialog"
              onClick={() => setAsked(act)}
            >
              {words(`jb.do.${act}`)}
              {act === 'reproduce' ? <kbd>E</kbd> : null}
            </button>
          ))}
        </div>
      </div>
      {one.withdrawn === null ? null : (
        <div className="note-bar">
          <b>{words('jb.withdrawn')}</b>
          <span>{one.withdrawn.reason}</span>
        </div>
      )}
      <div className="advisory">
        <div>
          <SeveritySection detail={detail} />
          <Assessments detail={detail} />
          <Reproduction detail={detail} />
          <Statements detail={detail} />
        </div>
        <aside>
          <Side detail={detail} />
        </aside>
      </div>
      {asked === null ? null : <ActDialog detail={detail} act={asked} onClose={() => setAsked(null)} />}
    </>
  )

  /** Number with interval, and what other models do: the two things that a reader wants first. */
  function lede({ nowMs }: ReportDetail): string {
    const { tenths, interval } = row.headline
    const score = scoreWords(row, words)
    const first = tenths === null ? score : words.list(score, intervalWords(interval, words))
    const filed = headlineVector(detail)?.filed ?? null
    const measured = filed?.measured == null ? null : asMeasurements(filed.measured, filed.panel, nowMs)
    const others =
      filed === null || measured === null
        ? []
        : explain(parseVector(filed.vector), measured, words.lang).notes.filter(({ key }) => key === 'jss.others')
    return words.join(words.lang === 'ja' ? `${first}。` : `${first}.`, ...others.map((note) => note.text))
  }
}

/** There is something to decide: the rules do not ask for more evidence first. */
function mayRespond({ row, case: one }: ReportDetail): boolean {
  return row.action !== 'reproduce' && row.action !== 'ask_artefacts' && one.response === null
}
