import { Link } from '@tanstack/react-router'
import { COLLATERAL_WORDS } from '../../../core/briefs/collateral/html.ts'
import { count } from '../../../core/briefs/collateral/numbers.ts'
import type { CollateralReport } from '../../../core/safeguards/collateral/report.ts'
import { Act } from '../parts/act.tsx'
import { useWords } from '../words.tsx'

const MOST_ROWS = 100
const ORDER = ['newly_refused', 'newly_diverted', 'newly_freed', 'eased', 'marked'] as const

/** The very requests, worst first, each with a way to its decision. */
export function RequestsTable({ moved }: Pick<CollateralReport, 'moved'>) {
  const console = useWords()
  const words = COLLATERAL_WORDS[console.lang]
  const { column } = words
  const shown = ORDER.flatMap((name) => moved.filter(({ movement }) => movement === name)).slice(0, MOST_ROWS)
  if (shown.length === 0) return <p className="text-ink-2">{words.none}</p>
  return (
    <>
      <div className="scroll-x">
        <table className="t flush">
          <thead>
            <tr>
              <th scope="col">{column.request}</th>
              <th scope="col">{column.movement}</th>
              <th scope="col">{column.organisation}</th>
              <th scope="col">{column.category}</th>
            </tr>
          </thead>
          <tbody>
            {shown.map(({ id, before, after, org, category }) => (
              <tr key={id}>
                <td className="mono">
                  {id.startsWith('dec_') ? (
                    <Link to="/decisions/$id" params={{ id }}>
                      {id}
                    </Link>
                  ) : (
                    id
                  )}
                </td>
                <td>
                  <Act action={before} /> → <Act action={after} />
                </td>
                <td>{org}</td>
                <td>{category === null ? '–' : console.category(category)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <p className="caption">{words.shown(count(shown.length), count(moved.length))}</p>
    </>
  )
}
