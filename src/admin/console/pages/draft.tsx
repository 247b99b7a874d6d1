import { keepPreviousData, queryOptions, useQuery } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import type { Policy } from '../../../core/policy/policy.ts'
import type { DraftScore } from '../../../jobs/draft-corpus.ts'
import { post, request } from '../api.ts'
import { type DraftForm, draftOf, EMPTY_DRAFT, ruleOf } from '../drafts/draft.ts'
import { DraftFields } from '../drafts/draft-form.tsx'
import { ScoreView } from '../drafts/score.tsx'
import { Section } from '../parts/section.tsx'
import { Empty, Failed } from '../parts/states.tsx'
import { useSettings } from '../settings.tsx'
import { useTitle } from '../use-title.ts'
import { useWords } from '../words.tsx'

/** Between the last key and the question: shorter than a person notices, longer than between two keys. */
const PAUSE_MS = 150
/** A draft that was tried on a sample only is asked on. */
const ON_MS = 300

const policyQuery = queryOptions({
  queryKey: ['draft-policy'],
  queryFn: () => request<Policy>('/api/drafts/policy'),
})

/** A rule or a threshold, tried on the last 30 days while it is typed. */
export function DraftPage() {
  const words = useWords()
  const { format } = useSettings()
  useTitle(words('nav.draft'))
  const [form, setForm] = useState<DraftForm>(EMPTY_DRAFT)
  const draft = draftOf(form)
  const rule = ruleOf(form)
  const asked = useLater(draft === null ? null : JSON.stringify(draft))
  const { data: policy } = useQuery(policyQuery)
  const { data, error } = useQuery({
    queryKey: ['draft', asked],
    queryFn: () => post<DraftScore>('/api/drafts/score', JSON.parse(asked!)),
    enabled: asked !== null,
    placeholderData: keepPreviousData,
    refetchInterval: ({ state }) => (state.data !== undefined && !state.data.complete ? ON_MS : false),
  })
  const score = draft === null ? undefined : data
  return (
    <>
      <div className="page-head">
        <div className="min-w-0">
          <h1>
            {score === undefined
              ? words('draft.h1')
              : words('draft.h1.hits', {
                  hits: format.count(score.hits),
                  n: format.count(score.exchanges),
                  refused: format.count(score.newlyRefused),
                  diverted: format.count(score.newlyDiverted),
                })}
          </h1>
          <p className="lede">{words('draft.lede')}</p>
        </div>
      </div>
      <DraftFields form={form} policy={policy} onForm={setForm} />
      {error === null ? null : <Failed error={error} />}
      {score === undefined ? (
        <p className="text-ink-2 mt-4">{words('draft.wait')}</p>
      ) : score.kept === 0 ? (
        <Empty title={words('draft.none')}>
          <p className="text-ink-2">{words('draft.none.text')}</p>
        </Empty>
      ) : (
        <ScoreView score={score} />
      )}
      {rule === null ? null : (
        <Section title={words('draft.rule')} note={words('draft.rule.note')}>
          <pre className="mono text-12 scroll-x">{JSON.stringify(rule, null, 2)}</pre>
        </Section>
      )}
    </>
  )
}

/** A value as it was when nothing had changed for a moment. */
function useLater(value: string | null): string | null {
  const [later, setLater] = useState(value)
  useEffect(() => {
    const timer = setTimeout(() => setLater(value), PAUSE_MS)
    return () => clearTimeout(timer)
  }, [value])
  return later
}
