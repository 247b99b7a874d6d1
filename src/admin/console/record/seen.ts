import type { Seen } from './continuity.ts'

const KEY = 'sluice.record.seen'

/** The checkpoint of a log that this browser saw last, or null. */
export function seenOf(origin: string): Seen | null {
  return all()[origin] ?? null
}

export function keepSeen(origin: string, seen: Seen): void {
  try {
    localStorage.setItem(KEY, JSON.stringify({ ...all(), [origin]: seen }))
  } catch {
    // Storage is off or full: the next visit begins again, and says so.
  }
}

function all(): Readonly<Record<string, Seen>> {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(KEY) ?? '{}')
    // Written by this page only.
    return typeof kept === 'object' && kept !== null ? (kept as Record<string, Seen>) : {}
  } catch {
    return {}
  }
}
