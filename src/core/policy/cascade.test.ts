import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { aCascade, aMember } from '../../../test/fakes/a-bundle.ts'
import type { Category } from '../base/harm.ts'
import { LABELS, type Label } from '../base/reasons.ts'
import { ORDINARY } from '../trust/standing.ts'
import {
  type CascadeMember,
  type CascadeSettings,
  cascade,
  cascadeFaults,
  failures,
  memberOf,
  reheard,
  STOPS,
  unasked,
} from './cascade.ts'
import { decide } from './decide.ts'
import type { DecisionInput } from './decision.ts'
import { defaultPolicy } from './default-policy.ts'
import { type Finding, ruleDetector, type Tier } from './finding.ts'

const T = { clear: 300_000, act: 600_000, actPlus: 900_000 }
const policy = defaultPolicy({ harmInput: T, attackInput: T, output: T, exchange: T })
const place = { part: 'user', trust: 'user', turn: 0, newest: true } as const
const free = () => null

type Scores = Partial<Record<Label, number>>
/** What each detector says where it is asked; null: it does not answer. */
type World = Readonly<Record<string, Scores | null>>

function scored(detector: string, tier: Tier, scores: Scores) {
  const ppm = LABELS.map((label) => scores[label] ?? 0)
  return { kind: 'scored', detector, tier, stage: 'input', place, ppm } satisfies Finding
}

function given(scores: Scores): DecisionInput {
  const fixed = { standing: ORDINARY, mode: 'enforce', fallbackModel: 'small', asksFallbackTarget: false } as const
  return { stage: 'input', findings: [scored('light', 'light', scores)], ...fixed }
}

/** Walks a cascade as the gateway does, over detectors that answer as the world says. */
function walked(input: DecisionInput, settings: CascadeSettings, world: World) {
  const asked: { id: string; doubted: readonly Category[] }[] = []
  const walk = cascade(input, settings.order.map(memberOf), settings.stop, policy, free)
  let next = walk.next()
  while (next.done !== true) {
    const { member, doubted } = next.value
    asked.push({ id: member.id, doubted })
    const says = answer(world[member.id] ?? null, doubted)
    const finding: Finding =
      says === null
        ? {
            ...{ kind: 'unavailable', detector: member.id, tier: 'second_opinion', stage: 'input', code: 'timeout' },
            ...failures(member, doubted),
          }
        : {
            ...scored(member.id, 'second_opinion', says),
            ...{ covers: member.covers, ...(member.thresholds === null ? {} : { thresholds: member.thresholds }) },
          }
    next = walk.next(finding)
  }
  return { asked, input: { ...input, findings: next.value } }
}

/** A judge is asked about categories, and says nothing of others. */
function answer(scores: Scores | null, doubted: readonly Category[]): Scores | null {
  if (scores === null) return null
  const about = new Set<string>(doubted.map((category) => `harm.${category}`))
  return Object.fromEntries(Object.entries(scores).filter(([label]) => about.has(label)))
}

const whys = ({ findings }: DecisionInput) =>
  findings.flatMap((one) => (one.kind === 'skipped' ? [`${one.detector} ${one.why}`] : []))

describe('cascade', () => {
  const doubt = given({ 'harm.weapons': 700_000 })
  const harmful = { 'harm.weapons': 990_000 }

  test('asks in the order of the safeguard, until the first that is sure', () => {
    const world = { a: { 'harm.weapons': 400_000 }, b: {}, c: harmful }
    const { asked, input } = walked(doubt, aCascade('a', 'b', 'c'), world)
    expect(asked).toEqual([
      { id: 'a', doubted: ['weapons'] },
      { id: 'b', doubted: ['weapons'] },
    ])
    expect(whys(input)).toEqual(['c settled'])
    expect(decide(input, policy).would).toBe('flag')
    expect(walked(doubt, aCascade('c', 'b', 'a'), world).asked.map(({ id }) => id)).toEqual(['c'])
  })

  test('asks nobody where nothing is in doubt, and nobody on a side that they do not read', () => {
    expect(whys(walked(given({}), aCascade('a'), {}).input)).toEqual(['a not_in_doubt'])
    const output = { order: [aMember('a', { stages: ['output'] })], stop: 'settled' } as const
    expect(whys(walked(doubt, output, {}).input)).toEqual(['a stage'])
  })

  test('`cannot_change` hears a word that clears twice, and a word that refuses once', () => {
    const twice = { ...aCascade('a', 'b'), stop: 'cannot_change' } as const
    const cleared = walked(doubt, twice, { a: {}, b: harmful })
    expect(cleared.asked.map(({ id }) => id)).toEqual(['a', 'b'])
    expect(decide(cleared.input, policy).would).toBe('refuse')
    const refused = walked(doubt, twice, { a: harmful, b: {} })
    expect([refused.asked.length, whys(refused.input)]).toEqual([1, ['b cannot_change']])
  })

  test('a detector that does not answer leaves what the safeguard declares for it', () => {
    const strict = {
      order: [aMember('a', { onFailure: { weapons: 'error', default: 'flag' } })],
      stop: 'settled',
    } as const
    expect(decide(walked(doubt, strict, { a: null }).input, policy).would).toBe('refuse')
    expect(decide(walked(doubt, aCascade('a'), { a: null }).input, policy).would).toBe('fall_back')
  })

  test('who is not configured, or cannot do what it is asked, is told with its name', () => {
    const weapons = { id: 'mod', names: ['weapons'], covers: [], reads: ['input'] } as const
    const mod = (facts: Partial<CascadeMember>) => aMember('mod', { names: ['weapons'], covers: [], ...facts })
    const fault = (member: CascadeMember) => cascadeFaults({ order: [member], stop: 'settled' }, [weapons])
    expect(fault(mod({}))).toEqual([])
    expect(fault(aMember('gone'))).toEqual(['cascade: `gone` is not under `detectors:` of the configuration'])
    expect(fault(mod({ stages: ['input', 'output'] }))).toEqual(['cascade: `mod` does not read `output`'])
    expect(fault(mod({ names: ['bio', 'weapons'] }))).toEqual(['cascade: `mod` says nothing of `bio`'])
    expect(fault(mod({ covers: ['weapons'] }))).toEqual(['cascade: `mod` clears no `weapons` by its silence'])
  })
})

describe('a stored decision under a cascade', () => {
  const level = fc.constantFrom(0, 299_999, 300_000, 450_000, 600_000, 899_999, 900_000, 1_000_000)
  const scores = fc.record({ 'harm.weapons': level, 'harm.bio': level, 'harm.privacy': level, 'attack.leak': level })
  const member = (id: string) =>
    fc
      .record({
        names: fc.constantFrom<readonly Category[]>(['weapons'], ['weapons', 'bio'], ['privacy']),
        covers: fc.constantFrom<readonly Category[]>([], ['weapons'], ['weapons', 'bio', 'privacy']),
        stages: fc.constantFrom<CascadeMember['stages']>(['input'], ['output']),
        onFailure: fc.constantFrom<CascadeMember['onFailure']>({}, { default: 'require_trust' }, { bio: 'error' }),
      })
      .map((facts) => aMember(id, facts))
  const settings = fc.record({
    order: fc.tuple(member('a'), member('b'), member('c')).chain((all) => fc.shuffledSubarray(all)),
    stop: fc.constantFrom(...STOPS),
  })
  const says = fc.option(scores)
  const world = fc.record({ a: says, b: says, c: says })

  test('under its own cascade it is what it was, finding by finding', () => {
    fc.assert(
      fc.property(scores, settings, world, (light, own, all) => {
        const { input } = walked(given(light), own, all)
        expect(reheard(input, own, policy, { input, policy, stop: own.stop })).toEqual(input)
      }),
    )
  })

  test('under another one it is what asking would have given, or it is not known; nothing is made up', () => {
    let known = 0
    let unknown = 0
    fc.assert(
      fc.property(scores, settings, settings, world, (light, own, other, all) => {
        const stored = walked(given(light), own, all)
        const truth = walked(given(light), other, all)
        const now = reheard(stored.input, other, policy, { input: stored.input, policy, stop: own.stop })
        const had = new Set(stored.asked.map(({ id, doubted }) => `${id} ${[...doubted].sort()}`))
        if (now === null) {
          unknown++
          expect(truth.asked.some(({ id, doubted }) => !had.has(`${id} ${[...doubted].sort()}`))).toBe(true)
        } else {
          known++
          expect(now).toEqual(truth.input)
        }
      }),
      { numRuns: 2000 },
    )
    // Both ways out were taken often.
    expect(Math.min(known, unknown)).toBeGreaterThan(100)
  })

  test('what kept a detector from being asked then keeps it now: a stream waits for no judge', () => {
    const input = given({ 'harm.weapons': 700_000 })
    const streamed: Finding = { kind: 'skipped', detector: 'a', stage: 'input', why: 'stream' }
    const stored = { ...input, findings: [...input.findings, streamed] }
    const past = { input: stored, policy, stop: 'settled' } as const
    expect(reheard(stored, aCascade('a'), policy, past)).toEqual(stored)
    const settled = { ...stored, findings: [...input.findings, { ...streamed, why: 'settled' }] }
    expect(reheard(settled, aCascade('a'), policy, past)).toBeNull()
  })

  test('an answer to another question is no answer, and neither is one to a question that nobody knows', () => {
    const light = { 'harm.weapons': 700_000, 'harm.bio': 250_000 } as const
    const { input } = walked(given(light), aCascade('a'), { a: { 'harm.weapons': 990_000 } })
    const past = { input, policy, stop: 'settled' } as const
    expect(reheard(input, aCascade('a'), policy, past)).toEqual(input)
    expect(reheard(input, aCascade('a'), policy, null)).toBeNull()
    const lower = { ...policy.harms.bio, input: { ...T, clear: 200_000 } }
    const wider = { ...policy, harms: { ...policy.harms, bio: lower } }
    expect(reheard(input, aCascade('a'), wider, past)).toBeNull()
  })

  test('what other detectors skipped stays; of an unknown cascade only the clear cases are known', () => {
    const partial: Finding = { kind: 'skipped', detector: 'hook', stage: 'input', why: 'partial_view' }
    const clear = walked(given({}), aCascade('a'), {}).input
    const stored = { ...clear, findings: [...clear.findings, partial] }
    expect(reheard(stored, aCascade(), policy, null)?.findings.slice(1)).toEqual([partial])
    expect(unasked(stored, policy)?.findings.slice(1)).toEqual([partial])
    expect(unasked(given({ 'harm.weapons': 700_000 }), policy)).toBeNull()
  })
})

test('SR-9: the silence of a rule is no second opinion: who is asked or not leaves it where it is', () => {
  const silent = {
    ...{ kind: 'unavailable', detector: ruleDetector('large'), tier: 'second_opinion', stage: 'input' },
    ...{ code: 'over_budget', onFailure: [{ category: 'cyber', action: 'flag' }] },
  } satisfies Finding
  const input = given({})
  const marked = { ...input, findings: [...input.findings, silent] }
  expect(unasked(marked, policy)?.findings).toContainEqual(silent)
  expect(decide(marked, policy).would).toBe('flag')
})
