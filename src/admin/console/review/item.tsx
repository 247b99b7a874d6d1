import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import type { ReviewDetail } from '../../contract.ts'
import { placeName } from '../decision/names.ts'
import { Act } from '../parts/act.tsx'
import { Blurred } from '../parts/blurred.tsx'
import { MarkedText } from '../parts/marked-text.tsx'
import { useWords } from '../words.tsx'

interface ItemProps {
  readonly detail: ReviewDetail
  readonly by: string
  /** Labels and what stands below them. */
  readonly children: ReactNode
}

/** One exchange to judge: its text behind a blur, and, unless it is read blind, what was decided. */
export function Item({ detail, by, children }: ItemProps) {
  const words = useWords()
  const { row, content } = detail
  const { decision } = row
  return (
    <section aria-label={words('review.question')} className="min-w-0">
      <p className="flex flex-wrap items-center gap-x-3 text-12 text-ink-3">
        <span className="mono">{row.id}</span>
        {decision === null ? null : (
          <Link to="/decisions/$id" params={{ id: decision.id }}>
            {words('appeal.open')}
          </Link>
        )}
        {row.holder === null ? null : (
          <span className="chip">
            {row.holder === by ? words('review.mine') : words('review.held', { name: row.holder })}
          </span>
        )}
      </p>
      <h2 className="mt-1 mb-2">{words('review.question')}</h2>
      {content === null ? (
        <p className="note">{words('review.gone')}</p>
      ) : (
        <>
          <p className="note mb-1">{placeName(content, words)}</p>
          <Blurred key={row.id} anywhere>
            <MarkedText content={content} />
          </Blurred>
        </>
      )}
      <p className="flex flex-wrap items-center gap-2 mt-2">
        {decision === null ? (
          <span className="text-ink-2">{words('review.blind.means')}</span>
        ) : (
          <>
            <span className="text-ink-3">{words('review.said')}</span>
            <Act action={decision.would} box />
            {decision.band === null ? null : <span className="chip">{words(`band.${decision.band}`)}</span>}
            {decision.reason === null ? null : <span className="chip mono">{decision.reason}</span>}
            <span className="text-ink-3">{decision.org}</span>
          </>
        )}
      </p>
      {children}
    </section>
  )
}
