import type { ReviewRow } from '../../contract.ts'
import { Mark } from '../parts/mark.tsx'
import { useSettings } from '../settings.tsx'
import { useWords } from '../words.tsx'

interface QueueProps {
  readonly rows: readonly ReviewRow[]
  readonly selected: string | null
  onSelect(id: string): void
}

/** What waits, the most pressing first: cause, source and how pressing. Blind items say nothing but their age. */
export function Queue({ rows, selected, onSelect }: QueueProps) {
  const words = useWords()
  const { format } = useSettings()
  const most = Math.max(...rows.map(({ priority }) => priority ?? 0), 0.01)
  return (
    <nav className="queue" aria-label={words('review.queue')}>
      <ul>
        {rows.map((row) => (
          <li key={row.id}>
            <button
              type="button"
              data-item={row.id}
              aria-current={row.id === selected}
              onClick={() => onSelect(row.id)}
            >
              {row.decision === null ? (
                <Mark name="inconclusive" />
              ) : (
                <span className={`act k-${row.decision.would}`}>
                  <Mark name={row.decision.would} />
                  <span className="hide">{words.action(row.decision.would)}</span>
                </span>
              )}
              <span className="trunc font-strong">
                {row.decision === null ? words('review.blind') : (words.cause(row.decision) ?? row.id)}
              </span>
              <span className="num text-12 text-ink-3">{format.minute(row.atMs)}</span>
              <span className="second flex gap-2 text-12 text-ink-3">
                <span className="trunc flex-1">
                  {words.list(
                    row.source === null ? '' : words(`source.${row.source as 'acted'}`),
                    row.alike > 1 ? words('review.alike', { n: format.count(row.alike) }) : '',
                  )}
                </span>
                {row.priority === null ? null : (
                  <span className="weight" aria-hidden="true">
                    <i style={{ width: `${(row.priority / most) * 100}%` }} />
                  </span>
                )}
              </span>
            </button>
          </li>
        ))}
      </ul>
    </nav>
  )
}
