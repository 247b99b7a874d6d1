import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { useEffect, useRef, useState } from 'react'
import { REVIEW_LABELS, type ReviewLabel } from '../../../core/safeguards/review-label.ts'
import type { Labelled } from '../../contract.ts'
import {
  ApiFault,
  clusterQuery,
  labelItem,
  nextItem,
  releaseItem,
  reviewItemQuery,
  reviewQuery,
  takeItem,
  undoLabel,
} from '../api.ts'
import { Empty, Failed, Loading, Missing } from '../parts/states.tsx'
import { useWho, Who } from '../parts/who.tsx'
import { BulkDialog, Cluster } from '../review/cluster.tsx'
import { Item } from '../review/item.tsx'
import { LabelForm } from '../review/label-form.tsx'
import { Queue } from '../review/queue.tsx'
import { Side } from '../review/side.tsx'
import { useSettings } from '../settings.tsx'
import { useKeys } from '../shell/use-keys.ts'
import { useTitle } from '../use-title.ts'
import { useWords } from '../words.tsx'

const UNDO_MS = 10_000

/** Keyboard first: J and K move, digits label, U undoes, B labels the cluster, Space shows the text while held. */
export function ReviewPage({ item }: { readonly item: string | null }) {
  const words = useWords()
  const { format } = useSettings()
  const queries = useQueryClient()
  const navigate = useNavigate()
  const [by, setBy] = useWho()
  const [reason, setReason] = useState('')
  const [wanted, setWanted] = useState<ReviewLabel | null>(null)
  const [chosen, setChosen] = useState<{ readonly item: string; readonly category: string } | null>(null)
  const [last, setLast] = useState<(Labelled & { readonly label: ReviewLabel }) | null>(null)
  const [bulk, setBulk] = useState(false)
  const reasonRef = useRef<HTMLInputElement>(null)
  const { data: list, error, refetch } = useQuery(reviewQuery(by))
  useTitle(words('nav.review'))

  const rows = list?.items ?? []
  const id = item ?? rows[0]?.id ?? null
  const { data: detail, error: unseen } = useQuery({ ...reviewItemQuery(id ?? '', by), enabled: id !== null })
  const cluster = useQuery({ ...clusterQuery(detail?.row.cluster ?? '', by), enabled: detail !== undefined }).data
  const category = chosen !== null && chosen.item === id ? chosen.category : (detail?.row.category ?? 'none')

  // Whoever looks at an item has it in hand; whoever leaves it gives it back.
  useEffect(() => {
    if (id === null || by === '') return
    let here = true
    takeItem(id, by)
      .then((taken) => {
        if (!here) return
        const { queryKey } = reviewItemQuery(id, by)
        queries.setQueryData(queryKey, taken)
        // A look that began before it was taken may come back after it, and would say that nobody has it.
        void queries.invalidateQueries({ queryKey })
      })
      .catch(() => {
        // In somebody else's hand: the page says in whose.
        if (here) void queries.invalidateQueries({ queryKey: ['review-item', id] })
      })
    return () => {
      here = false
      releaseItem(id, by).catch(() => undefined)
    }
  }, [id, by, queries])

  const select = (next: string) => {
    setWanted(null)
    void navigate({ to: '/review', search: { item: next } })
  }
  const refresh = () =>
    Promise.all(
      ['review', 'review-item', 'review-cluster', 'agreement'].map((key) =>
        queries.invalidateQueries({ queryKey: [key] }),
      ),
    )
  const next = useMutation({
    mutationFn: () => nextItem(by),
    onSuccess: ({ item: found }) => {
      if (found !== null) select(found.row.id)
      else void navigate({ to: '/review', search: {} })
    },
  })
  const label = useMutation({
    mutationFn: async (word: ReviewLabel) => {
      const done = await labelItem(id!, {
        ...{ by, label: word, reason: reason.trim() },
        ...(category === 'none' ? {} : { category }),
      })
      return { ...done, label: word }
    },
    onSuccess: async (done) => {
      setWanted(null)
      setLast(done)
      reasonRef.current?.blur()
      next.mutate()
      await refresh()
    },
  })
  const undo = useMutation({
    mutationFn: (done: Labelled) => undoLabel(done.undo, by),
    onSuccess: async (_, done) => {
      setLast(null)
      await refresh()
      select(done.item)
    },
  })
  useEffect(() => {
    if (last === null) return
    const timer = setTimeout(() => setLast(null), UNDO_MS)
    return () => clearTimeout(timer)
  }, [last])

  const mine = detail !== undefined && detail.row.id === id && detail.row.holder === by && by !== ''
  const say = (word: ReviewLabel) => {
    if (!mine || label.isPending) return
    if (Array.from(reason.trim()).length >= 3) return label.mutate(word)
    setWanted(word)
    reasonRef.current?.focus()
  }
  const move = (step: 1 | -1) => {
    const at = rows.findIndex((row) => row.id === id)
    const to = rows[Math.min(rows.length - 1, Math.max(0, at + step))]
    if (to !== undefined) select(to.id)
  }
  const openBulk = () => {
    if (cluster !== undefined && cluster.waiting > 1 && by !== '') setBulk(true)
  }
  useKeys({
    j: () => move(1),
    k: () => move(-1),
    n: () => by !== '' && next.mutate(),
    u: () => last !== null && undo.mutate(last),
    b: openBulk,
    ...Object.fromEntries(REVIEW_LABELS.map((word, i) => [String(i + 1), () => say(word)])),
  })

  if (list === undefined)
    return error === null ? <Loading rows={10} /> : <Failed error={error} onRetry={() => void refetch()} />
  const fault = label.error ?? undo.error ?? next.error
  return (
    <>
      <div className="page-head">
        <div>
          <h1>{list.open === 0 ? words('review.h1.none') : words('review.h1', { n: format.count(list.open) })}</h1>
          <p className="lede">
            {words.list(
              words('review.order'),
              list.oldestAtMs === null ? '' : words('review.oldest', { at: format.when(list.oldestAtMs) }),
            )}
          </p>
        </div>
        <div className="tools">{by === '' ? null : <Who name={by} onName={setBy} />}</div>
      </div>
      {by === '' ? <Who name={by} onName={setBy} /> : null}
      {fault === null ? null : <Failed error={fault} />}
      {last === null ? null : (
        <p className="toast mb-3" role="status">
          {words('review.done', { label: words(`review.label.${last.label}`) })}
          <button type="button" onClick={() => undo.mutate(last)}>
            {words('review.undo')} <kbd>U</kbd>
          </button>
        </p>
      )}
      {id === null ? (
        <Empty title={words('review.h1.none')}>
          <p className="text-ink-2">{words('review.none')}</p>
        </Empty>
      ) : (
        <div className="review">
          <Queue rows={rows} selected={id} onSelect={select} />
          {detail === undefined ? (
            <NoItem id={id} error={unseen} />
          ) : (
            <Item detail={detail} by={by}>
              <LabelForm
                {...{ reason, category, wanted, reasonRef }}
                disabled={!mine || label.isPending}
                onReason={setReason}
                onCategory={(next) => setChosen({ item: id, category: next })}
                onLabel={say}
              />
              <p className="mt-3">
                <button type="button" className="btn" disabled={by === ''} onClick={() => next.mutate()}>
                  {words('review.next')} <kbd>N</kbd>
                </button>
              </p>
              <Cluster id={detail.row.cluster} by={by} onBulk={openBulk} />
            </Item>
          )}
          <Side by={by} />
        </div>
      )}
      {bulk && cluster !== undefined ? (
        <BulkDialog
          {...{ cluster, by, reason, category }}
          onClose={() => setBulk(false)}
          onDone={() => {
            setBulk(false)
            void refresh()
            next.mutate()
          }}
        />
      ) : null}
    </>
  )
}

/** Counts until the item is here, or says why it never will be. */
function NoItem({ id, error }: { readonly id: string; readonly error: Error | null }) {
  const words = useWords()
  if (error === null) return <Loading rows={6} />
  if (!(error instanceof ApiFault) || error.status !== 404) return <Failed error={error} />
  return (
    <Missing title={words('missing.review', { id })} text={words('missing.review.text')}>
      <Link to="/review" search={{}}>
        {words('missing.review.back')}
      </Link>
    </Missing>
  )
}
