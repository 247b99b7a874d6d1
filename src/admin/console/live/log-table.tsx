import { Link } from '@tanstack/react-router'
import type { DecisionRow } from '../../contract.ts'
import { Act, Would } from '../parts/act.tsx'
import { useSettings } from '../settings.tsx'
import { useWords } from '../words.tsx'

interface LogTableProps {
  readonly rows: readonly DecisionRow[]
  readonly selected: string | null
  onSelect(row: DecisionRow): void
}

/** One line per decision; below 900 px the same rows become two lines of a grid, and keep their roles. */
export function LogTable({ rows, selected, onSelect }: LogTableProps) {
  const words = useWords()
  const { zone } = useSettings()
  return (
    // biome-ignore lint/a11y/noNoninteractiveElementToInteractiveRole: rows are selected with J and K
    <table className="t log" role="grid" aria-label={words('nav.live')}>
      <thead>
        <tr>
          <th scope="col">{words('live.time', { zone })}</th>
          <th scope="col">{words('field.action')}</th>
          <th scope="col">{words('live.models')}</th>
          <th scope="col">{words('field.category')}</th>
          <th scope="col">{words('field.surface')}</th>
          <th scope="col" className="max-p4:hidden">
            {words('field.org')}
          </th>
          <th scope="col" className="r">
            {words('live.ms')}
          </th>
          <th scope="col" className="r">
            {words('live.in')}
          </th>
          <th scope="col" className="r">
            {words('live.out')}
          </th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <Row key={row.id} row={row} selected={row.id === selected} onSelect={onSelect} />
        ))}
      </tbody>
    </table>
  )
}

interface RowProps {
  readonly row: DecisionRow
  readonly selected: boolean
  onSelect(row: DecisionRow): void
}

function Row({ row, selected, onSelect }: RowProps) {
  const words = useWords()
  const { format } = useSettings()
  const quiet = row.action === 'allow' && row.would === 'allow'
  const cause = words.cause(row)
  const tokens = (n: number | null) => (n === null ? '–' : format.count(n))
  return (
    <tr className={quiet ? 'quiet' : ''} data-id={row.id} aria-selected={selected} onClick={() => onSelect(row)}>
      <td className="at mono text-12 num">
        <Link to="/decisions/$id" params={{ id: row.id }}>
          {format.clock(row.atMs)}
        </Link>
      </td>
      <td className="action">
        <span className="inline-flex flex-wrap items-center gap-x-2">
          <Act action={row.action} />
          <Would action={row.action} would={row.would} />
        </span>
      </td>
      <td className="models mono text-12">
        {row.requestedModel}
        {row.servedModel === row.requestedModel ? null : (
          <>
            {' '}
            <span className="text-ink-3">→</span> <b>{row.servedModel ?? '–'}</b>
          </>
        )}
        {cause === null ? null : <span className="p2:hidden text-ink-3"> {cause}</span>}
      </td>
      <td className="text-12 max-p2:hidden!">{cause ?? <span className="text-ink-3">–</span>}</td>
      <td className="text-12 max-p2:hidden!">{row.surface}</td>
      <td className="text-12 max-p4:hidden!">{row.org}</td>
      <td className="r ms num">
        {format.ms(row.overheadUs)}
        <span className="p2:hidden">
          {' '}
          ms, {tokens(row.inputTokens)}/{tokens(row.outputTokens)}
        </span>
      </td>
      <td className="r max-p2:hidden!">{tokens(row.inputTokens)}</td>
      <td className="r max-p2:hidden!">{tokens(row.outputTokens)}</td>
    </tr>
  )
}
