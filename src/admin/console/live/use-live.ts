import { useInfiniteQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect, useMemo, useRef, useState } from 'react'
import type { DecisionRow } from '../../contract.ts'
import { fetchPage } from '../api.ts'
import { type Filters, matches, paramsOf } from './filters.ts'
import { type Stream, useStream } from './use-stream.ts'

const PAGE = 100
const KEPT = 500
const FLUSH_MS = 200
const REFETCH_MS = 2000

export interface Live {
  readonly rows: readonly DecisionRow[]
  readonly total: number
  readonly stream: Stream
  /** Rows that arrived since the pause. */
  readonly held: number
  readonly loading: boolean
  readonly error: Error | null
  readonly older: (() => void) | null
  retry(): void
}

/** The newest decisions that match: a page of history, and what the stream brings on top of it. */
export function useLive(filters: Filters, paused: boolean): Live {
  const queries = useQueryClient()
  const key = paramsOf(filters).toString()
  const queryKey = ['decisions', key]
  const history = useInfiniteQuery({
    queryKey,
    queryFn: ({ pageParam }) => {
      const search = paramsOf(filters)
      search.set('limit', String(PAGE))
      if (pageParam !== null) search.set('cursor', pageParam)
      return fetchPage(search)
    },
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
  })

  const [fresh, setFresh] = useState<{ readonly key: string; readonly rows: readonly DecisionRow[] }>({ key, rows: [] })
  const [held, setHeld] = useState(0)
  const waiting = useRef<DecisionRow[]>([])
  const timer = useRef<ReturnType<typeof setTimeout> | null>(null)
  const now = { key, filters, paused }
  const latest = useRef(now)
  useEffect(() => {
    latest.current = now
  })

  const refetch = () => void queries.invalidateQueries({ queryKey: ['decisions', latest.current.key] })
  const flush = () => {
    timer.current = null
    const { key, filters, paused } = latest.current
    if (paused) return setHeld(waiting.current.length)
    const rows = waiting.current.filter((row) => matches(row, filters)).reverse()
    waiting.current = []
    setHeld(0)
    if (filters.q !== undefined && rows.length > 0) return refetch()
    setFresh((old) => ({ key, rows: [...rows, ...(old.key === key ? old.rows : [])].slice(0, KEPT) }))
  }
  const stream = useStream((row) => {
    waiting.current.push(row)
    if (waiting.current.length > KEPT) waiting.current.shift()
    timer.current ??= setTimeout(flush, latest.current.filters.q === undefined ? FLUSH_MS : REFETCH_MS)
  }, refetch)

  // biome-ignore lint/correctness/useExhaustiveDependencies: only the end of a pause releases what was held
  useEffect(() => {
    if (!paused && waiting.current.length > 0) flush()
  }, [paused])

  const pages = history.data?.pages
  return useMemo(() => {
    const rows = new Map<string, DecisionRow>()
    const stored = pages?.flatMap((page) => page.items) ?? []
    const known = new Set(stored.map((row) => row.id))
    const news = fresh.key === key ? fresh.rows : []
    for (const row of [...news, ...stored]) if (!rows.has(row.id)) rows.set(row.id, row)
    return {
      rows: [...rows.values()].sort((a, b) => b.atMs - a.atMs || (a.id < b.id ? 1 : -1)),
      total: (pages?.[0]?.total ?? 0) + news.filter((row) => !known.has(row.id)).length,
      stream,
      held,
      loading: history.isPending,
      error: history.error,
      older: history.hasNextPage && !history.isFetching ? () => void history.fetchNextPage() : null,
      retry: () => void history.refetch(),
    }
  }, [pages, fresh, key, stream, held, history])
}
