import type { Release, ReleaseMove } from '../core/safeguards/release.ts'
import { GUARD_METRICS, type GuardMetric, type Look, look, NO_LOOKS } from '../core/safeguards/sequential.ts'
import type { GuardStore, GuardUntil } from './guard-ports.ts'
import type { Outcome } from './release-change.ts'
import { expectedOf, guardOutcome, verdicts } from './release-guards.ts'
import type { Asking, ReleasePorts } from './release-ports.ts'

/** By whom what happens by itself is done. */
export const CLOCK: Asking = { by: 'system', reason: 'the guard metrics say so' }

/** Units that make a look worth while; after `LONGEST_MS` one is enough. Neither depends on what the units met. */
const LEAST_UNITS = 20
const LONGEST_MS = 3_600_000

type Looks = Readonly<Record<GuardMetric, Look>>
type Stepped = (release: Release, move: { readonly kind: 'shadow_fail' }) => Release

/** What came in makes of a release in shadow or canary: a regression pauses a canary, and sends a shadow back to draft. */
export function observed(
  release: Release,
  looks: Looks,
  ports: Pick<ReleasePorts, 'settings' | 'nowMs'>,
  stepped: Stepped,
  failed: (release: Release) => Partial<Release>,
): Outcome {
  const { settings } = ports
  const guard = Object.fromEntries(
    GUARD_METRICS.map((metric) => {
      const seen = release.guard?.[metric] ?? NO_LOOKS
      return [metric, look(seen, looks[metric], expectedOf(release, metric, seen))]
    }),
  ) as Record<GuardMetric, typeof NO_LOOKS>
  const seen: Release = { ...release, guard }
  if (guardOutcome(seen, settings) !== 'regressed') return { release: seen, kind: null }
  const regressed = GUARD_METRICS.filter((metric) => verdicts(seen, settings)[metric].outcome === 'regressed')
  const facts = { automatic: true, regressed }
  if (release.state.stage === 'shadow')
    return { release: { ...stepped(seen, { kind: 'shadow_fail' }), ...failed(seen) }, kind: 'shadow_fail', facts }
  const paused = release.paused ?? { by: 'system', sinceMs: ports.nowMs(), automatic: true }
  return { release: { ...seen, paused }, kind: release.paused === null ? 'pause' : null, facts }
}

/** Where the look of a release reaches now, and where the one before had reached. */
export function windowOf(release: Release, { settings, nowMs }: Pick<ReleasePorts, 'settings' | 'nowMs'>) {
  const now = nowMs()
  const since = release.stageSinceMs
  const fromMs: GuardUntil = release.guardUntilMs ?? { sessions: since, appeals: since }
  const sessions = now - settings.sessionMs
  return {
    ...{ stageSinceMs: since, fromMs },
    untilMs: { sessions, appeals: now - Math.max(settings.sessionMs, settings.appealMs) },
    leastUnits: sessions - fromMs.sessions >= LONGEST_MS ? 1 : LEAST_UNITS,
  }
}

/**
 * Looks once at every release in shadow and canary. Each unit counts once, however many processes look.
 * @returns how many looks were taken.
 */
export async function lookAtAll(
  releases: readonly Release[],
  ports: Pick<ReleasePorts, 'settings' | 'nowMs' | 'changed' | 'report'> & { readonly store: GuardStore },
  outcomeOf: (release: Release, looks: Looks) => Outcome,
  moveOf: (before: Release, outcome: Outcome) => Omit<ReleaseMove, 'seq'> | null,
): Promise<number> {
  let taken = 0
  for (const release of releases) {
    if (release.state.stage !== 'shadow' && release.state.stage !== 'canary') continue
    const window = windowOf(release, ports)
    let move: Omit<ReleaseMove, 'seq'> | null = null
    const done = await ports.store.takeLook(release, window, (looks) => {
      const outcome = outcomeOf(release, looks)
      move = moveOf(release, outcome)
      // Where it has left its stage, what is looked at next is another thing.
      const guardUntilMs = outcome.release.state.stage === release.state.stage ? window.untilMs : null
      return { release: { ...outcome.release, guardUntilMs, version: release.version + 1 }, move }
    })
    if (!done) continue
    taken++
    if (move === null) continue
    await ports.changed()
    const { kind, to, release: id }: Omit<ReleaseMove, 'seq'> = move
    ports.report(`release.${kind}`, { release: id, stage: to, by: CLOCK.by })
  }
  await ports.store.forgetTrials()
  return taken
}
