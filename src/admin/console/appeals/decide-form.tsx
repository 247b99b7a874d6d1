import { useMutation } from '@tanstack/react-query'
import { type FormEvent, useId, useState } from 'react'
import type { AppealDetail } from '../../contract.ts'
import { moveAppeal } from '../api.ts'
import { Section } from '../parts/section.tsx'
import { Failed } from '../parts/states.tsx'
import { useSettings } from '../settings.tsx'
import { useWords } from '../words.tsx'

interface DecideProps {
  readonly detail: AppealDetail
  readonly by: string
  onDone(detail: AppealDetail): void
}

/** Take, then decide: what each verdict does is said before it is given. */
export function DecideForm({ detail, by, onDone }: DecideProps) {
  const words = useWords()
  const { appeal } = detail
  const move = useMutation({
    mutationFn: (kind: 'take' | 'release') => moveAppeal(appeal.id, kind, { by }),
    onSuccess: onDone,
  })
  const mine = appeal.holder !== null && appeal.holder.by === by
  return (
    <Section
      title={words('appeal.decide')}
      note={appeal.holder === null ? undefined : words('appeal.with', { name: appeal.holder.by })}
    >
      {move.error === null ? null : <Failed error={move.error} />}
      {mine ? (
        <>
          <Verdict detail={detail} by={by} onDone={onDone} />
          <button type="button" className="btn mt-2" disabled={move.isPending} onClick={() => move.mutate('release')}>
            {words('appeal.release')}
          </button>
        </>
      ) : appeal.holder === null ? (
        <button
          type="button"
          className="btn primary"
          disabled={by === '' || move.isPending}
          onClick={() => move.mutate('take')}
        >
          {words('appeal.take')}
        </button>
      ) : null}
    </Section>
  )
}

const DAY = '24'

function Verdict({ detail, by, onDone }: DecideProps) {
  const words = useWords()
  const { format } = useSettings()
  const [reasonId, hoursId] = [useId(), useId()]
  const { appeal, acting } = detail
  const [verdict, setVerdict] = useState<'upheld' | 'overturned'>('upheld')
  const [label, setLabel] = useState<'benign' | 'borderline-benign'>('borderline-benign')
  const [covered, setCovered] = useState<readonly string[]>(acting.slice(0, 1))
  const [hours, setHours] = useState(DAY)
  const [reason, setReason] = useState('')
  const decide = useMutation({
    mutationFn: () =>
      moveAppeal(appeal.id, 'decide', {
        ...{ by, verdict, reason: reason.trim() },
        ...(verdict === 'overturned' ? { label, reasons: covered, exceptionHours: Number(hours) } : {}),
      }),
    onSuccess: onDone,
  })
  const rightHours = Number(hours) >= 1 && Number(hours) <= 720
  const ready = Array.from(reason.trim()).length >= 3 && rightHours && !decide.isPending
  const onSubmit = (event: FormEvent) => {
    event.preventDefault()
    if (ready) decide.mutate()
  }
  return (
    <form onSubmit={onSubmit} className="grid gap-3">
      <fieldset className="grid gap-1">
        <legend className="hide">{words('appeal.decide')}</legend>
        <label className="flex gap-2 items-baseline">
          <input type="radio" name="verdict" checked={verdict === 'upheld'} onChange={() => setVerdict('upheld')} />
          <span>
            <b>{words('appeal.uphold')}</b> <span className="text-ink-2">{words('appeal.uphold.means')}</span>
          </span>
        </label>
        <label className="flex gap-2 items-baseline">
          <input
            type="radio"
            name="verdict"
            checked={verdict === 'overturned'}
            onChange={() => setVerdict('overturned')}
          />
          <span>
            <b>{words('appeal.overturn')}</b>{' '}
            <span className="text-ink-2">
              {words('appeal.overturn.means', { hours: format.count(rightHours ? Number(hours) : Number(DAY)) })}
            </span>
          </span>
        </label>
      </fieldset>
      {verdict === 'upheld' ? null : (
        <>
          <fieldset className="flex flex-wrap gap-x-4 gap-y-1">
            <legend className="font-strong">{words('appeal.covers')}</legend>
            {acting.map((one, i) => (
              <label key={one} className="flex gap-2 items-baseline">
                <input
                  type="checkbox"
                  checked={covered.includes(one)}
                  disabled={i === 0}
                  onChange={({ target }) =>
                    setCovered(target.checked ? [...covered, one] : covered.filter((other) => other !== one))
                  }
                />
                <span className="mono">{one}</span>
              </label>
            ))}
          </fieldset>
          <fieldset className="flex flex-wrap gap-x-4 gap-y-1">
            <legend className="font-strong">{words('appeal.label')}</legend>
            {(['borderline-benign', 'benign'] as const).map((one) => (
              <label key={one} className="flex gap-2 items-baseline">
                <input type="radio" name="label" checked={label === one} onChange={() => setLabel(one)} />
                <span>{words(`review.label.${one}`)}</span>
              </label>
            ))}
          </fieldset>
          <div className="max-w-40">
            <label htmlFor={hoursId} className="font-strong">
              {words('appeal.hours')}
            </label>
            <input
              id={hoursId}
              className="field"
              inputMode="numeric"
              value={hours}
              onChange={(event) => setHours(event.target.value)}
            />
          </div>
        </>
      )}
      <div>
        <label htmlFor={reasonId} className="font-strong">
          {words('appeal.reason')}
        </label>
        <textarea
          id={reasonId}
          rows={3}
          className="mt-1 max-w-[68ch]"
          required
          value={reason}
          onChange={(event) => setReason(event.target.value)}
        />
      </div>
      {decide.error === null ? null : <Failed error={decide.error} />}
      <div>
        <button type="submit" className="btn primary" disabled={!ready}>
          {words(`appeal.do.${verdict}`)}
        </button>
      </div>
    </form>
  )
}
