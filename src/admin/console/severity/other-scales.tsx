import { compare } from '../../../core/jailbreaks/severity/compare.ts'
import type { SeverityVector } from '../../../core/jailbreaks/severity/levels.ts'
import { severityWords } from '../../../core/jailbreaks/severity/words.ts'
import { Facts } from '../parts/facts.tsx'
import { useWords } from '../words.tsx'

/** CJS by crosswalk, always called a draft, and what JEF would need. */
export function OtherScales({ vector }: { readonly vector: SeverityVector }) {
  const words = useWords()
  const { cjs, reasons } = compare(vector, true, null)
  const draft = severityWords(words.lang, 'cjs.draft')
  return (
    <>
      <Facts
        rows={[
          [
            'CJS',
            <>
              {cjs === null ? '–' : words.list(String(cjs.sum), cjs.band)}
              <br />
              <span className="text-ink-3">
                {words.list(draft, words(cjs === null ? 'severity.cjs.none' : 'severity.cjs.cyber'))}
              </span>
            </>,
          ],
          ['JEF 0.7', words('severity.jef.none')],
        ]}
      />
      {reasons.map((reason) => (
        <p key={reason} className="caption">
          {severityWords(words.lang, `reason.${reason}`)}
        </p>
      ))}
    </>
  )
}
