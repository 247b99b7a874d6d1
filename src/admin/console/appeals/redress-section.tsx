import { useMutation } from '@tanstack/react-query'
import { type FormEvent, useId, useState } from 'react'
import type { AppealDetail } from '../../contract.ts'
import { moveAppeal } from '../api.ts'
import { Facts } from '../parts/facts.tsx'
import { Section } from '../parts/section.tsx'
import { Failed } from '../parts/states.tsx'
import { useSettings } from '../settings.tsx'
import { useWords } from '../words.tsx'

interface RedressProps {
  readonly detail: AppealDetail
  readonly by: string
  onDone(detail: AppealDetail): void
}

/** What an overturned appeal gave, and the release that ends the matter. */
export function RedressSection({ detail, by, onDone }: RedressProps) {
  const words = useWords()
  const { format } = useSettings()
  const releaseId = useId()
  const [release, setRelease] = useState('')
  const { appeal, exception, credit } = detail
  const label = detail.labels.find(({ source }) => source === 'appeal')
  const fix = useMutation({
    mutationFn: () => moveAppeal(appeal.id, 'fixed', { by, release: release.trim() }),
    onSuccess: onDone,
  })
  const onSubmit = (event: FormEvent) => {
    event.preventDefault()
    if (release.trim() !== '' && by !== '' && !fix.isPending) fix.mutate()
  }
  return (
    <Section title={words('appeal.gave')}>
      <Facts
        rows={[
          [
            words('appeal.exception'),
            exception === null
              ? words('appeal.exception.none')
              : words('appeal.exception.holds', {
                  id: exception.id,
                  n: format.count(exception.parts),
                  until: format.when(exception.untilMs),
                }),
          ],
          [
            words('appeal.credit'),
            credit === null
              ? null
              : words('appeal.credit.tokens', {
                  n: format.count(credit.tokens.reduce((sum, one) => sum + one.input + one.output, 0)),
                }),
          ],
          [words('appeal.label'), label === undefined ? null : words(`review.label.${label.label}`)],
          [words('appeal.fixed'), appeal.fixedIn],
        ]}
      />
      {appeal.fixedIn !== null ? null : (
        <form onSubmit={onSubmit} className="mt-3">
          <label htmlFor={releaseId} className="font-strong">
            {words('appeal.fixed')}
          </label>{' '}
          <span className="note">{words('appeal.fixed.note')}</span>
          <span className="flex gap-2 mt-1 max-w-96">
            <input
              id={releaseId}
              className="field"
              maxLength={100}
              autoComplete="off"
              value={release}
              onChange={(event) => setRelease(event.target.value)}
            />
            <button type="submit" className="btn" disabled={release.trim() === '' || by === '' || fix.isPending}>
              {words('appeal.fixed.set')}
            </button>
          </span>
          {fix.error === null ? null : <Failed error={fix.error} />}
        </form>
      )}
    </Section>
  )
}
