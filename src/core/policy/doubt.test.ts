import fc from 'fast-check'
import { expect, test } from 'vitest'
import { CATEGORIES } from '../base/harm.ts'
import { LABELS, type Label } from '../base/reasons.ts'
import { ORDINARY } from '../trust/standing.ts'
import { decide } from './decide.ts'
import type { DecisionInput } from './decision.ts'
import { defaultPolicy } from './default-policy.ts'
import { inDoubt, mayChange } from './doubt.ts'
import type { Finding, Stage, Tier } from './finding.ts'
import { type Policy, rank } from './policy.ts'

const T = { clear: 300_000, act: 600_000, actPlus: 900_000 }
const policy = defaultPolicy({ harmInput: T, attackInput: T, output: T, exchange: T })
const EVERYTHING = { names: CATEGORIES, covers: CATEGORIES }

function scored(scores: Partial<Record<Label, number>>, tier: Tier = 'light', stage: Stage = 'input', newest = true) {
  const ppm = LABELS.map((label) => scores[label] ?? 0)
  const place = { part: 'user', trust: 'user', turn: 0, newest } as const
  return { kind: 'scored', detector: tier, tier, stage, place, ppm } satisfies Finding
}

function given(findings: readonly Finding[], some: Partial<DecisionInput> = {}): DecisionInput {
  const stage = findings.some((one) => one.kind === 'scored' && one.stage === 'output') ? 'output' : 'input'
  const fixed = { standing: ORDINARY, mode: 'enforce', fallbackModel: 'small', asksFallbackTarget: false } as const
  return { stage, findings, ...fixed, ...some }
}

const UNREAD: Finding = {
  kind: 'uninspected',
  stage: 'input',
  media: 'unknown_language',
  place: { part: 'user', trust: 'user', turn: 0, newest: true },
}

const cases: [name: string, findings: Finding[], doubted: string[]][] = [
  ['nothing found', [], []],
  ['below clear', [scored({ 'harm.weapons': 299_999 })], []],
  ['the abstain band', [scored({ 'harm.weapons': 300_000 })], ['weapons']],
  ['intent at act, where the light tier is capped', [scored({ 'harm.weapons': 999_999 })], ['weapons']],
  ['history has no intent', [scored({ 'harm.weapons': 999_999 }, 'light', 'input', false)], []],
  ['an answer in the abstain band', [scored({ 'harm.weapons': 300_000 }, 'light', 'output')], ['weapons']],
  ['an answer at act is judged as it stands', [scored({ 'harm.weapons': 600_000 }, 'light', 'output')], []],
  ['an attack form in the abstain band', [scored({ 'attack.leak': 300_000 })], ['prompt-injection']],
  ['an attack form at act is decided', [scored({ 'attack.leak': 600_000 })], []],
  ['a language that the light tier cannot read', [UNREAD, scored({})], [...CATEGORIES]],
  ['… and that a second opinion has read', [UNREAD, scored({}, 'second_opinion')], []],
  ['… or has read but for one category', [UNREAD, { ...scored({}, 'second_opinion'), open: ['bio'] }], ['bio']],
  ['a second opinion settles', [scored({ 'harm.weapons': 700_000 }), scored({}, 'second_opinion')], []],
  [
    'what it leaves open it does not',
    [
      scored({ 'harm.weapons': 700_000, 'harm.bio': 700_000 }),
      { ...scored({ 'harm.bio': 990_000 }, 'second_opinion'), open: ['weapons'] },
    ],
    ['weapons'],
  ],
  [
    'one in doubt itself does not',
    [scored({ 'harm.weapons': 700_000 }), scored({ 'harm.bio': 400_000, 'harm.weapons': 400_000 }, 'second_opinion')],
    ['weapons', 'bio'],
  ],
]
for (const [name, findings, doubted] of cases)
  test(`in doubt: ${name}`, () => expect([...inDoubt(given(findings), policy)].sort()).toEqual([...doubted].sort()))

test('in doubt: from `ask` on, where the light tier does nothing by itself; absent, from `clear` on', () => {
  const rule = policy.harms.weapons
  const asking = { ...policy, harms: { ...policy.harms, weapons: { ...rule, ask: 100_000 } } }
  const of = (p: number, by: Policy = asking, ...more: Parameters<typeof scored>[1][]) =>
    inDoubt(given([scored({ 'harm.weapons': p }, ...more)]), by)
  expect(of(99_999)).toEqual([])
  expect(of(100_000)).toEqual(['weapons'])
  expect(decide(given([scored({ 'harm.weapons': 299_999 })]), asking).would).toBe('allow')
  // Only the light tier's: whoever is asked is sure below its own line.
  expect(of(100_000, asking, 'second_opinion')).toEqual([])
  const { ask: _, ...silent } = rule
  const absent = { ...policy, harms: { ...policy.harms, weapons: silent } }
  expect([of(299_999, absent), of(300_000, absent)]).toEqual([[], ['weapons']])
  // A line for marking that was moved below it is not undone by it.
  const above = { ...policy, harms: { ...policy.harms, weapons: { ...rule, ask: 500_000 } } }
  expect(of(300_000, above)).toEqual(['weapons'])
})

test('what is asked about and found harmless passes as if nobody had asked; found harmful it is acted on', () => {
  const rule = { ...policy.harms.weapons, ask: 100_000 }
  const asking = { ...policy, harms: { ...policy.harms, weapons: rule } }
  const light = scored({ 'harm.weapons': 200_000 })
  const after = (said: number) => decide(given([light, scored({ 'harm.weapons': said }, 'second_opinion')]), asking)
  expect(mayChange(given([light]), ['weapons'], EVERYTHING, asking)).toBe(true)
  expect([after(0).would, after(700_000).would]).toEqual(['allow', 'refuse'])
  // A probe agrees with a doubt, and this is one.
  const probe = (p: number) =>
    decide(given([scored({ 'harm.weapons': p }), scored({ 'harm.weapons': 700_000 }, 'probe')]), asking)
  expect([probe(99_999).would, probe(100_000).would === 'allow']).toEqual(['allow', false])
})

test('may change: no word can change what is flagged at most, or refused already', () => {
  const privacy = given([scored({ 'harm.privacy': 999_999 })])
  expect(mayChange(privacy, inDoubt(privacy, policy), EVERYTHING, policy)).toBe(false)
  const attack = given([scored({ 'attack.leak': 700_000, 'harm.weapons': 700_000 })])
  expect(mayChange(attack, inDoubt(attack, policy), EVERYTHING, policy)).toBe(false)
  const weapons = given([scored({ 'harm.weapons': 700_000 })])
  expect(mayChange(weapons, inDoubt(weapons, policy), EVERYTHING, policy)).toBe(true)
  expect(mayChange(weapons, inDoubt(weapons, policy), { names: ['sexual'], covers: ['sexual'] }, policy)).toBe(false)
})

test('may change: a word on one of two harms may leave an attack form without its way on', () => {
  const found = { 'harm.sexual': 300_000, 'harm.cyber': 600_000, 'attack.suffix': 600_000 }
  const input = given([scored(found)])
  expect(mayChange(input, inDoubt(input, policy), EVERYTHING, policy)).toBe(true)
})

test('may change: whoever reads a language that the light tier cannot may free it, or stop it', () => {
  const input = given([UNREAD, scored({})])
  expect(mayChange(input, inDoubt(input, policy), EVERYTHING, policy)).toBe(true)
})

test('may change: in a language that nobody has read, few decisions are tried', () => {
  let decided = 0
  const counting: Policy = {
    ...policy,
    get attacks() {
      return policy.attacks
    },
    get harms() {
      decided++
      return policy.harms
    },
  }
  const place = { part: 'user', trust: 'user', turn: 0, newest: true } as const
  const rule = { kind: 'rule', rule: 'r', stage: 'input', action: 'refuse', category: 'bio', place } as const
  const tried = (...findings: Finding[]) => {
    decided = 0
    const input = given([UNREAD, scored({}), ...findings])
    return [mayChange(input, CATEGORIES, EVERYTHING, counting), decided < 20]
  }
  expect(tried(rule)).toEqual([false, true])
  expect(tried({ kind: 'control', control: 'suspended' })).toEqual([true, true])
  expect(tried(scored({ 'attack.leak': 700_000 }))).toEqual([true, true])
})

test('may change: where it says no, no opinion on what is in doubt changes the action', () => {
  const ppm = fc.constantFrom(0, 300_000, 600_000, 900_000, 1_000_000)
  const light = fc.dictionary(fc.constantFrom(...LABELS), ppm, { maxKeys: 4 })
  fc.assert(
    fc.property(light, fc.array(ppm, { minLength: 16, maxLength: 16 }), fc.boolean(), (found, said, target) => {
      const input = given([scored(found)], { fallbackModel: target ? 'small' : null })
      const doubted = inDoubt(input, policy)
      fc.pre(doubted.length > 0 && !mayChange(input, doubted, EVERYTHING, policy))
      const word = Object.fromEntries(doubted.map((category, i) => [`harm.${category}`, said[i] ?? 0]))
      const after = { ...input, findings: [...input.findings, scored(word, 'second_opinion')] }
      expect(decide(after, policy).would).toBe(decide(input, policy).would)
    }),
  )
})

test('CL-13: a word that names one harm and leaves the others open never makes a decision milder', () => {
  const ppm = fc.constantFrom(0, 300_000, 450_000, 600_000, 750_000, 900_000, 1_000_000)
  const harms = LABELS.filter((label) => label.startsWith('harm.'))
  const light = fc.dictionary(fc.constantFrom(...harms), ppm, { maxKeys: 4 })
  fc.assert(
    fc.property(light, fc.constantFrom(...CATEGORIES), ppm, fc.boolean(), (found, named, said, target) => {
      const input = given([scored(found)], { fallbackModel: target ? 'small' : null })
      const doubted = inDoubt(input, policy)
      fc.pre(!doubted.includes(named))
      const word = { ...scored({ [`harm.${named}`]: said }, 'second_opinion'), open: doubted }
      const after = { ...input, findings: [...input.findings, word] }
      expect(rank(decide(after, policy).would)).toBeGreaterThanOrEqual(rank(decide(input, policy).would))
    }),
  )
})
