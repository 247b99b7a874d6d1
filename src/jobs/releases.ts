import { canonicalJson } from '../core/base/canonical-json.ts'
import { ulid } from '../core/base/ids.ts'
import { cascadeFaults } from '../core/policy/cascade.ts'
import type { ReleaseSet } from '../core/safeguards/arm.ts'
import { type Bundle, BundleError, bundleHash, bundleText, parseBundle, sunsetMs } from '../core/safeguards/bundle.ts'
import { type Evidence, inForce, type Release, releaseSet, sharePercent } from '../core/safeguards/release.ts'
import { DRAFT, type Move } from '../core/safeguards/release-machine.ts'
import type { GuardMetric, Look } from '../core/safeguards/sequential.ts'
import { createChanges, find, type Outcome } from './release-change.ts'
import { dueOf } from './release-clock.ts'
import { gatesOf, manifestText } from './release-gates.ts'
import { assertMayMoveOn, guardOutcome, marked, nameOf, refusalOf } from './release-guards.ts'
import { CLOCK, lookAtAll, observed } from './release-looks.ts'
import { type Asking, ReleaseError, type ReleasePorts } from './release-ports.ts'
import { createSlots } from './release-slots.ts'
import { gatesOfReport, predictionOf } from './report-gates.ts'

const DAY = 86_400_000
const APPROVAL_MS = 30 * DAY

export type Releases = ReturnType<typeof createReleases>

/**
 * Releases of safeguards: the pure machine over the store. Every change starts from the version that was read and is
 * refused when another process came first; then it is decided again from the new state. Nothing moves without its record.
 */
export function createReleases(ports: ReleasePorts) {
  const { store, settings, register } = ports
  const { change, moveOf, stepped } = createChanges(ports)
  const due = (release: Release) => dueOf(release, ports.nowMs(), settings.pauseMs, stepped)
  /** A hash names one text for ever, so what was parsed stays parsed. */
  const parsed = new Map<string, Bundle>([[ports.base.hash, ports.base.bundle]])

  const bundle = async (hash: string): Promise<Bundle> => {
    const known = parsed.get(hash)
    if (known !== undefined) return known
    const text = await store.bundle(hash)
    if (text === null || `sha256:${ports.sha256(text)}` !== hash)
      throw new ReleaseError(
        'not_found',
        `no bundle \`${hash}\` here that is whole`,
        'import it: `sluice safeguard import`',
      )
    const made = parseBundle(JSON.parse(text))
    parsed.set(hash, made)
    return made
  }

  const slots = createSlots(ports, bundle)
  const { enforcing } = slots

  const keep = async (made: Bundle, by: string): Promise<string> => {
    if (made.model !== null && !ports.hasModel(made.model))
      throw new ReleaseError(
        'model_unknown',
        `this instance has no model \`${made.model}\``,
        'name the model in force, or none in a slot beside base',
      )
    await assertReleasable(made)
    const hash = bundleHash(made, ports.sha256)
    await store.addBundle({ hash, slot: made.slot, text: bundleText(made), atMs: ports.nowMs(), by })
    parsed.set(hash, made)
    return hash
  }

  /** What would be released and not act must not look as if it did. @throws {ReleaseError} */
  const assertReleasable = async (made: Bundle) => {
    const { cascade } = made
    const faults = cascade === null ? [] : cascadeFaults(cascade, ports.detectors())
    if (faults.length > 0)
      throw new ReleaseError(
        'detector_unknown',
        faults.join('; '),
        'configure them under `detectors:` in sluice.yaml, or take them out of cascade.json',
      )
    await slots.assertOwn(made)
  }

  const simple = (id: string, asking: Asking, move: Move, more: (release: Release) => Partial<Release> = () => ({})) =>
    change(id, asking, (release) => {
      const next = stepped(release, move)
      return { release: { ...next, ...more(next) }, kind: move.kind }
    })

  const releases = {
    bundle,
    enforcing,
    list: () => store.releases(),
    show: async (id: string) => {
      const release = find(await store.releases(), id)
      const [moves, evidence] = await Promise.all([store.releaseMoves(release.id), store.evidence(release.id)])
      return { release, moves, evidence }
    },

    plan: slots.plan,

    /** Takes a bundle without a release. @returns its hash. */
    import: (made: Bundle, by: string) => keep(made, by),

    draft: async (made: Bundle, asking: Asking): Promise<Release> => {
      const hash = await keep(made, asking.by)
      const { tier, tierBecause } = await slots.plan(made)
      const nowMs = ports.nowMs()
      const release: Release = {
        ...{ id: `rel_${ulid(nowMs, ports.random())}`, slot: made.slot, label: null, bundle: hash },
        ...{ proposer: asking.by, createdAtMs: nowMs, state: DRAFT, stageSinceMs: nowMs, tier, tierBecause },
        ...{ singlePerson: marked(register), manifest: null, gates: [], signed: [], step: null, stepSinceMs: nowMs },
        ...{ paused: null, dryRun: false, withdrawn: false, pastLabels: [], salt: '', sunsetAtMs: sunsetMs(made) },
        ...{ sunsetReviewed: false, predicted: null, guard: null, guardUntilMs: null, version: 1 },
      }
      await store.changeReleases(
        [{ release, expected: null }],
        [moveOf(release, release, 'draft', asking, { bundle: hash })],
      )
      await ports.changed()
      return release
    },

    /** Back to draft with another bundle: gates, approvals and vetoes are void. */
    edit: async (id: string, made: Bundle, asking: Asking): Promise<Release> => {
      const hash = await keep(made, asking.by)
      const { tier, tierBecause } = await slots.plan(made)
      return change(id, asking, (release) => {
        if (release.slot !== made.slot)
          throw new ReleaseError(
            'bundle_invalid',
            `${nameOf(release)} is of slot ${release.slot}`,
            'draft another release',
          )
        const { stage } = release.state
        const kind = stage === 'rolled_back' ? 'revise' : 'edit'
        const next = stage === 'draft' ? release : stepped(release, { kind })
        const fresh = { ...unlabelled(next), bundle: hash, tier, tierBecause, sunsetAtMs: sunsetMs(made) }
        return { release: { ...next, ...fresh }, kind, facts: { bundle: hash } }
      })
    },

    /** Adds a report to the pack of a draft, with the gates that it measured; those of a collateral report are read from it. */
    attach: async (
      id: string,
      kind: string,
      body: unknown,
      gates: Evidence['gates'],
      asking: Asking,
    ): Promise<Evidence> => {
      const text = canonicalJson(body)
      const hash = `sha256:${ports.sha256(text)}`
      let evidence: Evidence | null = null
      await change(id, asking, async (release) => {
        if (release.state.stage !== 'draft')
          throw new ReleaseError(
            'pack_frozen',
            `the pack of ${nameOf(release)} is frozen`,
            '`sluice release edit` opens it again',
          )
        const against = bundleHash(await slots.together(), ports.sha256)
        const own = gatesOfReport(body, release.bundle, against)
        const about = { release: release.id, bundle: release.bundle }
        evidence = { ...about, kind, hash, atMs: ports.nowMs(), by: asking.by, gates: own ?? gates, text }
        return { release, kind: 'attach', facts: { kind, hash }, evidence: [evidence] }
      })
      return evidence!
    },

    /** Computes the gates from the pack, and freezes it. */
    evaluate: (id: string, asking: Asking): Promise<Release> =>
      change(id, asking, async (release) => {
        const [made, all] = await Promise.all([bundle(release.bundle), store.evidence(release.id)])
        // Reports on an earlier bundle of this release say nothing about this one.
        const evidence = all.filter((one) => one.bundle === release.bundle)
        const { gates, missing, outcome } = gatesOf(made, evidence, ports.nowMs(), release.sunsetAtMs)
        if (release.state.stage === 'draft' && missing.length > 0)
          throw new ReleaseError(
            'pack_incomplete',
            `the pack of ${nameOf(release)} lacks a measurement of: ${missing.join(', ')}`,
            'attach the reports that hold them: `sluice release report`',
          )
        const next = stepped(release, { kind: 'evaluate', gates: outcome })
        const manifest = `sha256:${ports.sha256(manifestText(release.bundle, evidence, gates))}`
        // What is in force may be another one than when this was drafted.
        const { tier, tierBecause } = await slots.plan(made)
        return {
          release: { ...next, gates, manifest, tier, tierBecause, predicted: predictionOf(evidence) },
          kind: 'evaluate',
          facts: { gates: outcome, tier },
        }
      }),

    /** Asks for approvals, under a label that from now on means this bundle. */
    submit: (id: string, asking: Asking): Promise<Release> =>
      change(id, asking, async (release, all) => {
        const next = stepped(release, { kind: 'submit' })
        // The configuration may be another one than when this was drafted.
        await assertReleasable(await bundle(release.bundle))
        const label = freeLabel(release.slot, ports.nowMs(), all, ports.base.label)
        return { release: { ...next, label, singlePerson: marked(register) }, kind: 'submit', facts: { label } }
      }),

    approve: (id: string, authorityId: string | null, asking: Asking): Promise<Release> =>
      change(id, asking, (release) => {
        const authority = authorityOf(asking.by, authorityId, 'approve')
        const person = principalOf(authority, asking.by)
        if (person === release.proposer || asking.by === release.proposer)
          throw new ReleaseError('proposer', `${asking.by} proposed ${nameOf(release)}`, nobodyElse())
        const next = stepped(release, { kind: 'approve', by: authority.id })
        const signed = [
          ...release.signed,
          { authority: authority.id, person, expiresAtMs: ports.nowMs() + APPROVAL_MS },
        ]
        return { release: { ...next, signed }, kind: 'approve', facts: { authority: authority.id } }
      }),

    veto: (id: string, ground: string, days: number, authorityId: string | null, asking: Asking): Promise<Release> =>
      change(id, asking, (release) => {
        const { id: by } = authorityOf(asking.by, authorityId, 'veto')
        const atMs = ports.nowMs()
        const veto = { by, ground, expiresAtMs: atMs + days * DAY }
        return { release: stepped(release, { kind: 'veto', veto, atMs }), kind: 'veto', facts: { ...veto } }
      }),

    /** One stage on: review → shadow → canary → each step → enforcing. Always a person's, never by itself. */
    promote: (id: string, acceptInconclusive: boolean, asking: Asking): Promise<Release> =>
      change(id, asking, async (release, all): Promise<Outcome> => {
        const nowMs = ports.nowMs()
        const { stage } = release.state
        await assertReleasable(await bundle(release.bundle))
        if (stage === 'review') {
          const next = stepped(release, { kind: 'release' })
          assertMayMoveOn(release, settings, nowMs, true)
          assertFree(all, release, 'shadow')
          return { release: next, kind: 'release' }
        }
        if (stage !== 'shadow' && stage !== 'canary')
          throw refusalOf(release, { kind: 'promote_canary' }, 'stage', register)
        const kind = stage === 'shadow' ? 'promote_shadow' : 'promote_canary'
        // A veto is told before the clock is.
        if (release.state.veto !== null) throw refusalOf(release, { kind }, 'vetoed', register)
        assertMayMoveOn(release, settings, nowMs, acceptInconclusive)
        const accepted = guardOutcome(release, settings) === 'inconclusive' ? { accepted_inconclusive: true } : {}
        if (stage === 'shadow') {
          assertFree(all, release, 'canary')
          const salt = hex(ports.random())
          const fresh = { step: 0, salt, guard: null, guardUntilMs: null }
          const percent = sharePercent({ step: 0, paused: null }, settings.steps)
          return { release: { ...stepped(release, { kind }), ...fresh }, kind, facts: { percent, ...accepted } }
        }
        if (release.step! + 1 < settings.steps.length) {
          const on = { ...release, step: release.step! + 1, stepSinceMs: nowMs }
          return { release: on, kind: 'step', facts: { percent: sharePercent(on, settings.steps), ...accepted } }
        }
        const old = all.find((one) => one.slot === release.slot && one.state.stage === 'enforcing')
        const also = old === undefined ? [] : [{ release: stepped(old, { kind: 'supersede' }), kind: 'supersede' }]
        return { release: { ...stepped(release, { kind }), dryRun: false }, kind, facts: accepted, also }
      }),

    /** Holds the canary's share at nothing; streams end under the safeguard they began with. */
    pause: (id: string, asking: Asking): Promise<Release> =>
      change(id, asking, (release) => {
        if (release.state.stage !== 'canary' || release.paused !== null)
          throw new ReleaseError('illegal', `${nameOf(release)} is no canary that runs`, 'see `sluice release show`')
        return {
          release: { ...release, paused: { by: asking.by, sinceMs: ports.nowMs(), automatic: false } },
          kind: 'pause',
        }
      }),

    resume: (id: string, asking: Asking): Promise<Release> =>
      change(id, asking, (release) => {
        if (release.paused === null)
          throw new ReleaseError('illegal', `${nameOf(release)} is not paused`, 'see `sluice release show`')
        if (guardOutcome(release, settings) === 'regressed')
          throw new ReleaseError('regressed', `a guard metric of ${nameOf(release)} has regressed`, 'roll it back')
        return { release: { ...release, paused: null, stepSinceMs: ports.nowMs() }, kind: 'resume' }
      }),

    /** Back to what was in force before. One person, at once, always. */
    rollback: (id: string, asking: Asking): Promise<Release> =>
      change(id, asking, (release, all) => {
        // In force again after a later one was rolled back: its own stage is over, its place is not.
        if (release.state.stage === 'superseded' && inForce(all, release.slot)?.id === release.id)
          return { release: { ...release, withdrawn: true }, kind: 'rollback', facts: { withdrawn: true } }
        return { release: { ...stepped(release, { kind: 'rollback' }), dryRun: false }, kind: 'rollback' }
      }),

    abandon: (id: string, asking: Asking) => simple(id, asking, { kind: 'abandon' }, () => ({ dryRun: false })),

    /** Any evaluated release may look on beside what is enforcing, without approval; it never acts. */
    dryRun: (id: string, on: boolean, asking: Asking): Promise<Release> =>
      change(id, asking, (release) => {
        const { stage } = release.state
        if (on && !['evaluated', 'review', 'shadow', 'canary'].includes(stage))
          throw new ReleaseError(
            'illegal',
            `${nameOf(release)} is ${stage}: no dry run from there`,
            'evaluate it first',
          )
        if (release.dryRun === on)
          throw new ReleaseError(
            'illegal',
            `the dry run of ${nameOf(release)} is ${on ? 'on' : 'off'} already`,
            'nothing is needed',
          )
        return { release: { ...release, dryRun: on }, kind: on ? 'dry_run' : 'dry_run_end' }
      }),

    /** What came in since the last look. A regression pauses a canary at once, and sends a shadow back to draft. */
    observe: (id: string, looks: Readonly<Record<GuardMetric, Look>>): Promise<Release> =>
      change(id, CLOCK, (release) => {
        const { stage } = release.state
        if (stage !== 'shadow' && stage !== 'canary')
          throw refusalOf(release, { kind: 'promote_canary' }, 'stage', register)
        return observed(release, looks, ports, stepped, unlabelled)
      }),

    /** Looks at what sessions on trial met since the last time. @returns looks taken. */
    look: async (): Promise<number> =>
      lookAtAll(
        await store.releases(),
        ports,
        (release, looks) => observed(release, looks, ports, stepped, unlabelled),
        (before, { release, kind, facts }) =>
          kind === null ? null : moveOf(before, release, kind, CLOCK, facts ?? {}),
      ),

    /** What time alone does: lapses, reviews, sunsets, and the end of a canary that nobody looked at. Idempotent. */
    tick: async (): Promise<number> => {
      let done = 0
      for (const release of await store.releases())
        for (let next = due(release); next !== null; next = due((await store.release(release.id))!)) {
          try {
            await change(
              release.id,
              { by: 'system', reason: next.reason },
              (now) => due(now)?.outcome() ?? nothingDue(),
            )
          } catch (error) {
            // Another replica was faster.
            if (!(error instanceof ReleaseError) || (error.code !== 'conflict' && error.code !== 'illegal')) throw error
            break
          }
          done++
        }
      return done
    },

    /** What every gateway must hold. */
    snapshot: async (): Promise<ReleaseSet> => {
      const all = await store.releases()
      const acting = all.filter(({ state, dryRun }) => dryRun || ACTING.has(state.stage))
      for (const { hash, error } of await Promise.all(acting.map(loaded)))
        if (error !== null) ports.report('release.unreadable', { bundle: hash, code: error })
      return releaseSet(all, (hash) => parsed.get(hash) ?? null, ports.base, settings.steps)
    },
  }

  const loaded = async ({ bundle: hash }: Release) => {
    try {
      await bundle(hash)
      return { hash, error: null }
    } catch (error) {
      if (!(error instanceof ReleaseError) && !(error instanceof BundleError)) throw error
      return { hash, error: error.code }
    }
  }

  const nothingDue = (): never => {
    throw new ReleaseError('illegal', 'nothing is due', 'nothing is needed')
  }

  const authorityOf = (person: string, id: string | null, power: 'approve' | 'veto') => {
    const held = register.authorities.filter(
      (one) => one.powers.includes(power) && (one.people.includes(person) || one.deputies.includes(person)),
    )
    const found = id === null ? held[0] : held.find((one) => one.id === id)
    if (found !== undefined) return found
    throw new ReleaseError('not_registered', `${person} holds no authority that may ${power}`, 'see the register')
  }

  const nobodyElse = () =>
    marked(register)
      ? 'alone here, you need no approval for tiers 0 to 2: `sluice release promote`'
      : 'ask another person of the register'

  return releases
}

const ACTING: ReadonlySet<string> = new Set(['shadow', 'canary', 'enforcing', 'superseded'])

function principalOf({ people, deputies }: { people: readonly string[]; deputies: readonly string[] }, person: string) {
  return deputies.includes(person) ? (people[0] ?? person) : person
}

const UNSEEN = { guard: null, guardUntilMs: null }

/** Back in draft: nothing measured, nothing running, and its label stays with the bundle that it named. */
function unlabelled({ label, bundle, pastLabels }: Release): Partial<Release> {
  const kept = label === null ? pastLabels : [...pastLabels, { label, bundle }]
  return {
    label: null,
    pastLabels: kept,
    manifest: null,
    gates: [],
    predicted: null,
    ...UNSEEN,
    dryRun: false,
    sunsetReviewed: false,
  }
}

/** Per slot one shadow; of all slots one canary: two trials that shared sessions could not be told apart. */
function assertFree(all: readonly Release[], release: Release, stage: 'shadow' | 'canary'): void {
  const there = all.find(
    (one) => (stage === 'canary' || one.slot === release.slot) && one.state.stage === stage && one.id !== release.id,
  )
  if (there === undefined) return
  const next = stage === 'shadow' ? 'promote it, or edit it back to draft' : 'promote it, or roll it back'
  throw new ReleaseError('slot_busy', `${nameOf(there)} is in ${stage} of slot ${there.slot}`, next)
}

function freeLabel(slot: string, nowMs: number, all: readonly Release[], base: string): string {
  const day = `${slot}-${new Date(nowMs).toISOString().slice(0, 10).replaceAll('-', '.')}`
  // A label that once meant one bundle never means another.
  const taken = new Set([
    base,
    ...all.flatMap(({ label, pastLabels }) => [label, ...pastLabels.map((past) => past.label)]),
  ])
  for (let n = 1; ; n++) {
    const label = n === 1 ? day : `${day}.${n}`
    if (!taken.has(label)) return label
  }
}

function hex(bytes: Uint8Array): string {
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('')
}
