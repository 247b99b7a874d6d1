import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useEffect, useRef, useState } from 'react'
import type { DecisionRow } from '../../contract.ts'
import { statusQuery, summaryQuery } from '../api.ts'
import { FilterBar } from '../live/filter-bar.tsx'
import { type Filters, paramsOf } from '../live/filters.ts'
import { LiveHead } from '../live/live-head.tsx'
import { LogTable } from '../live/log-table.tsx'
import { NothingYet } from '../live/nothing-yet.tsx'
import { SelectedPane } from '../live/selected-pane.tsx'
import { useLive } from '../live/use-live.ts'
import { Failed, Loading } from '../parts/states.tsx'
import { Strip } from '../plots/strip.tsx'
import { Notices } from '../shell/notices.tsx'
import { useKeys } from '../shell/use-keys.ts'
import { useWords } from '../words.tsx'

/** One line per decision, as it is made. */
export function LivePage({ filters }: { readonly filters: Filters }) {
  const words = useWords()
  const navigate = useNavigate()
  const [pausedAtMs, setPausedAtMs] = useState<number | null>(null)
  const paused = pausedAtMs !== null
  const [chosen, setChosen] = useState<string | null>(null)
  const input = useRef<HTMLInputElement>(null)
  const { data: status } = useQuery(statusQuery)
  const { data: summary } = useQuery({ ...summaryQuery('15m'), enabled: !paused })
  const live = useLive(filters, paused)
  const { rows } = live
  const selected = rows.find((row) => row.id === chosen) ?? null

  useEffect(() => {
    const first = rows.find((row) => row.would !== 'allow') ?? rows[0]
    if (selected === null && first !== undefined) setChosen(first.id)
  }, [rows, selected])

  const open = (id: string) => void navigate({ to: '/decisions/$id', params: { id } })
  const move = (step: 1 | -1) => {
    const at = rows.findIndex((row) => row.id === chosen)
    const next = rows[Math.min(rows.length - 1, Math.max(0, at + step))]
    if (next === undefined) return
    setChosen(next.id)
    requestAnimationFrame(() => document.querySelector(`[data-id="${next.id}"]`)?.scrollIntoView({ block: 'nearest' }))
  }
  const togglePause = () => setPausedAtMs(paused ? null : (summary?.untilMs ?? status?.nowMs ?? Date.now()))
  useKeys({
    j: () => move(1),
    k: () => move(-1),
    p: togglePause,
    '/': () => input.current?.focus(),
    Enter: () => selected !== null && open(selected.id),
  })
  const onSelect = (row: DecisionRow) => {
    setChosen(row.id)
    // Without room for the pane, a tap on a row opens it.
    if (matchMedia('(width < 1181px)').matches) open(row.id)
  }
  const anyFilter = Object.keys(filters).length > 0
  return (
    <>
      <LiveHead
        summary={summary}
        mode={status?.mode}
        pausedAtMs={pausedAtMs}
        held={live.held}
        exportPath={`/api/decisions.jsonl?${paramsOf(filters)}`}
        onPause={togglePause}
      />
      <Notices observe={false} />
      {live.stream === 'lost' ? (
        <div className="note-bar k-flag" role="status">
          <b>{words('live.reconnecting')}</b>
          <span>{words('live.reconnecting.text')}</span>
        </div>
      ) : null}
      {summary === undefined || summary.requests === 0 ? null : <Strip summary={summary} />}
      <FilterBar
        filters={filters}
        shown={rows.length}
        total={live.total}
        input={input}
        onChange={(search) => void navigate({ to: '/live', search })}
      />
      {live.error !== null ? <Failed error={live.error} onRetry={live.retry} /> : null}
      {live.loading ? (
        <Loading rows={12} />
      ) : rows.length === 0 ? (
        <NothingYet filtered={anyFilter} status={status} />
      ) : (
        <div className="beside">
          <div className="min-w-0">
            <LogTable rows={rows} selected={chosen} onSelect={onSelect} />
            {live.older === null ? null : (
              <button type="button" className="btn mt-3" onClick={live.older}>
                {words('live.older')}
              </button>
            )}
          </div>
          <SelectedPane row={selected} />
        </div>
      )}
    </>
  )
}
