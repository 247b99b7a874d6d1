import { type ReactNode, useEffect, useState } from 'react'
import { ApiFault } from '../api.ts'
import { useWords } from '../words.tsx'
import { Mark } from './mark.tsx'

const LONG_MS = 2000

/** Rows keep their height, so that nothing jumps when they arrive. */
export function Loading({ rows = 6 }: { readonly rows?: number }) {
  const words = useWords()
  const [long, setLong] = useState(false)
  useEffect(() => {
    const timer = setTimeout(() => setLong(true), LONG_MS)
    return () => clearTimeout(timer)
  }, [])
  return (
    <div role="status">
      <span className={long ? 'caption' : 'hide'}>{words(long ? 'loading.long' : 'loading')}</span>
      {Array.from({ length: rows }, (_, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: placeholders have no identity
        <div key={i} className="flex items-center gap-4 h-8 border-b border-line">
          <div className="skeleton w-3" />
          <div className="skeleton" style={{ width: `${54 + ((i * 23) % 30)}%` }} />
        </div>
      ))}
    </div>
  )
}

export function Empty({ title, children }: { readonly title: string; readonly children?: ReactNode }) {
  return (
    <div className="state">
      <b>{title}</b>
      {children}
    </div>
  )
}

/** What failed, what goes on, and what to do. */
export function Failed({ error, onRetry }: { readonly error: unknown; onRetry?(): void }) {
  const words = useWords()
  const fault = error instanceof ApiFault && error.status !== 0 ? error : null
  return (
    <div className="note-bar k-refuse" role="alert">
      <span className="verdict fail">
        <Mark name="fail" />
        {fault === null ? words('error.unreachable') : fault.code}
      </span>
      <span>{fault === null ? words('error.unreachable.next') : `${fault.message}. ${fault.next}`}</span>
      {onRetry === undefined ? null : (
        <button type="button" className="btn quiet ml-auto" onClick={() => onRetry()}>
          {words('error.retry')}
        </button>
      )}
    </div>
  )
}
