import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useId, useState } from 'react'
import type { Mode } from '../../../core/policy/policy.ts'
import type { Status } from '../../contract.ts'
import { changeMode, statusQuery, summaryQuery } from '../api.ts'
import { Dialog } from '../parts/dialog.tsx'
import { Failed } from '../parts/states.tsx'
import { useWho, Who } from '../parts/who.tsx'
import { useSettings } from '../settings.tsx'
import { useWords } from '../words.tsx'
import { ModeEffect } from './mode-effect.tsx'

const MODES = ['observe', 'enforce', 'off'] as const satisfies readonly Mode[]
const REASON_LENGTH = 3

/** Effect before act: what the other mode would mean for the traffic of a day, and why it is wanted. */
export function ModeDialog({ status, onClose }: { readonly status: Status; onClose(): void }) {
  const words = useWords()
  const { format } = useSettings()
  const queries = useQueryClient()
  const summary = useQuery(summaryQuery('24h'))
  const [mode, setMode] = useState<Mode>(status.mode === 'observe' ? 'enforce' : 'observe')
  const [reason, setReason] = useState('')
  const [who, setWho] = useWho()
  const reasonId = useId()
  const change = useMutation({
    mutationFn: changeMode,
    onSuccess: (next) => {
      queries.setQueryData(statusQuery.queryKey, next)
      queries.invalidateQueries({ queryKey: ['summary'] })
      onClose()
    },
  })
  const ready =
    who !== '' && mode !== status.mode && Array.from(reason.trim()).length >= REASON_LENGTH && !change.isPending
  const onSubmit = (event: FormEvent) => {
    event.preventDefault()
    if (ready) change.mutate({ mode, reason: reason.trim(), by: who })
  }
  return (
    <Dialog title={words('mode.dialog.title')} onClose={onClose}>
      <div>
        <Who name={who} onName={setWho} />
      </div>
      <form onSubmit={onSubmit}>
        <div className="grid gap-4">
          <p className="text-ink-2">
            {words('mode.dialog.now', {
              mode: words(`mode.${status.mode}`),
              at: format.when(status.modeSinceMs),
              by: status.modeBy === 'configuration' ? words('mode.by.configuration') : status.modeBy,
            })}
          </p>
          <fieldset className="grid gap-1">
            <legend className="hide">{words('mode.choose')}</legend>
            {MODES.map((option) => (
              <label key={option} className="flex gap-2 items-baseline">
                <input type="radio" name="mode" checked={mode === option} onChange={() => setMode(option)} />
                <span>
                  <b>{words(`mode.${option}`)}</b> <span className="text-ink-2">{words(`mode.${option}.means`)}</span>
                </span>
              </label>
            ))}
          </fieldset>
          <section className="border-t border-line-2 pt-2" aria-live="polite">
            <h3>{words('mode.effect')}</h3>
            {mode === status.mode ? (
              <p>{words('mode.effect.same')}</p>
            ) : (
              <ModeEffect target={mode} summary={summary.data} error={summary.error} />
            )}
          </section>
          <div>
            <label htmlFor={reasonId} className="font-strong">
              {words('mode.reason')}
            </label>
            <textarea
              id={reasonId}
              data-focus
              rows={2}
              className="mt-1"
              required
              minLength={REASON_LENGTH}
              value={reason}
              onChange={(event) => setReason(event.target.value)}
            />
            <span className="note">{words('mode.reason.short')}</span>
          </div>
          {change.error === null ? null : <Failed error={change.error} />}
        </div>
        <footer>
          <button type="submit" className="btn primary" disabled={!ready}>
            {words(`mode.do.${mode}`)}
          </button>
          <button type="button" className="btn" onClick={onClose}>
            {words('dialog.cancel')}
          </button>
        </footer>
      </form>
    </Dialog>
  )
}
