import type { Signer } from '../../record/note.ts'
import { type Policy, quorumMet } from '../../record/witness-policy.ts'

/** How far ahead of this clock a time may be, milliseconds. */
export const MOST_AHEAD_MS = 5 * 60_000

const HOUR_MS = 3_600_000

/**
 * How new a checkpoint is known to be. `stale`: no quorum of witnesses saw it within the time; what is known is kept, and
 * nothing automatic may rest on it. `ahead`: a cosignature from the future; refused.
 */
export type Freshness =
  | { readonly kind: 'fresh'; readonly untilMs: number }
  /** `untilMs`: since when; null: no quorum has ever seen it. */
  | { readonly kind: 'stale'; readonly untilMs: number | null }
  | { readonly kind: 'ahead' }

/** @param witnesses Those whose cosignatures were verified. @param maxAgeH Hours that a cosignature counts. */
export function freshnessOf(witnesses: readonly Signer[], policy: Policy, maxAgeH: number, nowMs: number): Freshness {
  const timed = witnesses.flatMap(({ key, timeS }) => (timeS === null ? [] : [{ key, atMs: timeS * 1000 }]))
  if (timed.some(({ atMs }) => atMs - nowMs > MOST_AHEAD_MS)) return { kind: 'ahead' }
  // Oldest first: without the older ones, is there still a quorum? The last time at which there is one counts.
  const inOrder = [...timed].sort((a, b) => a.atMs - b.atMs)
  let seenMs: number | null = null
  for (const [i, { atMs }] of inOrder.entries()) {
    const newer = inOrder.slice(i).map(({ key }) => key)
    // A policy that asks for nobody still needs somebody's clock.
    if (newer.length > 0 && quorumMet(policy, newer)) seenMs = atMs
  }
  if (seenMs === null) return { kind: 'stale', untilMs: null }
  const untilMs = seenMs + maxAgeH * HOUR_MS
  return { kind: nowMs > untilMs ? 'stale' : 'fresh', untilMs }
}
