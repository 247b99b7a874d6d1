import { type ReactNode, useEffect, useState } from 'react'
import type { FaultCode } from '../../fault-codes.ts'
import { ApiFault } from '../api.ts'
import { faultEn } from '../messages/fault-en.ts'
import { useWords, type Words } from '../words.tsx'
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

/** Nothing has this id or address: what may be the reason, and the way back. */
export function Missing({
  title,
  text,
  children,
}: {
  readonly title: string
  readonly text: string
  readonly children: ReactNode
}) {
  return (
    <Empty title={title}>
      <p className="text-ink-2">{text}</p>
      {children}
    </Empty>
  )
}

/** What failed, what goes on, and what to do. What the server said of it in its own words is behind a click. */
export function Failed({ error, onRetry }: { readonly error: unknown; onRetry?(): void }) {
  const words = useWords()
  const fault = error instanceof ApiFault && error.status !== 0 ? error : null
  const said = faultSaid(fault, words)
  return (
    <div className="note-bar k-refuse" role="alert">
      <span className="verdict fail">
        <Mark name="fail" />
        {said.what}
      </span>
      <span>{said.next}</span>
      {fault === null ? null : <WordForWord text={`${fault.code}: ${fault.message}; ${fault.next}`} />}
      {onRetry === undefined ? null : (
        <button type="button" className="btn quiet ml-auto" onClick={() => onRetry()}>
          {words('error.retry')}
        </button>
      )}
    </div>
  )
}

/** What the program said, in its own words, which are English: behind a click. */
export function WordForWord({ text }: { readonly text: string }) {
  const words = useWords()
  return (
    <details className="basis-full text-12 text-ink-3">
      <summary>{words('fault.details')}</summary>
      <span lang="en">{text}</span>
    </details>
  )
}

/** The sentence of a code, and its next step; null: nothing answered at all. */
function faultSaid(fault: ApiFault | null, words: Words): { readonly what: string; readonly next: string } {
  if (fault === null) return { what: words('error.unreachable'), next: words('error.unreachable.next') }
  const key = `fault.${fault.code}`
  return isFaultKey(key)
    ? { what: words(key), next: words(`${key}.next`) }
    : { what: words('fault.unknown', { code: fault.code }), next: words('fault.unknown.next') }
}

type FaultKey = `fault.${FaultCode}`

function isFaultKey(key: string): key is FaultKey {
  return Object.hasOwn(faultEn, key) && Object.hasOwn(faultEn, `${key}.next`) && key !== 'fault.unknown'
}
