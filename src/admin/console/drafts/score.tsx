import { Link } from '@tanstack/react-router'
import type { DraftCount, DraftScore } from '../../../jobs/draft-corpus.ts'
import { digitsOf } from '../format.ts'
import { Section } from '../parts/section.tsx'
import { useSettings } from '../settings.tsx'
import { segmentName } from '../usefulness/rows-table.tsx'
import { useWords } from '../words.tsx'

const MOST_LISTED = 20
/** What a narrow screen has room for. */
const NARROW: ReadonlySet<string> = new Set(['hits', 'refused', 'diverted'])

/** What a draft would hit: by task, by organisation, and the exchanges themselves. */
export function ScoreView({ score }: { readonly score: DraftScore }) {
  const words = useWords()
  const { format } = useSettings()
  const { share, exchanges, kept, complete, tookMs, changed } = score
  const listed = changed.slice(0, MOST_LISTED)
  return (
    <>
      <p className="caption" role="status">
        {words.join(
          complete
            ? words('draft.complete', { n: format.count(exchanges), ms: format.count(Math.round(tookMs)) })
            : words('draft.sample', { n: format.count(exchanges), kept: format.count(kept) }),
          share === null
            ? ''
            : words('draft.share', {
                share: format.percent(share.value, 2),
                range: format.range(share.lo, share.hi, digitsOf(share)),
              }),
        )}
      </p>
      <Section title={words('draft.by.segment')}>
        <Counts rows={score.bySegment} nameOf={(name) => segmentName(name, words)} />
      </Section>
      <Section title={words('draft.by.org')}>
        <Counts rows={score.byOrg} nameOf={(name) => name} />
      </Section>
      {listed.length === 0 ? null : (
        <Section title={words('draft.list')} note={words('draft.list.note', { n: String(listed.length) })}>
          <ul className="flex flex-wrap gap-x-4 gap-y-1">
            {listed.map((id) => (
              <li key={id}>
                <Link className="mono text-12" to="/decisions/$id" params={{ id }}>
                  {id}
                </Link>
              </li>
            ))}
          </ul>
        </Section>
      )}
    </>
  )
}

function Counts({ rows, nameOf }: { readonly rows: readonly DraftCount[]; nameOf(name: string): string }) {
  const words = useWords()
  const { format } = useSettings()
  const columns = ['exchanges', 'hits', 'refused', 'diverted', 'freed'] as const
  const figures = (row: DraftCount) => [row.exchanges, row.hits, row.newlyRefused, row.newlyDiverted, row.newlyFreed]
  return (
    <table className="t flush wraps">
      <thead>
        <tr>
          <th scope="col">{words('draft.name')}</th>
          {columns.map((column) => (
            <th key={column} scope="col" className={NARROW.has(column) ? 'r' : 'r max-p2:hidden'}>
              {words(`draft.${column}`)}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={row.name}>
            <td>{nameOf(row.name)}</td>
            {figures(row).map((n, i) => (
              <td key={columns[i]} className={NARROW.has(columns[i]!) ? 'r num' : 'r num max-p2:hidden!'}>
                {format.count(n)}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  )
}
