import { useMutation } from '@tanstack/react-query'
import { type FormEvent, useId, useState } from 'react'
import type { PublicAppeal, PublicDecision } from '../../contract.ts'
import { sendAppeal, withdrawAppeal } from '../api.ts'
import { Section } from '../parts/section.tsx'
import { Failed } from '../parts/states.tsx'
import { useSettings } from '../settings.tsx'
import { useWords } from '../words.tsx'

interface AppealSectionProps {
  readonly decision: PublicDecision
  /** Where an appeal is sent. */
  readonly path: string
  readonly withdrawPath: string
}

/** The way to a person: a note, then the place in the queue and the time of the answer. */
export function AppealSection({ decision, path, withdrawPath }: AppealSectionProps) {
  const words = useWords()
  const noteId = useId()
  const [note, setNote] = useState('')
  const send = useMutation({ mutationFn: (text: string) => sendAppeal(path, text) })
  const appeal = send.data ?? decision.appeal
  if (appeal !== null) return <Filed filed={appeal} fresh={send.data !== undefined} withdrawPath={withdrawPath} />
  if (!decision.mayAppeal) {
    if (decision.action === 'allow' || decision.action === 'flag') return null
    return (
      <Section title={words('public.appeal')}>
        <p className="text-ink-2">{words('public.appeal.lapsed', { decision_id: decision.id })}</p>
      </Section>
    )
  }
  const onSubmit = (event: FormEvent) => {
    event.preventDefault()
    if (!send.isPending) send.mutate(note.trim())
  }
  return (
    <Section title={words('public.appeal')} note={words('public.appeal.note')}>
      <form onSubmit={onSubmit}>
        <label htmlFor={noteId} className="font-strong">
          {words('public.appeal.prompt')}
        </label>
        <textarea
          id={noteId}
          rows={3}
          required
          className="block mt-1.5 max-w-[68ch]"
          placeholder={words('public.appeal.example')}
          value={note}
          onChange={(event) => setNote(event.target.value)}
        />
        <div className="mt-2.5">
          {send.error === null ? null : <Failed error={send.error} />}
          <button type="submit" className="btn primary" disabled={send.isPending}>
            {words(send.isPending ? 'public.appeal.sending' : 'public.appeal.send')}
          </button>
        </div>
      </form>
    </Section>
  )
}

interface FiledProps {
  readonly filed: PublicAppeal
  /** Sent from this page, just now. */
  readonly fresh: boolean
  readonly withdrawPath: string
}

/** Where an appeal stands, and what came of it. */
function Filed({ filed, fresh, withdrawPath }: FiledProps) {
  const words = useWords()
  const { format } = useSettings()
  const withdraw = useMutation({ mutationFn: () => withdrawAppeal(withdrawPath) })
  const appeal = withdraw.data ?? filed
  const { state, verdict } = appeal
  const waiting = state === 'open' || state === 'in_review'
  return (
    <Section title={words('public.appeal')}>
      <div role={fresh || withdraw.data !== undefined ? 'status' : undefined}>
        <p className="font-strong">
          {words.rich(HEADS[state], { appeal_id: <span className="mono">{appeal.id}</span> })}
        </p>
        {waiting ? (
          <>
            <p className="text-ink-2">
              {words('public.appeal.received.text', {
                respond_by: format.when(appeal.respondByMs),
                n: format.count(appeal.before),
              })}
            </p>
            {appeal.overdue ? <p className="text-ink-2">{words('public.appeal.late')}</p> : null}
            <p className="caption">{words('public.appeal.keep')}</p>
            {withdraw.error === null ? null : <Failed error={withdraw.error} />}
            <button type="button" className="btn mt-2" disabled={withdraw.isPending} onClick={() => withdraw.mutate()}>
              {words('public.appeal.withdraw')}
            </button>
          </>
        ) : null}
        {verdict === null ? null : (
          <p className="text-ink-2">
            {words('public.appeal.reason', { at: format.when(verdict.atMs), reason: verdict.reason })}
          </p>
        )}
        {state === 'overturned' ? <Redressed appeal={appeal} /> : null}
      </div>
    </Section>
  )
}

const HEADS = {
  open: 'public.appeal.received',
  in_review: 'public.appeal.received',
  upheld: 'public.appeal.upheld',
  overturned: 'public.appeal.overturned',
  withdrawn: 'public.appeal.withdrawn',
} as const satisfies Record<PublicAppeal['state'], string>

/** What a mistake gives back. */
function Redressed({ appeal }: { readonly appeal: PublicAppeal }) {
  const words = useWords()
  const { format } = useSettings()
  const { replayUntilMs, creditedTokens, fixedIn } = appeal
  return (
    <p className="read text-ink-2">
      {words.join(
        replayUntilMs === null
          ? words('public.appeal.replay.none')
          : words('public.appeal.replay', { until: format.when(replayUntilMs) }),
        creditedTokens === null || creditedTokens === 0
          ? ''
          : words('public.appeal.credit', { n: format.count(creditedTokens) }),
        fixedIn === null ? words('public.appeal.fixed.not') : words('public.appeal.fixed', { release: fixedIn }),
      )}
    </p>
  )
}
