import { useQuery } from '@tanstack/react-query'
import { REVIEW_LABELS } from '../../../core/safeguards/review-label.ts'
import { agreementQuery } from '../api.ts'
import { useSettings } from '../settings.tsx'
import { useWords } from '../words.tsx'

/** What each label means, how far people agree, and how this one does on hidden checks. */
export function Side({ by }: { readonly by: string }) {
  const words = useWords()
  const { format } = useSettings()
  const { data } = useQuery(agreementQuery)
  const own = data?.golden.find(({ reviewer }) => reviewer === by)
  const kappa = data?.kappa ?? null
  return (
    <aside className="text-12 min-w-0">
      <h3>{words('review.labels')}</h3>
      <dl className="mt-1">
        {REVIEW_LABELS.map((label, i) => (
          <div key={label} className="mb-2">
            <dt className="font-strong">
              <kbd>{i + 1}</kbd> {words(`review.label.${label}`)}
            </dt>
            <dd className="text-ink-2">{words(`review.means.${label}`)}</dd>
          </div>
        ))}
      </dl>
      <h3 className="mt-4">{words('review.agreement')}</h3>
      <p className="text-ink-2">
        {kappa === null
          ? words('review.kappa.none')
          : words('review.kappa', {
              kappa: format.decimal(kappa.kappa, 2),
              range: format.bounds(kappa.lo, kappa.hi, 2, 1),
              n: format.count(kappa.pairs),
            })}
      </p>
      <p className="text-ink-2">
        {own === undefined
          ? words('review.checks.none')
          : words('review.checks', { correct: format.count(own.correct), n: format.count(own.n) })}
      </p>
      <p className="mt-2">
        <a href="/api/review/labels.csv">{words('review.labels.csv')}</a>
      </p>
    </aside>
  )
}
