import type { Evidence, Release, ReleaseMove } from '../core/safeguards/release.ts'
import { isIllegal, type Move, step } from '../core/safeguards/release-machine.ts'
import { guardOutcome, marked, quorumIsMet, refusalOf } from './release-guards.ts'
import { type Asking, ReleaseError, type ReleasePorts } from './release-ports.ts'
import type { ReleaseChange } from './release-store-ports.ts'

/** Tries of a change that others came before. */
const TRIES = 5

/** What a change makes of a release: the moves it records, and what changes with it. */
export interface Outcome {
  readonly release: Release
  /** Null: figures alone changed, nothing that happened; no move is recorded, and no gateway need know. */
  readonly kind: string | null
  readonly facts?: Readonly<Record<string, unknown>>
  readonly also?: readonly { readonly release: Release; readonly kind: string }[]
  readonly evidence?: readonly Evidence[]
}

export type Decide = (release: Release, all: readonly Release[]) => Outcome | Promise<Outcome>

/** How every change is made: read, decided, written with its record, and decided again where another came first. */
export function createChanges(ports: ReleasePorts) {
  const { store, settings, register } = ports

  /** Reads, decides, writes; again from the start while others come first. */
  const change = async (id: string, asking: Asking, decide: Decide): Promise<Release> => {
    for (let tries = 0; tries < TRIES; tries++) {
      const all = await store.releases()
      const before = find(all, id)
      const outcome = await decide(before, all)
      const now = [{ release: outcome.release, kind: outcome.kind }, ...(outcome.also ?? [])]
      const changes = now.map(({ release }): ReleaseChange => {
        const { version } = find(all, release.id)
        return { release: { ...release, version: version + 1 }, expected: version }
      })
      const moves = now.flatMap(({ release, kind }, i) => {
        const facts = i === 0 ? (outcome.facts ?? {}) : { for: before.id }
        return kind === null ? [] : [moveOf(find(all, release.id), release, kind, asking, facts)]
      })
      // What leaves a place goes first, so that who takes it finds it free.
      if (await store.changeReleases(changes.toReversed(), moves.toReversed(), outcome.evidence ?? [])) {
        if (moves.length > 0) await ports.changed()
        for (const { kind, to, release } of moves)
          ports.report(`release.${kind}`, { release, stage: to, by: asking.by })
        return changes[0]!.release
      }
    }
    throw new ReleaseError(
      'conflict',
      'others changed this release at the same time',
      'look at it again, and decide again',
    )
  }

  const moveOf = (
    before: Release,
    after: Release,
    kind: string,
    asking: Asking,
    facts: Readonly<Record<string, unknown>>,
  ): Omit<ReleaseMove, 'seq'> => ({
    release: after.id,
    atMs: ports.nowMs(),
    by: asking.by,
    kind,
    from: before.state.stage,
    to: after.state.stage,
    reason: asking.reason,
    manifest: after.manifest ?? before.manifest,
    singlePerson: marked(register),
    facts,
  })

  /** The machine's answer as the release's next state, or its refusal as an error. */
  const stepped = (release: Release, move: Move): Release => {
    const result = step(release.state, move, {
      quorumMet: (approvals) => quorumIsMet(release, approvals, register, ports.nowMs()),
      // Time and metrics have been asked before, with the reason to tell.
      metricsInLimits: guardOutcome(release, settings) !== 'regressed',
    })
    if (isIllegal(result)) throw refusalOf(release, move, result.illegal, register)
    const nowMs = ports.nowMs()
    const stayed = result.stage === release.state.stage
    const signed = release.signed.filter(({ authority }) => result.approvals.includes(authority))
    return { ...release, state: result, signed, ...(stayed ? {} : left(release, nowMs)) }
  }

  /** What ends with a stage. */
  const left = (release: Release, nowMs: number): Partial<Release> => ({
    stageSinceMs: nowMs,
    stepSinceMs: nowMs,
    step: null,
    paused: null,
    ...(release.state.stage === 'canary' ? { guard: null, guardUntilMs: null } : {}),
  })

  return { change, moveOf, stepped }
}

/** By id or by label. */
export function find(all: readonly Release[], name: string): Release {
  const found = all.find(({ id, label }) => id === name || label === name)
  if (found !== undefined) return found
  throw new ReleaseError('not_found', `no release \`${name.slice(0, 80)}\``, 'see `sluice release list`')
}
