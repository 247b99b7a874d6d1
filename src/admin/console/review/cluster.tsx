import { useMutation, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { REVIEW_LABELS, type ReviewLabel } from '../../../core/safeguards/review-label.ts'
import type { ClusterDetail } from '../../contract.ts'
import { clusterQuery, labelCluster } from '../api.ts'
import { Dialog } from '../parts/dialog.tsx'
import { Section } from '../parts/section.tsx'
import { Failed } from '../parts/states.tsx'
import { useSettings } from '../settings.tsx'
import { useWords } from '../words.tsx'

interface ClusterProps {
  readonly id: string
  readonly by: string
  onBulk(): void
}

/** What else has this pattern, and what was said of it. */
export function Cluster({ id, by, onBulk }: ClusterProps) {
  const words = useWords()
  const { format } = useSettings()
  const { data } = useQuery(clusterQuery(id, by))
  if (data === undefined) return null
  if (data.items < 2) return <p className="note mt-6">{words('review.cluster.one')}</p>
  return (
    <Section
      title={words('review.cluster', { n: format.count(data.items) })}
      note={words('review.cluster.note', { orgs: format.count(data.orgs), waiting: format.count(data.waiting) })}
    >
      <p className="flex flex-wrap items-center gap-2">
        {data.said
          .filter(({ n }) => n > 0)
          .map(({ label, n }) => (
            <span key={label} className="chip">
              {words(`review.label.${label as ReviewLabel}`)} <b>{format.count(n)}</b>
            </span>
          ))}
        {data.waiting < 2 ? null : (
          <button type="button" className="btn ml-auto" onClick={onBulk}>
            {words('review.cluster.all', { n: format.count(data.waiting) })} <kbd>B</kbd>
          </button>
        )}
      </p>
    </Section>
  )
}

interface BulkProps {
  readonly cluster: ClusterDetail
  readonly by: string
  readonly reason: string
  readonly category: string
  onClose(): void
  onDone(): void
}

/** Effect before act: how many get the label, and which; then one word for all of them. */
export function BulkDialog({ cluster, by, reason: first, category, onClose, onDone }: BulkProps) {
  const words = useWords()
  const { format } = useSettings()
  const [label, setLabel] = useState<ReviewLabel | null>(null)
  const [reason, setReason] = useState(first)
  const n = format.count(cluster.waiting)
  const send = useMutation({
    mutationFn: (chosen: ReviewLabel) =>
      labelCluster(cluster.id, {
        ...{ by, label: chosen, reason: reason.trim(), count: cluster.waiting },
        ...(category === 'none' ? {} : { category }),
      }),
    onSuccess: onDone,
  })
  const ready = label !== null && Array.from(reason.trim()).length >= 3 && !send.isPending
  return (
    <Dialog title={words('review.cluster.bulk', { n })} onClose={onClose}>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          if (ready) send.mutate(label)
        }}
      >
        <p className="text-ink-2">{words('review.cluster.effect', { n })}</p>
        <fieldset className="grid gap-1 my-3">
          <legend className="hide">{words('review.labels')}</legend>
          {REVIEW_LABELS.map((one) => (
            <label key={one} className="flex gap-2 items-baseline">
              <input type="radio" name="bulk" checked={label === one} onChange={() => setLabel(one)} />
              <span>{words(`review.label.${one}`)}</span>
            </label>
          ))}
        </fieldset>
        <label className="font-strong">
          {words('review.reason')}
          <textarea
            data-focus
            rows={2}
            className="mt-1"
            required
            value={reason}
            onChange={(event) => setReason(event.target.value)}
          />
        </label>
        {send.error === null ? null : <Failed error={send.error} />}
        <footer>
          <button type="submit" className="btn primary" disabled={!ready}>
            {words('review.cluster.do', { n })}
          </button>
          <button type="button" className="btn" onClick={onClose}>
            {words('dialog.cancel')}
          </button>
        </footer>
      </form>
    </Dialog>
  )
}
