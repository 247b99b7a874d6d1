import type { Words } from '../words.tsx'

/** A length of time in its two largest units that say something: `3 h 28 min`, `2 d 4 h`. */
export function lasting(ms: number, words: Words): string {
  const minutes = Math.max(0, Math.floor(ms / 60_000))
  const hours = Math.floor(minutes / 60)
  const days = Math.floor(hours / 24)
  if (minutes < 1) return words('lasting.seconds', { s: String(Math.max(0, Math.floor(ms / 1000))) })
  if (hours < 1) return words('lasting.minutes', { m: String(minutes) })
  if (days < 1) return words('lasting.hours', { h: String(hours), m: String(minutes % 60) })
  return words('lasting.days', { d: String(days), h: String(hours % 24) })
}
