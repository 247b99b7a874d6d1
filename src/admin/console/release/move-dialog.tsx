import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useId, useState } from 'react'
import type { ReleaseDetail } from '../../release-contract.ts'
import { statusQuery } from '../api.ts'
import { Dialog } from '../parts/dialog.tsx'
import { Failed } from '../parts/states.tsx'
import { useWho, Who } from '../parts/who.tsx'
import { useWords } from '../words.tsx'
import { type MoveName, moveRelease } from './api.ts'

const REASON_LENGTH = 3

interface MoveDialogProps {
  readonly detail: ReleaseDetail
  readonly move: MoveName
  readonly title: string
  onClose(): void
}

/** Effect before act, and why it is wanted. A promotion on INCONCLUSIVE metrics is taken on by hand. */
export function MoveDialog({ detail, move, title, onClose }: MoveDialogProps) {
  const words = useWords()
  const queries = useQueryClient()
  const [reason, setReason] = useState('')
  const [accept, setAccept] = useState(false)
  const [who, setWho] = useWho()
  const reasonId = useId()
  const { stage } = detail.row.state
  const moving = move === 'promote' && (stage === 'shadow' || stage === 'canary')
  const asksAccept = moving && Object.values(detail.guard).some(({ outcome }) => outcome === 'inconclusive')
  const change = useMutation({
    mutationFn: () =>
      moveRelease(detail.row.id, move, {
        ...{ by: who, reason: reason.trim() },
        ...(asksAccept ? { acceptInconclusive: accept } : {}),
      }),
    onSuccess: () => {
      void queries.invalidateQueries({ queryKey: ['releases'] })
      void queries.invalidateQueries({ queryKey: statusQuery.queryKey })
      onClose()
    },
  })
  const ready = who !== '' && Array.from(reason.trim()).length >= REASON_LENGTH && !change.isPending
  const onSubmit = (event: FormEvent) => {
    event.preventDefault()
    if (ready) change.mutate()
  }
  return (
    <Dialog title={title} onClose={onClose}>
      <div>
        <Who name={who} onName={setWho} />
      </div>
      <form onSubmit={onSubmit}>
        <div className="grid gap-4">
          <p className="text-ink-2">{words(`do.${move}.means`)}</p>
          {asksAccept ? (
            <label className="flex gap-2 items-baseline">
              <input type="checkbox" checked={accept} onChange={(event) => setAccept(event.target.checked)} />
              <span>{words('do.accept')}</span>
            </label>
          ) : null}
          <div>
            <label htmlFor={reasonId}>{words('mode.reason')}</label>
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
            {title}
          </button>
          <button type="button" className="btn" onClick={onClose}>
            {words('dialog.cancel')}
          </button>
        </footer>
      </form>
    </Dialog>
  )
}
