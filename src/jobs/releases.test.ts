import { hash } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { aBundle, aCascade, aFamily, aMember } from '../../test/fakes/a-bundle.ts'
import { CATEGORIES } from '../core/base/harm.ts'
import { ONE_PERSON, type Register } from '../core/governance/register.ts'
import type { Able } from '../core/policy/cascade.ts'
import { CANARY_STEPS, type Named, type ReleaseSet } from '../core/safeguards/arm.ts'
import { type Bundle, bundleHash } from '../core/safeguards/bundle.ts'
import { GATES, type Gate, type Release } from '../core/safeguards/release.ts'
import { DRAFT } from '../core/safeguards/release-machine.ts'
import { DEFAULT_SEQUENTIAL, type GuardMetric, type Look } from '../core/safeguards/sequential.ts'
import { joined } from '../core/safeguards/slots.ts'
import { openSqlite } from '../io/store/open-store.ts'
import type { Store } from './ports.ts'
import type { ReleasePorts } from './release-ports.ts'
import { createReleases, type Releases } from './releases.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR
const sha256 = (text: string) => hash('sha256', text)
const me = (reason = 'because') => ({ by: 'operator', reason })
const base: Named = {
  release: 'embedded',
  label: 'base-2026.11.24',
  hash: bundleHash(aBundle(), sha256),
  bundle: aBundle(),
}
const gate = (id: Gate['id'], outcome: Gate['outcome'] = 'pass') => ({ id, outcome, says: '0 of 300' })
const PASSED = GATES.filter((id) => id !== 'sunset').map((id) => gate(id))
/** A wider safeguard, of tier 1. */
const wider = (n = 0) => aBundle({ rules: [{ ...aBundle().rules[0]!, phrases: [`phrase ${n}`] }] })

const SECOND: Register = {
  authorities: [
    { id: 'tech', type: 'technical', powers: ['approve', 'veto'], people: ['t1'], deputies: ['t2'] },
    { id: 'peers', type: 'peers', powers: ['approve'], people: ['operator', 'p1'], deputies: [] },
    { id: 'law', type: 'legal', powers: ['veto'], people: ['l1'], deputies: [] },
  ],
}

/** Who may agree to a domain of its own. */
const MANY: Register = {
  authorities: [
    ...[1, 3].map((n) => ({
      ...{ id: `tech${n}`, type: 'technical' as const, powers: ['approve' as const], people: [`t${n}`], deputies: [] },
    })),
    { id: 'peers', type: 'peers', powers: ['approve'], people: ['operator', 'p1'], deputies: [] },
    { id: 'policy', type: 'policy', powers: ['approve'], people: ['w1'], deputies: [] },
    { id: 'legal', type: 'legal', powers: ['approve'], people: ['l1'], deputies: [] },
  ],
}

/** A safeguard of the cyber domain, with a line of its own. */
function cyber(n: number): Bundle {
  const { policy } = aBundle()
  const { input, ...rule } = policy.harms.cyber
  const harms = { ...policy.harms, cyber: { ...rule, input: { ...input, clear: input.clear - n } } }
  return aBundle({ slot: 'cyber', model: null, rules: [], families: [], policy: { ...policy, harms } })
}

/** What is read of a collateral report. */
const REPORT = {
  ...{ v: 1, kind: 'collateral', gates: [] },
  superset: { relation: 'equal', newlyActed: 0, noLongerActed: 0, unchanged: 300, strictlyWorse: false },
}

let folder: string
let store: Store
let nowMs: number
let told: number
let reported: string[]
let releases: Releases
let n = 0
let detectors: readonly Able[] = [
  { id: 'judge', names: CATEGORIES, covers: CATEGORIES, reads: ['input', 'output'] },
  { id: 'probe', names: CATEGORIES, covers: [], reads: ['output'] },
]

const service = (more: Partial<ReleasePorts> = {}) =>
  createReleases({
    ...{ store, base, register: ONE_PERSON, sha256, nowMs: () => nowMs, hasModel: (one) => one === base.bundle.model },
    detectors: () => detectors,
    settings: {
      ...{ steps: CANARY_STEPS, waitMs: 0, shadowMs: DAY, stepMs: DAY, pauseMs: DAY, sessionMs: 0, appealMs: 0 },
      sequential: DEFAULT_SEQUENTIAL,
    },
    random: () => Uint8Array.from({ length: 10 }, () => n++ % 256),
    changed: async () => void told++,
    report: (event) => void reported.push(event),
    ...more,
  })

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-releases-'))
  store = await openSqlite(join(folder, 'sluice.db'))
  nowMs = Date.UTC(2026, 10, 26, 12)
  told = 0
  reported = []
  releases = service()
})
afterEach(async () => {
  await store.close()
  rmSync(folder, { recursive: true, force: true })
})

async function toReview(bundle: Bundle = wider(), of = releases): Promise<Release> {
  const { id } = await of.draft(bundle, me())
  await of.attach(id, 'collateral', { n: 300 }, PASSED, me())
  await of.evaluate(id, me())
  return of.submit(id, me())
}

async function toCanary(bundle: Bundle = wider(), of = releases): Promise<Release> {
  const { id } = await toReview(bundle, of)
  await of.promote(id, false, me())
  nowMs += DAY
  return of.promote(id, true, me())
}

async function toEnforcing(bundle: Bundle = wider(), of = releases): Promise<Release> {
  let release = await toCanary(bundle, of)
  while (release.state.stage === 'canary') {
    nowMs += DAY
    release = await of.promote(release.id, true, me())
  }
  return release
}

const looks = (canary: number, control: number): Record<GuardMetric, Look> => {
  const one: Look = {
    arms: [{ canary: { units: 30_000, hits: canary }, control: { units: 90_000, hits: control } }],
    history: null,
  }
  return { refused: one, diverted: one, error: one, appeal: one }
}

const code = (name: string) => expect.objectContaining({ code: name, next: expect.stringMatching(/\w/) })

describe('releases', () => {
  test('a release goes its whole way, every move is recorded, and gateways are told each time', async () => {
    const done = await toEnforcing()
    expect([done.label, done.state.stage, done.tier, done.singlePerson]).toEqual([
      'base-2026.11.26',
      'enforcing',
      1,
      true,
    ])
    const { moves } = await releases.show(done.label!)
    expect(moves.map(({ kind, from, to }) => [kind, from, to])).toEqual([
      ['draft', 'draft', 'draft'],
      ['attach', 'draft', 'draft'],
      ['evaluate', 'draft', 'evaluated'],
      ['submit', 'evaluated', 'review'],
      ['release', 'review', 'shadow'],
      ['promote_shadow', 'shadow', 'canary'],
      ['step', 'canary', 'canary'],
      ['step', 'canary', 'canary'],
      ['step', 'canary', 'canary'],
      ['promote_canary', 'canary', 'enforcing'],
    ])
    expect(
      moves.filter(({ kind }) => kind.includes('step') || kind === 'promote_shadow').map(({ facts }) => facts.percent),
    ).toEqual([1, 5, 25, 50])
    expect(
      moves.every(({ by, reason, singlePerson }) => by === 'operator' && reason === 'because' && singlePerson),
    ).toBe(true)
    expect(moves.slice(3).every(({ manifest }) => manifest === done.manifest && manifest !== null)).toBe(true)
    expect(told).toBe(moves.length)
    const { enforcing, canary, shadow } = (await releases.snapshot()).base!
    expect([enforcing!.label, enforcing!.bundle, canary, shadow]).toEqual([done.label, wider(), null, null])
  })

  test('the next one supersedes it in the same change; a label never means two bundles', async () => {
    const first = await toEnforcing(wider(1))
    const again = await toReview(wider(2))
    const next = await toReview(wider(3))
    expect([again.label, next.label]).toEqual(['base-2026.12.01', 'base-2026.12.01.2'])
    await releases.edit(next.id, wider(4), me())
    expect((await toReview(wider(5))).label).toBe('base-2026.12.01.3')
    await releases.promote(again.id, true, me())
    for (let i = 0; i < 5; i++) {
      nowMs += DAY
      await releases.promote(again.id, true, me())
    }
    expect((await releases.show(first.id)).release.state.stage).toBe('superseded')
    expect((await releases.snapshot()).base!.enforcing!.label).toBe(again.label)
  })

  test('a pack is complete before it is evaluated, frozen afterwards, and speaks of this bundle only', async () => {
    const { id } = await releases.draft(wider(), me())
    await expect(releases.evaluate(id, me())).rejects.toThrow('regression, collateral, inseparable, superset')
    await releases.attach(id, 'collateral', { n: 1 }, PASSED, me())
    await releases.edit(id, wider(1), me())
    await expect(releases.evaluate(id, me())).rejects.toEqual(code('pack_incomplete'))
    await releases.attach(id, 'collateral', { n: 1 }, PASSED, me())
    const first = await releases.evaluate(id, me())
    await expect(releases.attach(id, 'more', {}, [], me())).rejects.toEqual(code('pack_frozen'))
    await releases.edit(id, wider(1), me())
    await releases.attach(id, 'collateral', { n: 2 }, PASSED, me())
    const second = await releases.evaluate(id, me())
    expect(first.manifest).toMatch(/^sha256:/)
    expect(second.manifest).not.toBe(first.manifest)
  })

  test('a family claims to catch something: its misses must be measured', async () => {
    const { id } = await releases.draft(aBundle({ families: [aFamily({ id: 'new' })] }), me())
    await releases.attach(
      id,
      'collateral',
      {},
      PASSED.filter((one) => one.id !== 'miss_bound'),
      me(),
    )
    await expect(releases.evaluate(id, me())).rejects.toThrow('miss_bound')
  })

  test.each(['fail', 'inconclusive'] as const)(
    'SR-7: a gate that says %s stops the release, and names itself',
    async (outcome) => {
      const { id } = await releases.draft(wider(), me())
      await releases.attach(id, 'collateral', {}, [...PASSED, gate('inseparable', outcome)], me())
      await releases.evaluate(id, me())
      await releases.submit(id, me())
      await expect(releases.promote(id, true, me())).rejects.toThrow(`inseparable: ${outcome}`)
    },
  )

  test('time must be served, and metrics that are inconclusive are taken on by a person or not at all', async () => {
    const { id } = await toReview()
    await releases.promote(id, false, me())
    await expect(releases.promote(id, true, me())).rejects.toEqual(code('too_early'))
    nowMs += DAY
    await expect(releases.promote(id, false, me())).rejects.toEqual(code('inconclusive'))
    const canary = await releases.promote(id, true, me())
    expect((await releases.show(id)).moves.at(-1)!.facts).toEqual({ percent: 1, accepted_inconclusive: true })
    await releases.observe(canary.id, looks(600, 1800))
    nowMs += DAY
    expect((await releases.promote(id, false, me())).step).toBe(1)
  })

  test('SR-3: a regression pauses the canary at once, cannot be promoted or resumed, and is rolled back if nobody looks', async () => {
    const { id } = await toCanary()
    const paused = await releases.observe(id, looks(900, 1800))
    expect(paused.paused).toEqual({ by: 'system', sinceMs: nowMs, automatic: true })
    expect((await releases.snapshot()).base!.canary!.percent).toBe(0)
    await expect(releases.resume(id, me())).rejects.toEqual(code('regressed'))
    nowMs += DAY - 1
    expect(await releases.tick()).toBe(0)
    await expect(releases.promote(id, true, me())).rejects.toEqual(code('too_early'))
    nowMs += 1
    expect(await releases.tick()).toBe(1)
    const { release, moves } = await releases.show(id)
    expect([release.state.stage, moves.at(-1)!.by, moves.at(-1)!.kind]).toEqual(['rolled_back', 'system', 'rollback'])
  })

  test('SR-3: a regression in shadow sends it back to draft; its label stays with its bundle; looks are no history', async () => {
    const { id, label, bundle } = await toReview()
    await releases.promote(id, false, me())
    const before = (await releases.show(id)).moves.length
    await releases.observe(id, looks(600, 1800))
    expect((await releases.show(id)).moves).toHaveLength(before)
    const failed = await releases.observe(id, looks(900, 1800))
    expect(failed).toMatchObject({ label: null, pastLabels: [{ label, bundle }], manifest: null, guard: null })
    expect(failed.state).toEqual(DRAFT)
    expect((await releases.show(id)).moves.at(-1)).toMatchObject({
      ...{ kind: 'shadow_fail', by: 'system' },
      facts: { regressed: ['refused', 'diverted', 'error', 'appeal'] },
    })
    expect((await toReview(wider(9))).label).toBe(`${label}.2`)
  })

  test('SR-3: what the report of the pack predicted pauses nothing, more than that does, and an edit makes it void', async () => {
    const bundle = wider()
    const { id } = await releases.draft(bundle, me())
    const refused = { before: 2000, after: 3000 }
    const report = {
      ...{
        v: 1,
        kind: 'collateral',
        before: { label: 'a', hash: null },
        window: { sinceMs: 1, untilMs: 2 },
        gates: [],
      },
      after: { label: 'b', hash: bundleHash(bundle, sha256) },
      superset: { relation: 'mixed', newlyActed: 9, noLongerActed: 1, unchanged: 9, strictlyWorse: false },
      met: { sessions: 100_000, refused, diverted: { before: 0, after: 0 }, touched: refused },
    }
    await releases.attach(id, 'collateral', report, [], me())
    await releases.attach(id, 'measured', { n: 300 }, PASSED, me())
    expect((await releases.evaluate(id, me())).predicted).toEqual(report.met)
    const { label } = await releases.submit(id, me())
    await releases.promote(id, false, me())
    nowMs += DAY
    await releases.promote(id, true, me())
    const only = (canary: number) => ({ ...looks(600, 1800), refused: looks(canary, 1800).refused })
    // Two per cent are refused by what is in force; three were predicted, and are met.
    expect((await releases.observe(id, only(900))).paused).toBeNull()
    const { paused } = await releases.observe(id, only(1500))
    expect(paused).toMatchObject({ automatic: true })
    expect((await releases.show(label!)).moves.at(-1)!.facts).toEqual({ automatic: true, regressed: ['refused'] })
    expect((await releases.edit(id, wider(5), me())).predicted).toBeNull()
  })

  test('SR-3: nothing is ever promoted by itself', async () => {
    const { id } = await toCanary()
    await releases.observe(id, looks(600, 1800))
    for (let i = 0; i < 60; i++) {
      nowMs += DAY
      await releases.tick()
    }
    expect((await releases.show(id)).release).toMatchObject({ step: 0, state: { stage: 'canary' } })
  })

  test('rollback is one person’s, at once, from canary and enforcing, under a veto, and the one before decides again', async () => {
    const first = await toEnforcing(wider(1))
    const second = await toEnforcing(wider(2))
    await releases.rollback(second.label!, me('it refused the morning shift'))
    expect((await releases.snapshot()).base!.enforcing!.label).toBe(first.label)
    // What came back can itself be rolled back, down to what ships with this version.
    await releases.rollback(first.id, me())
    expect((await releases.snapshot()).base!.enforcing).toEqual(base)
    const canary = await toCanary(wider(3))
    await releases.veto(canary.id, 'voluntary-review', 14, null, me())
    expect((await releases.rollback(canary.id, me())).state).toEqual({
      stage: 'rolled_back',
      approvals: [],
      veto: null,
      gates: null,
    })
    await expect(releases.rollback(canary.id, me())).rejects.toEqual(code('illegal'))
  })

  test('SR-14: a temporary safeguard has its review 7 days ahead, and ends by itself', async () => {
    const first = await toEnforcing(wider(1))
    const temporary = await toEnforcing({ ...wider(2), sunset: '2027-02-28' })
    const sunset = Date.UTC(2027, 1, 28)
    nowMs = sunset - 7 * DAY - 1
    expect(await releases.tick()).toBe(0)
    nowMs += 1
    expect(await releases.tick()).toBe(1)
    expect(await releases.tick()).toBe(0)
    expect(reported).toContain('release.sunset_review')
    nowMs = sunset - 1
    expect(await releases.tick()).toBe(0)
    nowMs = sunset
    expect(await releases.tick()).toBe(1)
    const { release, moves } = await releases.show(temporary.id)
    expect(release.state.stage).toBe('rolled_back')
    expect(moves.slice(-2).map(({ kind, by }) => [kind, by])).toEqual([
      ['sunset_review', 'system'],
      ['sunset', 'system'],
    ])
    expect((await releases.snapshot()).base!.enforcing!.label).toBe(first.label)
  })

  test('SR-14: a sunset that leaves no time for its review does not pass', async () => {
    const { id } = await releases.draft({ ...wider(), sunset: '2026-12-01' }, me())
    await releases.attach(id, 'collateral', {}, PASSED, me())
    expect((await releases.evaluate(id, me())).state.gates).toBe('fail')
  })

  test('of many who promote at once, in several replicas, one does; what is recorded is what happened', async () => {
    const { id } = await toCanary()
    nowMs += DAY
    const replicas = [releases, service()]
    const tries = Array.from({ length: 8 }, (_, i) => replicas[i % 2]!.promote(id, true, me()))
    const done = await Promise.allSettled(tries)
    const { release, moves } = await releases.show(id)
    expect(done.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    for (const one of done)
      if (one.status === 'rejected')
        expect(one.reason).toEqual(code(expect.stringMatching(/too_early|conflict/) as never))
    expect([release.step, moves.filter(({ kind }) => kind === 'step').length]).toEqual([1, 1])
  })

  test('of two releases of one slot that reach a place at once, the second is told that it is taken', async () => {
    const [a, b] = [await toReview(wider(1)), await toReview(wider(2))]
    const done = await Promise.allSettled([releases.promote(a.id, false, me()), releases.promote(b.id, false, me())])
    expect(done.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
    const refused = done.find((one) => one.status === 'rejected')
    expect(refused!.reason).toEqual(code('slot_busy'))
  })

  test('alone, nobody approves what he proposed; a domain of its own stays closed', async () => {
    const { id } = await toReview()
    await expect(releases.approve(id, null, me())).rejects.toEqual(code('proposer'))
    await expect(releases.approve(id, null, { by: 'stranger', reason: 'x' })).rejects.toEqual(code('not_registered'))
    const domain = await toReview(cyber(1))
    expect(domain.tier).toBe(3)
    await expect(releases.promote(domain.id, true, me())).rejects.toThrow('closed to one person')
  })

  test('a domain decides its own category: what it would never read is refused, and it is planned beside the rest', async () => {
    await expect(releases.draft({ ...wider(), slot: 'cyber' }, me())).rejects.toMatchObject({
      code: 'bundle_invalid',
      message: expect.stringMatching(
        /category of rule `house`.*beside the other slots: .*two are named `house`/s,
      ) as string,
    })
    await expect(releases.draft({ ...cyber(1), slot: 'tuesday' }, me())).rejects.toThrow('no slot')
    const plan = await releases.plan(cyber(1))
    expect([plan.slot, plan.replaces, plan.tier, plan.against]).toEqual(['cyber', false, 3, null])
    expect(plan.thresholds.map(({ at }) => at)).toEqual(['harm.cyber input clear'])
    expect(plan.rules.removed).toEqual([])
  })

  test('a domain comes into force beside the base, each with its own way back; of all slots one is on trial', async () => {
    const many = service({ register: MANY })
    const on = async (bundle: Bundle) => {
      const { id } = await toReview(bundle, many)
      for (const by of ['t1', 't3', 'p1', 'w1', 'l1']) await many.approve(id, null, { by, reason: 'read it' })
      await many.promote(id, true, me())
      nowMs += DAY
      return id
    }
    const [own, other] = [await on(cyber(1)), await on(wider())]
    await many.promote(own, true, me())
    await expect(many.promote(other, true, me())).rejects.toEqual(code('slot_busy'))
    for (let stage = 'canary'; stage === 'canary'; ) {
      nowMs += DAY
      stage = (await many.promote(own, true, me())).state.stage
    }
    await many.promote(other, true, me())
    const held = (set: ReleaseSet) => [
      set.base?.enforcing?.label,
      set.cyber?.enforcing?.label,
      set.base?.canary?.release,
    ]
    expect(held(await many.snapshot())).toEqual([base.label, 'cyber-2026.11.26', other])
    // A report says what it was paired with: all that decides.
    const { id } = await many.draft(cyber(2), me())
    expect((await many.plan(cyber(2))).tier).toBe(1)
    const wrong = {
      ...REPORT,
      before: { label: 'x', hash: base.hash },
      after: { label: 'y', hash: (await many.show(id)).release.bundle },
    }
    await expect(many.attach(id, 'collateral', wrong, [], me())).rejects.toThrow('not in force')
    const now = bundleHash(joined(aBundle(), [cyber(1)]), sha256)
    await many.attach(id, 'collateral', { ...wrong, before: { label: 'x', hash: now } }, [], me())
    await many.rollback(own, me())
    expect(held(await many.snapshot())).toEqual([base.label, undefined, other])
  })

  test('with a second person, approvals count, deputies for their principal, and lapse after 30 days', async () => {
    const two = service({ register: SECOND })
    const family = aBundle({ families: [aFamily({ bias: -3 })] })
    const { id, tier, singlePerson } = await toReview(family, two)
    expect([tier, singlePerson]).toEqual([2, false])
    await expect(two.promote(id, true, me())).rejects.toMatchObject({ next: 'wanted: 1 of peers + 1 of technical' })
    await two.approve(id, null, { by: 't2', reason: 'read it' })
    await expect(two.approve(id, null, { by: 't1', reason: 'read it' })).rejects.toEqual(code('illegal'))
    await two.approve(id, null, { by: 'p1', reason: 'read it' })
    nowMs += 30 * DAY
    expect(await two.tick()).toBe(1)
    await expect(two.promote(id, true, me())).rejects.toEqual(code('quorum'))
    await two.approve(id, null, { by: 't1', reason: 'again' })
    await two.approve(id, null, { by: 'p1', reason: 'again' })
    expect((await two.promote(id, true, me())).state.stage).toBe('shadow')
  })

  test('a veto blocks until it expires, for at most 14 days', async () => {
    const two = service({ register: SECOND })
    const { id } = await toReview(wider(), two)
    await two.approve(id, null, { by: 'p1', reason: 'fine' })
    await expect(two.veto(id, 'law', 15, null, { by: 'l1', reason: 'x' })).rejects.toEqual(code('illegal'))
    await expect(two.veto(id, 'law', 1, null, { by: 'p1', reason: 'x' })).rejects.toEqual(code('not_registered'))
    await two.veto(id, 'law', 1, null, { by: 'l1', reason: 'a question' })
    await expect(two.promote(id, true, me())).rejects.toThrow('vetoed until 2026-11-27T12:00Z (law)')
    nowMs += DAY
    expect(await two.tick()).toBe(1)
    expect((await two.promote(id, true, me())).state.stage).toBe('shadow')
  })

  test('a dry run looks on from evaluated on, without approval, and ends with the release', async () => {
    const { id } = await releases.draft(wider(), me())
    await expect(releases.dryRun(id, true, me())).rejects.toEqual(code('illegal'))
    await releases.attach(id, 'collateral', {}, [...PASSED, gate('collateral', 'fail')], me())
    await releases.evaluate(id, me())
    await releases.dryRun(id, true, me())
    const { dryRuns, enforcing } = (await releases.snapshot()).base!
    expect([dryRuns.map(({ bundle }) => bundle), enforcing]).toEqual([[wider()], base])
    await releases.abandon(id, me())
    expect((await releases.snapshot()).base!.dryRuns).toEqual([])
  })

  test('a model that is not here, what would not act, and a bundle changed in the store, are refused', async () => {
    const strange = aBundle({ model: `sha256:${'cd'.repeat(32)}` })
    await expect(releases.draft(strange, me())).rejects.toEqual(code('model_unknown'))
    const text = JSON.stringify(wider())
    await store.addBundle({ hash: `sha256:${'0'.repeat(64)}`, slot: 'base', text, atMs: nowMs, by: 'x' })
    await expect(releases.bundle(`sha256:${'0'.repeat(64)}`)).rejects.toEqual(code('not_found'))
  })

  test('a detector that the configuration does not have is refused at draft, and again at submit and promote', async () => {
    const asks = aBundle({ cascade: aCascade('judge') })
    await expect(releases.draft(aBundle({ cascade: aCascade('judge', 'gone') }), me())).rejects.toThrow(
      'cascade: `gone` is not under `detectors:` of the configuration',
    )
    const probing = aBundle({ cascade: { ...aCascade(), order: [aMember('probe')] } })
    await expect(releases.draft(probing, me())).rejects.toThrow('`probe` does not read `input`')
    const { id } = await releases.draft(asks, me())
    await releases.attach(id, 'collateral', {}, PASSED, me())
    await releases.evaluate(id, me())
    const were = detectors
    detectors = []
    await expect(releases.submit(id, me())).rejects.toEqual(code('detector_unknown'))
    detectors = were
    await releases.submit(id, me())
    detectors = were.map((one) => ({ ...one, covers: [] }))
    await expect(releases.promote(id, true, me())).rejects.toThrow('clears no')
    detectors = were
  })

  test('a plan says what would change against what is in force', async () => {
    const enforcing = await toEnforcing(wider(1))
    const { policy } = aBundle()
    const cyber = {
      ...policy.harms.cyber,
      input: { ...policy.harms.cyber.input, act: 600_000 },
      atAct: 'refuse' as const,
    }
    const plan = await releases.plan(
      aBundle({
        policy: { ...policy, harms: { ...policy.harms, cyber } },
        rules: [],
        families: [aFamily({ id: 'b' })],
      }),
    )
    expect(plan).toMatchObject({
      against: enforcing.label,
      thresholds: [{ at: 'harm.cyber input act', before: '0.70', after: '0.60', effect: 'tighter' }],
      actions: [{ at: 'harm.cyber atAct', before: 'fall_back', after: 'refuse', effect: 'tighter' }],
      rules: { added: [], removed: ['house'], changed: [] },
      families: { added: ['b'], removed: ['family-1'], changed: [] },
      tier: 2,
    })
    expect(await releases.plan(wider(1))).toMatchObject({ tier: 0, thresholds: [], model: null })
  })
})
