import { useNavigate } from '@tanstack/react-router'
import { type FormEvent, useEffect, useState } from 'react'
import { ENTRY_KINDS, type EntryKind, isEntryKind } from '../../../core/record/entry-kinds.ts'
import { useWords } from '../words.tsx'
import type { RecordSearch } from './search.ts'

const KINDS = Object.keys(ENTRY_KINDS) as EntryKind[]

/** Kind and text; both stand in the address. */
export function RecordFilter({ search }: { readonly search: RecordSearch }) {
  const words = useWords()
  const navigate = useNavigate()
  const [typed, setTyped] = useState(search.q ?? '')
  useEffect(() => setTyped(search.q ?? ''), [search.q])
  const go = (kind: string, q: string) =>
    void navigate({
      to: '/record',
      search: { ...(isEntryKind(kind) ? { kind } : {}), ...(q.trim() === '' ? {} : { q: q.trim() }) },
    })
  const onSubmit = (event: FormEvent) => {
    event.preventDefault()
    go(search.kind ?? '', typed)
  }
  return (
    <search>
      <form className="filter" onSubmit={onSubmit}>
        <select
          className="field"
          aria-label={words('record.kind')}
          value={search.kind ?? ''}
          onChange={(event) => go(event.target.value, typed)}
        >
          <option value="">{words('record.kind.all')}</option>
          {KINDS.map((kind) => (
            <option key={kind} value={kind}>
              {words(`record.kind.${kind}`)}
            </option>
          ))}
        </select>
        <input
          value={typed}
          aria-label={words('record.search')}
          placeholder={words('record.search')}
          autoComplete="off"
          spellCheck={false}
          onChange={(event) => setTyped(event.target.value)}
        />
        <button type="submit" className="btn">
          {words('record.find')}
        </button>
        {search.kind === undefined && search.q === undefined ? null : (
          <button type="button" className="btn quiet" onClick={() => go('', '')}>
            {words('record.clear')}
          </button>
        )}
      </form>
    </search>
  )
}
