import { Link } from '@tanstack/react-router'
import type { Entry } from '../../../core/record/entry.ts'
import { Act } from '../parts/act.tsx'
import { isAction } from '../parts/is-action.ts'
import { useSettings } from '../settings.tsx'
import { useWords } from '../words.tsx'
import type { CheckedEntry } from './check-entry.ts'
import { Verdict } from './checks.tsx'

/** Entries as they were read, each with what its own proof gave. */
export function EntryTable({ rows }: { readonly rows: readonly CheckedEntry[] }) {
  const words = useWords()
  return (
    <table className="t flush wraps entries">
      <thead>
        <tr>
          <th scope="col">{words('record.index')}</th>
          <th scope="col">{words('record.kind')}</th>
          <th scope="col">{words('record.about')}</th>
          <th scope="col">{words('record.who')}</th>
          <th scope="col">{words('record.at')}</th>
          <th scope="col">{words('record.result')}</th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <Row key={row.index} row={row} />
        ))}
      </tbody>
    </table>
  )
}

function Row({ row: { index, entry, fault } }: { readonly row: CheckedEntry }) {
  const words = useWords()
  const { format } = useSettings()
  return (
    <tr data-index={index} data-fault={fault ?? ''}>
      <td className="num">
        <Link to="/record/$index" params={{ index: String(index) }}>
          {format.count(index)}
        </Link>
      </td>
      <td>{entry === null ? '–' : words(`record.kind.${entry.k}`)}</td>
      <td className="about">
        {entry === null ? (
          '–'
        ) : (
          <>
            <span className="mono">{entry.about}</span> <Gist entry={entry} />
          </>
        )}
      </td>
      <td className="who text-ink-2">{entry?.who ?? '–'}</td>
      <td className="num text-ink-2">{entry === null ? '–' : format.stamp(Date.parse(entry.at))}</td>
      <td>
        <Verdict outcome={fault === null ? 'pass' : 'fail'} />
      </td>
    </tr>
  )
}

/** What was done, in the words of the entry itself. */
function Gist({ entry: { k, d } }: { readonly entry: Entry }) {
  const { action, move, from, to, code, result } = d
  if (k === 'decision' && typeof action === 'string' && isAction(action)) return <Act action={action} />
  const told = [move, from, to, code, result].filter((one) => typeof one === 'string')
  return told.length === 0 ? null : <span className="text-12 text-ink-3">{told.join(' → ')}</span>
}
