import { useQuery } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { statusQuery, summaryQuery } from '../api.ts'
import { useSettings } from '../settings.tsx'
import { type PlainKey, useWords } from '../words.tsx'

const REVIEW_KEYS: readonly (readonly [keys: string, does: PlainKey])[] = [
  ['J K', 'status.move'],
  ['1 – 4', 'status.label'],
  ['Space', 'status.reveal'],
  ['B', 'status.cluster'],
  ['N', 'status.next'],
  ['U', 'status.undo'],
]

const LIVE_KEYS: readonly (readonly [keys: string, does: PlainKey])[] = [
  ['J K', 'status.move'],
  ['↵', 'status.open'],
  ['Space', 'status.reveal'],
  ['P', 'status.pause'],
  ['/', 'status.filter'],
  ['?', 'status.keys'],
]

/** The keys that work here, how far the record is behind, what Sluice adds, and the server's clock. */
export function StatusLine({ page }: { readonly page: 'live' | 'review' | null }) {
  const words = useWords()
  const { format } = useSettings()
  const { data: status } = useQuery(statusQuery)
  const { data: summary } = useQuery(summaryQuery('24h'))
  const p99 = summary?.overhead.p99Us ?? null
  return (
    <footer className="status">
      {page !== null ? (
        (page === 'live' ? LIVE_KEYS : REVIEW_KEYS).map(([keys, does]) => (
          <span key={does} className={does === 'status.keys' || does === 'status.reveal' ? 'max-p3:hidden' : ''}>
            <Keys text={keys} /> {words(does)}
          </span>
        ))
      ) : (
        <>
          <span>
            <Keys text="G" /> {words('status.then')} <Keys text="H" /> {words('status.home')} <Keys text="L" />{' '}
            {words('status.live')}
          </span>
          <span>
            <Keys text="?" /> {words('status.keys')}
          </span>
        </>
      )}
      <span className="ml-auto">
        {status === undefined ? null : (
          <>
            <b>{words('status.record')}</b>{' '}
            {status.spoolLagBytes === 0
              ? words('status.lag.none')
              : words('status.lag', { size: format.bytes(status.spoolLagBytes) })}
          </>
        )}
      </span>
      {p99 === null ? null : (
        <span className="max-p4:hidden">
          <b>{words('status.overhead')}</b> {format.ms(p99)} ms
        </span>
      )}
      {status === undefined ? null : <Clock serverNowMs={status.nowMs} />}
    </footer>
  )
}

function Keys({ text }: { readonly text: string }) {
  return text.split(' ').map((key) => (
    <kbd key={key} className="mr-0.5">
      {key}
    </kbd>
  ))
}

/** The server's clock, not the browser's: what the record says. */
function Clock({ serverNowMs }: { readonly serverNowMs: number }) {
  const { format } = useSettings()
  const [nowMs, setNowMs] = useState(serverNowMs)
  useEffect(() => {
    const skewMs = serverNowMs - Date.now()
    setNowMs(serverNowMs)
    const timer = setInterval(() => setNowMs(Date.now() + skewMs), 1000)
    return () => clearInterval(timer)
  }, [serverNowMs])
  return <span className="num">{format.stamp(nowMs)}</span>
}
