import type { SightingCount } from './statement.ts'
import type { Time } from './texts.ts'
import { timeMs } from './time.ts'

/** What one organisation saw of a technique, before it may be said. */
export interface Seen {
  readonly times: number
  readonly window: { readonly from: Time; readonly to: Time }
  readonly region: string
  /** Organisations with traffic in the region, as far as known; the own one included. */
  readonly orgsInRegion: number
}

export type SightingRefusal = 'nothing_seen' | 'window' | 'too_early' | 'only_one_in_region'

/** Hours between what was seen and what is said of it. */
const DELAY_MS = 24 * 3_600_000

/** The bucket of a count, 1 or more: what is published instead of the number. */
export function bucketOf(times: number): SightingCount {
  return times >= 100 ? '100+' : times >= 10 ? '10-99' : times >= 2 ? '2-9' : '1'
}

/** A bucketed, delayed sighting, or why it stays here. */
export function sightingOf(
  seen: Seen,
  nowMs: number,
): { readonly count: SightingCount; readonly window: Seen['window']; readonly region: string } | SightingRefusal {
  const from = timeMs(seen.window.from)
  const to = timeMs(seen.window.to)
  if (!Number.isInteger(seen.times) || seen.times < 1) return 'nothing_seen'
  if (from === null || to === null || from > to) return 'window'
  if (nowMs - to < DELAY_MS) return 'too_early'
  // Alone in its region, a bucket would be a number about one named organisation.
  if (seen.orgsInRegion < 2) return 'only_one_in_region'
  return { count: bucketOf(seen.times), window: seen.window, region: seen.region }
}
