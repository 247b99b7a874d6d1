import { useMutation } from '@tanstack/react-query'
import { type FormEvent, useId, useState } from 'react'
import type { PublicAppeal, PublicDecision } from '../../contract.ts'
import { sendAppeal } from '../api.ts'
import { Section } from '../parts/section.tsx'
import { Failed } from '../parts/states.tsx'
import { useSettings } from '../settings.tsx'
import { useWords } from '../words.tsx'

interface AppealSectionProps {
  readonly decision: PublicDecision
  /** Where an appeal is sent. */
  readonly path: string
}

/** The way to a person: a note, then the place in the queue and the time of the answer. */
export function AppealSection({ decision, path }: AppealSectionProps) {
  const words = useWords()
  const noteId = useId()
  const [note, setNote] = useState('')
  const send = useMutation({ mutationFn: (text: string) => sendAppeal(path, text) })
  const appeal = send.data ?? decision.appeal
  if (appeal !== null) return <Received appeal={appeal} fresh={send.data !== undefined} />
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

function Received({ appeal, fresh }: { readonly appeal: PublicAppeal; readonly fresh: boolean }) {
  const words = useWords()
  const { format } = useSettings()
  return (
    <Section title={words('public.appeal')}>
      <div role={fresh ? 'status' : undefined}>
        <p className="font-strong">
          {words.rich('public.appeal.received', { appeal_id: <span className="mono">{appeal.id}</span> })}
        </p>
        <p className="text-ink-2">
          {words('public.appeal.received.text', {
            respond_by: format.when(appeal.respondByMs),
            n: format.count(appeal.before),
          })}
        </p>
        <p className="caption">{words('public.appeal.keep')}</p>
      </div>
    </Section>
  )
}
