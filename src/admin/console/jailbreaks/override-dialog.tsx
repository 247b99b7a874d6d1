import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useId } from 'react'
import { RESPONSES } from '../../../core/jailbreaks/severity/response-table.ts'
import type { ReportDetail } from '../../report-contract.ts'
import { Dialog } from '../parts/dialog.tsx'
import { useWho, Who } from '../parts/who.tsx'
import { useWords } from '../words.tsx'
import { draftOverride, peopleQuery } from './api.ts'
import { OverrideFault } from './override-fault.tsx'

const MOST_HOURS = 720

/** Drafts an override. Nothing of it is in force before both people have signed its text. */
export function OverrideDialog({ detail, onClose }: { readonly detail: ReportDetail; onClose(): void }) {
  const words = useWords()
  const queries = useQueryClient()
  const [who, setWho] = useWho()
  const { data } = useQuery(peopleQuery)
  const id = useId()
  const draft = useMutation({
    mutationFn: (form: FormData) => {
      const text = (name: string) => String(form.get(name) ?? '').trim()
      return draftOverride(detail.case.id, {
        ...{ action: text('action'), hours: Number(text('hours')), people: [text('first'), text('second')] },
        ...{ reason: text('reason').replaceAll(/[\r\n]/g, ' '), by: who },
      })
    },
    onSuccess: () => {
      void queries.invalidateQueries({ queryKey: ['reports'] })
      onClose()
    },
  })
  const now = detail.nowMs
  const able = (data?.items ?? []).filter(({ keys }) =>
    keys.some(({ fromMs, untilMs }) => fromMs <= now && now < untilMs),
  )
  const onSubmit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    draft.mutate(new FormData(event.currentTarget))
  }
  return (
    <Dialog title={words('jb.override.draft')} onClose={onClose}>
      <div>
        <Who name={who} onName={setWho} />
      </div>
      <form onSubmit={onSubmit}>
        <div className="grid gap-4">
          <p className="text-ink-2">{words('jb.override.means')}</p>
          {data !== undefined && able.length < 2 ? (
            <p className="note-bar">{words('jb.override.nobody')}</p>
          ) : (
            <>
              <div>
                <label htmlFor={`${id}action`}>{words('jb.override.action')}</label>
                <select id={`${id}action`} name="action" className="field" data-focus>
                  {RESPONSES.filter((one) => one !== detail.prescription.action && one !== 'mandatory_route').map(
                    (one) => (
                      <option key={one} value={one}>
                        {words(`jb.action.${one}`)}
                      </option>
                    ),
                  )}
                </select>
              </div>
              <div>
                <label htmlFor={`${id}hours`}>{words('jb.override.hours')}</label>
                <input
                  id={`${id}hours`}
                  name="hours"
                  type="number"
                  className="field"
                  min={1}
                  max={MOST_HOURS}
                  defaultValue={24}
                  required
                />
              </div>
              {(['first', 'second'] as const).map((name, i) => (
                <div key={name}>
                  <label htmlFor={`${id}${name}`}>{words(`jb.override.${name}`)}</label>
                  <select id={`${id}${name}`} name={name} className="field" defaultValue={able[i]?.id}>
                    {able.map((person) => (
                      <option key={person.id} value={person.id}>
                        {person.name}
                      </option>
                    ))}
                  </select>
                </div>
              ))}
              <div>
                <label htmlFor={`${id}reason`}>{words('jb.override.reason')}</label>
                <textarea id={`${id}reason`} name="reason" rows={2} minLength={10} maxLength={1000} required />
              </div>
            </>
          )}
          {draft.error === null ? null : <OverrideFault error={draft.error} />}
        </div>
        <footer>
          <button type="submit" className="btn primary" disabled={who === '' || able.length < 2 || draft.isPending}>
            {words('jb.override.draft.do')}
          </button>
          <button type="button" className="btn" onClick={onClose}>
            {words('dialog.cancel')}
          </button>
        </footer>
      </form>
    </Dialog>
  )
}
