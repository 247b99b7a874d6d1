import { keepPreviousData, queryOptions, useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { USEFULNESS_BY, type UsefulnessBy, type UsefulnessReport } from '../../../jobs/usefulness-report.ts'
import { request } from '../api.ts'
import { Section } from '../parts/section.tsx'
import { Seg } from '../parts/seg.tsx'
import { Failed, Loading } from '../parts/states.tsx'
import { useSettings } from '../settings.tsx'
import { useTitle } from '../use-title.ts'
import { BurnDownSection } from '../usefulness/burn-down.tsx'
import { UsefulnessTable } from '../usefulness/rows-table.tsx'
import { DAYS, type Days } from '../usefulness/search.ts'
import { useWords } from '../words.tsx'

interface Asked {
  readonly by: UsefulnessBy
  readonly days: Days
}

function usefulnessQuery({ by, days }: Asked) {
  return queryOptions({
    queryKey: ['usefulness', by, days],
    queryFn: () => request<UsefulnessReport>(`/api/usefulness?${new URLSearchParams({ by, days })}`),
    refetchInterval: 60_000,
    placeholderData: keepPreviousData,
  })
}

/** What safeguards leave of ordinary use: retained share, friction, and false positives against their target. */
export function UsefulnessPage(asked: Asked) {
  const words = useWords()
  const { format } = useSettings()
  const navigate = useNavigate()
  const { data: report, error, refetch } = useQuery(usefulnessQuery(asked))
  useTitle(words('nav.usefulness'))
  const choose = (next: Partial<Asked>) => void navigate({ to: '/usefulness', search: { ...asked, ...next } })
  const retained = report?.rows[0]?.retained ?? null
  const { days } = asked
  return (
    <>
      <div className="page-head">
        <div className="min-w-0">
          <h1>
            {report === undefined
              ? words('nav.usefulness')
              : retained === null
                ? words('use.h1.none', { days })
                : words('use.h1', { share: format.percent(retained.value, 1) })}
          </h1>
          {retained === null ? null : (
            <p className="lede">
              {words('use.lede', {
                days,
                n: format.count(retained.n),
                range: format.range(retained.lo, retained.hi, 1),
              })}
            </p>
          )}
        </div>
        <div className="tools">
          <Seg
            label={words('use.by')}
            value={asked.by}
            options={USEFULNESS_BY.map((value) => ({ value, text: words(`use.by.${value}`) }))}
            onChoose={(by) => choose({ by })}
          />
          <Seg
            label={words('use.days')}
            value={days}
            options={DAYS.map((value) => ({ value, text: value }))}
            onChoose={(next) => choose({ days: next })}
          />
        </div>
      </div>
      {report === undefined ? (
        error === null ? (
          <Loading rows={8} />
        ) : (
          <Failed error={error} onRetry={() => void refetch()} />
        )
      ) : (
        <UsefulnessView report={report} />
      )}
    </>
  )
}

function UsefulnessView({ report }: { readonly report: UsefulnessReport }) {
  const words = useWords()
  const { format } = useSettings()
  const { quality } = report
  return (
    <>
      <Section title={words('use.rows')} note={words('use.rows.note')}>
        <UsefulnessTable report={report} />
        <p className="caption">
          {quality === null
            ? words('use.quality.none')
            : words('use.quality', {
                loss: format.percent(quality.value, 1),
                range: format.range(quality.lo, quality.hi, 1),
                report: quality.source,
              })}
        </p>
      </Section>
      <BurnDownSection report={report} />
    </>
  )
}
