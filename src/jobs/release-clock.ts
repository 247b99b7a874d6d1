import type { Release } from '../core/safeguards/release.ts'
import type { Move } from '../core/safeguards/release-machine.ts'
import type { Outcome } from './release-change.ts'

const REVIEW_AHEAD_MS = 7 * 86_400_000

/** Something that is due by the clock alone, and what it makes of the release. */
export interface Due {
  readonly reason: string
  outcome(): Outcome
}

/**
 * What time alone does to a release now, or null: lapses, the review before a sunset, the sunset, and the end of a canary
 * that paused by itself and that nobody looked at.
 */
export function dueOf(
  release: Release,
  nowMs: number,
  pauseMs: number,
  stepped: (release: Release, move: Move) => Release,
): Due | null {
  const { state, sunsetAtMs, paused, signed } = release
  const by = (kind: 'approvals_lapse' | 'veto_lapse' | 'sunset' | 'rollback', reason: string) => ({
    reason,
    outcome: (): Outcome => ({ release: stepped(release, { kind }), kind }),
  })
  if (state.stage === 'review' && signed.some(({ expiresAtMs }) => expiresAtMs <= nowMs))
    return by('approvals_lapse', 'an approval is 30 days old')
  if (state.veto !== null && state.veto.expiresAtMs <= nowMs) return by('veto_lapse', 'the veto has expired')
  if (paused?.automatic === true && nowMs - paused.sinceMs >= pauseMs)
    return by('rollback', 'paused by itself, and nobody decided')
  if (sunsetAtMs === null) return null
  if (state.stage === 'enforcing' && sunsetAtMs <= nowMs) return by('sunset', 'its last day is over')
  if (state.stage === 'canary' && sunsetAtMs <= nowMs) return by('rollback', 'its last day is over')
  const withdraws = state.stage === 'superseded' && !release.withdrawn && sunsetAtMs <= nowMs
  if (withdraws)
    return {
      reason: 'its last day is over',
      outcome: () => ({ release: { ...release, withdrawn: true }, kind: 'sunset', facts: { withdrawn: true } }),
    }
  const near = sunsetAtMs - nowMs <= REVIEW_AHEAD_MS && !release.sunsetReviewed
  if (!near || !['shadow', 'canary', 'enforcing'].includes(state.stage)) return null
  return {
    reason: `ends on ${new Date(sunsetAtMs).toISOString().slice(0, 10)}: let it end, or release what should stay`,
    outcome: () => ({ release: { ...release, sunsetReviewed: true }, kind: 'sunset_review', facts: { sunsetAtMs } }),
  }
}
