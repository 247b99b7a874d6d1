import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { DecisionRow } from '../../contract.ts'
import { decisionQuery } from '../api.ts'
import { stageName } from '../decision/names.ts'
import { Act, Would } from '../parts/act.tsx'
import { Blurred } from '../parts/blurred.tsx'
import { Facts, mono } from '../parts/facts.tsx'
import { MarkedText } from '../parts/marked-text.tsx'
import { useSettings } from '../settings.tsx'
import { useWords } from '../words.tsx'

/** The selected row beside the log: what, why, and the text behind a blur. */
export function SelectedPane({ row }: { readonly row: DecisionRow | null }) {
  const words = useWords()
  const { format } = useSettings()
  const { data: detail } = useQuery({ ...decisionQuery(row?.id ?? ''), enabled: row !== null })
  if (row === null) {
    return (
      <aside className="pane" aria-label={words('live.selected')}>
        <p className="text-ink-2">{words('live.select')}</p>
      </aside>
    )
  }
  return (
    <aside className="pane" aria-label={words('live.selected')}>
      <div className="flex items-center gap-2">
        <b>{words('live.selected')}</b>
        <span className="mono text-12 text-ink-3 trunc flex-1">{row.id}</span>
        <Link className="btn quiet text-12" to="/decisions/$id" params={{ id: row.id }}>
          {words('live.open')} <kbd>↵</kbd>
        </Link>
      </div>
      <p className="flex flex-wrap gap-2 items-center mt-2 mb-3">
        <Act action={row.action} box />
        <Would action={row.action} would={row.would} />
        {row.band === null ? null : <span className="chip">{words(`band.${row.band}`)}</span>}
      </p>
      <div className="text-12">
        <Facts
          rows={[
            [words('fact.reason'), row.reason === null ? null : mono(row.reason)],
            [words('field.category'), row.category === null ? null : words.category(row.category)],
            [words('fact.stage'), row.stage === null ? null : stageName(row.stage, words)],
            [words('fact.rule'), detail?.receipt.decision.rule == null ? null : mono(detail.receipt.decision.rule)],
            [
              words('fact.safeguard'),
              detail === undefined ? null : Object.values(detail.receipt.safeguards).join(', '),
            ],
            [words('fact.org'), row.org],
            [words('fact.session'), row.session === null ? null : mono(row.session)],
            [words('fact.total'), `${format.ms(row.totalUs)} ms`],
            [words('fact.degraded'), row.degraded.length === 0 ? null : row.degraded.join(', ')],
          ]}
        />
      </div>
      <div className="mt-3">
        {detail === undefined ? null : detail.content === null ? (
          <p className="note">{words('live.kept')}</p>
        ) : (
          <Blurred key={row.id} anywhere className="text-12">
            <MarkedText content={detail.content} />
          </Blurred>
        )}
      </div>
    </aside>
  )
}
