import { timeMs, timeText } from '../../jailbreaks/exchange/time.ts'

/** A calendar month in UTC, as the record's clock tells it. Times are RFC 3339. */
export interface Month {
  /** `YYYY-MM`. */
  readonly name: string
  readonly from: string
  /** The first moment that is no longer in it. */
  readonly until: string
  /** From then on nothing of the month is waited for: minutes that were late, and cosignatures of its last day. */
  readonly settled: string
}

const DAY_MS = 86_400_000

/** The month of a name such as `2026-06`, or null. */
export function monthOf(name: string): Month | null {
  const found = /^(\d{4})-(0[1-9]|1[0-2])$/.exec(name)
  if (found === null) return null
  const [year, month] = [Number(found[1]), Number(found[2])]
  const next =
    month === 12 ? `${String(year + 1).padStart(4, '0')}-01` : `${found[1]}-${String(month + 1).padStart(2, '0')}`
  return { name, from: start(name), until: start(next), settled: dayAfter(start(next)) }
}

/** A day later, in milliseconds' form. */
export function dayAfter(time: string): string {
  return timeText(timeMs(time)! + DAY_MS).replace('Z', '.000Z')
}

/** Hours between two times of the record, not rounded. */
export function hoursBetween(from: string, until: string): number {
  return (timeMs(until)! - timeMs(from)!) / 3_600_000
}

function start(name: string): string {
  return `${name}-01T00:00:00.000Z`
}
