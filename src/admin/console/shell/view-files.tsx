import { useLocation } from '@tanstack/react-router'
import { fileOf, viewOf } from '../../views.ts'
import { useWords } from '../words.tsx'

/** At the end of every page: what it shows as JSON, and its table as CSV, with the filters of the address. */
export function ViewFiles() {
  const words = useWords()
  const { path, search } = useLocation({ select: ({ pathname, searchStr }) => ({ path: pathname, search: searchStr }) })
  const view = viewOf(path)
  if (view === null || view.api === null) return null
  // An item of the queue is one object, and no table.
  const table = view.rows !== null && !new URLSearchParams(search).has('item')
  return (
    <p className="files">
      <span>{words('files')}</span>
      <a href={`${fileOf(path, 'json')}${search}`}>JSON</a>
      {table ? <a href={`${fileOf(path, 'csv')}${search}`}>CSV</a> : null}
    </p>
  )
}
