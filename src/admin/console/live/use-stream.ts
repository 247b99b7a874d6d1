import { useEffect, useRef, useState } from 'react'
import type { DecisionRow } from '../../contract.ts'

export type Stream = 'connecting' | 'open' | 'lost'

const RETRY_MS = 3000

/**
 * The stream of decisions of /api/live.
 *
 * @param onReturn Called when the stream is back after it was lost: what passed in between must be fetched.
 */
export function useStream(onRow: (row: DecisionRow) => void, onReturn: () => void): Stream {
  const [state, setState] = useState<Stream>('connecting')
  const latest = useRef({ onRow, onReturn })
  useEffect(() => {
    latest.current = { onRow, onReturn }
  })
  useEffect(() => {
    let source: EventSource
    let retry: ReturnType<typeof setTimeout> | undefined
    let lost = false
    const connect = () => {
      source = new EventSource('/api/live')
      source.addEventListener('open', () => {
        setState('open')
        if (lost) latest.current.onReturn()
        lost = false
      })
      source.addEventListener('decision', (event: MessageEvent<string>) =>
        latest.current.onRow(JSON.parse(event.data) as DecisionRow),
      )
      source.addEventListener('error', () => {
        lost = true
        setState('lost')
        // The browser reconnects by itself, except where the server answered with an error.
        if (source.readyState === EventSource.CLOSED) retry = setTimeout(connect, RETRY_MS)
      })
    }
    connect()
    return () => {
      clearTimeout(retry)
      source.close()
    }
  }, [])
  return state
}
