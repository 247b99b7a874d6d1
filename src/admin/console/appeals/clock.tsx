import type { AppealView } from '../../contract.ts'
import { useWords } from '../words.tsx'

/** What is left of an appeal's clock, or how late it is; nothing once it is closed. */
export function AppealClock({ appeal, nowMs }: { readonly appeal: AppealView; readonly nowMs: number }) {
  const words = useWords()
  if (appeal.state !== 'open' && appeal.state !== 'in_review') return null
  const minutes = Math.floor(Math.abs(appeal.respondByMs - nowMs) / 60_000)
  const time = `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, '0')}`
  if (!appeal.overdue) return <span className="num">{words('appeal.left', { time })}</span>
  return (
    <span className="verdict fail flex-wrap gap-y-0!">
      <span className="num">{words('appeal.overdue')}</span>{' '}
      <span className="num">{words('appeal.late', { time })}</span>
    </span>
  )
}
