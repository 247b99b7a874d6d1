import { severityWords } from '../../../core/jailbreaks/severity/words.ts'
import type { ReportDetail } from '../../report-contract.ts'
import { useSettings } from '../settings.tsx'
import { useWords } from '../words.tsx'

/** What the rules prescribe and why; what must not come first; overrides, which never change the number. */
export function Prescribed({ detail }: { readonly detail: ReportDetail }) {
  const words = useWords()
  const { format } = useSettings()
  const { prescription, case: one, nowMs } = detail
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
      {one.overrides.map((each) => {
        const people = words.list(...each.signatures.map(({ person }) => person))
        const over = each.expiresAtMs <= nowMs
        return (
          <div key={each.id} className={over ? 'rep mt-2 text-ink-3' : 'rep mt-2'}>
            {words('jb.override', {
              ...{ action: words(`jb.action.${each.action}`), people, until: format.when(each.expiresAtMs) },
              reason: each.reason,
            })}
            <br />
            <span className="text-ink-3">
              {each.signatures.length < 2 ? words('jb.override.half', { people }) : words('jb.override.number')}
            </span>
          </div>
        )
      })}
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
