import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useId, useState } from 'react'
import type { ReportDetail } from '../../report-contract.ts'
import { Dialog } from '../parts/dialog.tsx'
import { Failed } from '../parts/states.tsx'
import { useWho, Who } from '../parts/who.tsx'
import { useWords } from '../words.tsx'
import { actOn, type Offered } from './api.ts'

const REASON_LENGTH = 3

interface ActDialogProps {
  readonly detail: ReportDetail
  readonly act: Offered
  onClose(): void
}

/** Effect before act, and why it is wanted. */
export function ActDialog({ detail, act, onClose }: ActDialogProps) {
  const words = useWords()
  const queries = useQueryClient()
  const [who, setWho] = useWho()
  const [reason, setReason] = useState('')
  const reasonId = useId()
  const change = useMutation({
    mutationFn: () => actOn(detail.case.id, act, { by: who, reason: reason.trim() }),
    onSuccess: () => {
      void queries.invalidateQueries({ queryKey: ['reports'] })
      onClose()
    },
  })
  const ready = who !== '' && Array.from(reason.trim()).length >= REASON_LENGTH && !change.isPending
  const title = words(`jb.do.${act}`)
  const onSubmit = (event: FormEvent) => {
    event.preventDefault()
    if (ready) change.mutate()
  }
  const means =
    act === 'respond'
      ? words('jb.means.respond', { action: words(`jb.action.${detail.row.action}`) })
      : words(`jb.means.${act}`)
  return (
    <Dialog title={title} onClose={onClose}>
      <div>
        <Who name={who} onName={setWho} />
      </div>
      <form onSubmit={onSubmit}>
        <div className="grid gap-4">
          <p className="text-ink-2">{means}</p>
          <div>
            <label htmlFor={reasonId}>{words('jb.reason')}</label>
            <textarea
              id={reasonId}
              data-focus
              rows={2}
              maxLength={500}
              className="mt-1"
              value={reason}
              onChange={(event) => setReason(event.target.value.replaceAll(/[\r\n]/g, ' '))}
            />
            <p className="caption">{words('mode.reason.short')}</p>
          </div>
          {change.error === null ? null : <Failed error={change.error} />}
        </div>
        <footer>
          <button type="submit" className="btn primary" disabled={!ready}>
            {title.replace('…', '')}
          </button>
          <button type="button" className="btn" onClick={onClose}>
            {words('dialog.cancel')}
          </button>
        </footer>
      </form>
    </Dialog>
  )
}
