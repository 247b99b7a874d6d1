import { useState } from 'react'
import { severityWords } from '../../../core/jailbreaks/severity/words.ts'
import type { ReportDetail } from '../../report-contract.ts'
import { useWords } from '../words.tsx'
import { Override } from './override.tsx'
import { OverrideDialog } from './override-dialog.tsx'

/** What the rules prescribe and why; what must not come first; overrides, which never change the number. */
export function Prescribed({ detail }: { readonly detail: ReportDetail }) {
  const words = useWords()
  const [drafting, setDrafting] = useState(false)
  const { prescription, case: one } = detail
  const why = prescription.why[0]
  const facts = why === undefined ? '' : because(why.because, severityWords(words.lang, `band.${why.band}`), why.grade)
  return (
    <>
      <h3>{words('jb.prescribed')}</h3>
      <p>
        <b className="font-strong">{words(`jb.action.${prescription.action}`)}</b>
        <br />
        <span className="text-ink-2">{facts}</span>
      </p>
      {prescription.forbidden.length === 0 ? null : (
        <p className="text-ink-2">
          {words.join(
            words('jb.not_first'),
            words('jb.instead', {
              list: words.list(...prescription.instead.map((each) => words(`jb.instead.${each}`))),
            }),
          )}
        </p>
      )}
      {one.overrides.map((each) => (
        <Override key={each.id} detail={detail} override={each} />
      ))}
      {prescription.action === 'mandatory_route' || one.stage === 'withdrawn' ? null : (
        <p className="mt-2">
          <button type="button" className="btn quiet text-12" aria-haspopup="dialog" onClick={() => setDrafting(true)}>
            {words('jb.override.draft')}
          </button>
        </p>
      )}
      {drafting ? <OverrideDialog detail={detail} onClose={() => setDrafting(false)} /> : null}
    </>
  )

  function because(code: NonNullable<typeof why>['because'], band: string, grade: string): string {
    switch (code) {
      case 'scored':
      case 'uplift_unknown':
      case 'disputed':
        return words(`jb.because.${code}`, { band, grade })
      case 'nothing_assessed':
      case 'statutory':
        return words(`jb.because.${code}`)
    }
  }
}
