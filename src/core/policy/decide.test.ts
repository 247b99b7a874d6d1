import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ATTACK_FORMS, CATEGORIES } from '../base/harm.ts'
import { LABELS, type Label } from '../base/reasons.ts'
import type { PartKind, Trust } from '../conversation/exchange.ts'
import { ORDINARY, type Standing } from '../trust/standing.ts'
import { decide, strictest } from './decide.ts'
import type { DecisionInput } from './decision.ts'
import { defaultPolicy } from './default-policy.ts'
import { FAIL_ACTIONS, type Finding, type Stage, type Tier } from './finding.ts'
import { ACTIONS, type Action, rank } from './policy.ts'

const T = { clear: 300_000, act: 600_000, actPlus: 900_000 }
const policy = defaultPolicy({ harmInput: T, attackInput: T, output: T, exchange: T })

interface Where {
  readonly stage?: Stage
  readonly part?: PartKind
  readonly trust?: Trust
  readonly newest?: boolean
  readonly tier?: Tier
}

function scored(scores: Partial<Record<Label, number>>, where: Where = {}): Finding {
  const { stage = 'input', part = 'user', trust = 'user', newest = true, tier = 'light' } = where
  const ppm = LABELS.map((label) => scores[label] ?? 0)
  return { kind: 'scored', detector: tier, tier, stage, place: { part, trust, turn: 0, newest }, ppm }
}

function given(findings: readonly Finding[], some: Partial<DecisionInput> = {}): DecisionInput {
  return {
    stage: 'input',
    findings,
    standing: ORDINARY,
    mode: 'enforce',
    fallbackModel: 'small',
    asksFallbackTarget: false,
    ...some,
  }
}

const defender: Standing = { kind: 'trusted', scopes: ['cyber'] }
const noTarget = { fallbackModel: null }
const down: Finding = { kind: 'unavailable', detector: 'light', tier: 'light', stage: 'input' }
const judgeDown: Extract<Finding, { kind: 'unavailable' }> = {
  kind: 'unavailable',
  detector: 'judge',
  tier: 'second_opinion',
  stage: 'input',
}
const image: Finding = {
  kind: 'uninspected',
  stage: 'input',
  media: 'image',
  place: { part: 'image', trust: 'user', turn: 0, newest: true },
}

const unread: Finding = {
  kind: 'uninspected',
  stage: 'input',
  media: 'unknown_language',
  place: { part: 'user', trust: 'user', turn: 0, newest: true },
}

const cases: [
  name: string,
  findings: Finding[],
  some: Partial<DecisionInput>,
  action: Action,
  reason: string | null,
][] = [
  ['nothing found', [], {}, 'allow', null],
  ['below clear is nothing', [scored({ 'harm.fraud-deception': 299_999 })], {}, 'allow', null],
  [
    'a threshold includes its own value',
    [scored({ 'harm.fraud-deception': 300_000 })],
    {},
    'flag',
    'harm.fraud-deception',
  ],
  [
    'the abstain band of an irreversible category falls back',
    [scored({ 'harm.bio': 300_000 })],
    {},
    'fall_back',
    'harm.bio',
  ],
  [
    'at act the light tier diverts at most on intent',
    [scored({ 'harm.weapons': 600_000 })],
    {},
    'fall_back',
    'harm.weapons',
  ],
  ['far past act it still only diverts', [scored({ 'harm.bio': 1_000_000 })], {}, 'fall_back', 'harm.bio'],
  ['topics of taste are flagged', [scored({ 'harm.privacy': 1_000_000 })], {}, 'flag', 'harm.privacy'],
  [
    'light intent without a target is flagged, not refused',
    [scored({ 'harm.bio': 999_999 })],
    noTarget,
    'flag',
    'harm.bio',
  ],
  [
    'a model that is the target already answers',
    [scored({ 'harm.cyber': 700_000 })],
    { asksFallbackTarget: true, fallbackModel: null },
    'flag',
    'harm.cyber',
  ],
  [
    'a second opinion may refuse on intent',
    [scored({ 'harm.weapons': 600_000 }, { tier: 'second_opinion' })],
    {},
    'refuse',
    'harm.weapons',
  ],
  [
    '… and needs trusted access for cyber far past act',
    [scored({ 'harm.cyber': 900_000 }, { tier: 'second_opinion' })],
    {},
    'require_trust',
    'harm.cyber',
  ],
  [
    'answers are judged as they stand',
    [scored({ 'harm.weapons': 600_000 }, { stage: 'output', trust: 'untrusted' })],
    {},
    'refuse',
    'harm.weapons',
  ],
  [
    'an answer that should fall back and cannot is refused',
    [scored({ 'harm.cyber': 600_000 }, { stage: 'output', trust: 'untrusted' })],
    noTarget,
    'refuse',
    'harm.cyber',
  ],
  [
    'an attack form in the user turn is refused',
    [scored({ 'attack.jailbreak': 600_000 })],
    {},
    'refuse',
    'attack.jailbreak',
  ],
  [
    'an attack form in a tool result falls back',
    [scored({ 'attack.injection': 600_000 }, { part: 'tool_result', trust: 'untrusted' })],
    {},
    'fall_back',
    'attack.injection',
  ],
  [
    'an attack form in a system prompt that is not far past its line comes with every request of its application',
    [scored({ 'attack.injection': 899_999, 'harm.fraud-deception': 899_999 }, { part: 'system', trust: 'system' })],
    {},
    'allow',
    null,
  ],
  [
    'a doubt about history was marked when it was new',
    [scored({ 'attack.injection': 599_999, 'harm.fraud-deception': 599_999 }, { newest: false })],
    {},
    'allow',
    null,
  ],
  [
    'an attack form far past its line in a system prompt is flagged',
    [scored({ 'attack.injection': 999_999 }, { part: 'system', trust: 'system' })],
    {},
    'flag',
    'attack.injection',
  ],
  [
    'an attack form in history was decided when it was new',
    [scored({ 'attack.jailbreak': 999_999 }, { newest: false })],
    {},
    'flag',
    'attack.jailbreak',
  ],
  [
    'an attack on cyber needs trusted access',
    [scored({ 'attack.jailbreak': 700_000, 'harm.cyber': 700_000 })],
    {},
    'require_trust',
    'attack.jailbreak',
  ],
  [
    'harm in a quoted document has no intent',
    [scored({ 'harm.bio': 999_999 }, { part: 'document', trust: 'untrusted' })],
    {},
    'flag',
    'harm.bio',
  ],
  [
    'harm in history has no intent of its own',
    [scored({ 'harm.bio': 999_999 }, { newest: false })],
    {},
    'flag',
    'harm.bio',
  ],
  [
    'a grant softens the finding it covers',
    [scored({ 'harm.cyber': 999_999 })],
    { standing: defender },
    'flag',
    'harm.cyber',
  ],
  [
    '… and no other',
    [scored({ 'harm.cyber': 999_999, 'harm.bio': 700_000 })],
    { standing: defender },
    'fall_back',
    'harm.bio',
  ],
  ['a classifier that fails is a finding, not a pass', [down], {}, 'fall_back', 'detector.unavailable'],
  ['… and without a weaker model, no answer', [down], noTarget, 'refuse', 'detector.unavailable'],
  ['a judge that is down leaves the cheaper stages to decide', [judgeDown], {}, 'allow', null],
  [
    'a second opinion that finds nothing leaves the mark for a person',
    [scored({ 'harm.weapons': 950_000 }), scored({}, { tier: 'second_opinion' })],
    {},
    'flag',
    'harm.weapons',
  ],
  [
    '… one that is in doubt itself settles nothing',
    [scored({ 'harm.weapons': 950_000 }), scored({ 'harm.weapons': 400_000 }, { tier: 'second_opinion' })],
    {},
    'fall_back',
    'harm.weapons',
  ],
  [
    '… nor one about something else',
    [
      scored({ 'harm.bio': 950_000 }),
      { ...(scored({}, { tier: 'second_opinion' }) as Extract<Finding, { kind: 'scored' }>), covers: ['sexual'] },
    ],
    {},
    'fall_back',
    'harm.bio',
  ],
  [
    '… nor one on the answer the request',
    [scored({ 'harm.bio': 950_000 }), scored({}, { tier: 'second_opinion', stage: 'output', trust: 'untrusted' })],
    {},
    'fall_back',
    'harm.bio',
  ],
  [
    'a second opinion lifts no attack form',
    [scored({ 'attack.leak': 700_000 }), scored({}, { tier: 'second_opinion' })],
    {},
    'refuse',
    'attack.leak',
  ],
  [
    '… and no word on an answer',
    [
      scored({ 'harm.weapons': 600_000 }, { stage: 'output', trust: 'untrusted' }),
      scored({}, { stage: 'output', trust: 'untrusted', tier: 'second_opinion' }),
    ],
    {},
    'refuse',
    'harm.weapons',
  ],
  [
    'thresholds of its own count for its own scores',
    [
      {
        ...(scored({ 'harm.weapons': 250_000 }, { tier: 'second_opinion' }) as Extract<Finding, { kind: 'scored' }>),
        thresholds: { clear: 100_000, act: 200_000, actPlus: 300_000 },
      },
    ],
    {},
    'refuse',
    'harm.weapons',
  ],
  [
    'a probe alone decides nothing',
    [scored({ 'harm.weapons': 999_999 }, { tier: 'probe', stage: 'output', trust: 'untrusted' })],
    {},
    'allow',
    null,
  ],
  [
    '… and with the light tier in doubt about the same it does',
    [
      scored({ 'harm.weapons': 300_000 }, { stage: 'output', trust: 'untrusted' }),
      scored({ 'harm.weapons': 999_999 }, { tier: 'probe', stage: 'output', trust: 'untrusted' }),
    ],
    {},
    'refuse',
    'harm.weapons',
  ],
  ...(
    [
      ['flag', 'fall_back', 'harm.weapons'],
      ['fall_back', 'fall_back', 'harm.weapons'],
      ['require_trust', 'require_trust', 'harm.weapons'],
      ['error', 'refuse', 'detector.unavailable'],
    ] as const
  ).map(([declared, action, reason]): (typeof cases)[number] => [
    `a judge that is down, declared ${declared}`,
    [scored({ 'harm.weapons': 600_000 }), { ...judgeDown, onFailure: [{ category: 'weapons', action: declared }] }],
    {},
    action,
    reason,
  ]),
  [
    '… and not, where another opinion came instead',
    [
      scored({ 'harm.weapons': 600_000 }),
      { ...judgeDown, onFailure: [{ category: 'weapons', action: 'error' }] },
      scored({}, { tier: 'second_opinion' }),
    ],
    {},
    'flag',
    'harm.weapons',
  ],
  ['a part that was not read is flagged', [image], {}, 'flag', 'content.uninspected'],
  ['so is a language that nobody here reads', [unread, scored({})], noTarget, 'flag', 'content.uninspected'],
  [
    '… and not, where a second opinion has read it',
    [unread, scored({}), scored({}, { tier: 'second_opinion' })],
    {},
    'allow',
    null,
  ],
  [
    '… which may have read what is refused',
    [unread, scored({ 'harm.weapons': 990_000 }, { tier: 'second_opinion' })],
    {},
    'refuse',
    'harm.weapons',
  ],
  ['… but a probe reads nothing', [unread, scored({}, { tier: 'probe' })], {}, 'flag', 'content.uninspected'],
  [
    'the strictest finding wins',
    [scored({ 'harm.privacy': 999_999, 'attack.leak': 600_000 })],
    {},
    'refuse',
    'attack.leak',
  ],
]
for (const [name, findings, some, action, reason] of cases)
  test(`decide: ${name}`, () => {
    const decision = decide(given(findings, some), policy)
    expect([decision.action, decision.reason]).toEqual([action, reason])
  })

test('decide: observe flags at most, and says what it would have done', () => {
  const decision = decide(given([scored({ 'attack.leak': 700_000 })], { mode: 'observe' }), policy)
  expect([decision.action, decision.would]).toEqual(['flag', 'refuse'])
})

test('decide: a detector that did not answer is named', () => {
  expect(decide(given([judgeDown]), policy).degraded).toEqual(['judge'])
})

test('decide: an attack takes the category of the harm found with it', () => {
  const found = [scored({ 'attack.jailbreak': 700_000, 'harm.illegal-drugs': 650_000 })]
  expect(decide(given(found), policy).category).toBe('illegal-drugs')
  expect(decide(given([scored({ 'attack.leak': 700_000 })]), policy).category).toBe('prompt-injection')
  expect(decide(given([scored({ 'attack.suffix': 700_000 })]), policy).category).toBe('other-harm')
})

// Uniform numbers almost never land on a threshold: aim at the borders.
const ppm = fc.constantFrom(0, 299_999, 300_000, 599_999, 600_000, 899_999, 900_000, 1_000_000)
const finding = fc.oneof(
  fc
    .record({
      label: fc.constantFrom(...LABELS),
      ppm,
      stage: fc.constantFrom<Stage>('input', 'output', 'exchange'),
      trust: fc.constantFrom<Trust>('user', 'untrusted', 'system'),
      newest: fc.boolean(),
      tier: fc.constantFrom<Tier>('light', 'probe', 'second_opinion'),
    })
    .map(({ label, ppm: p, ...where }) => scored({ [label]: p }, where)),
  fc.constant(down),
  fc.constant(judgeDown),
  fc
    .record({
      category: fc.constantFrom(...CATEGORIES),
      action: fc.constantFrom(...FAIL_ACTIONS),
      stage: fc.constantFrom<Stage>('input', 'output'),
    })
    .map(({ stage, ...declared }): Finding => ({ ...judgeDown, stage, onFailure: [declared] })),
  fc.constant(image),
)
const some = fc.record({
  standing: fc.constantFrom(ORDINARY, defender),
  mode: fc.constantFrom<'observe' | 'enforce'>('observe', 'enforce'),
  fallbackModel: fc.constantFrom(null, 'small'),
  asksFallbackTarget: fc.boolean(),
})

const beside = (all: readonly Finding[]) =>
  all.some((one) => one.kind === 'scored' && one.ppm.some((p, i) => p >= T.act && LABELS[i]!.startsWith('attack.')))
const harmful = (one: Finding) =>
  one.kind === 'scored' && one.ppm.some((p, i) => p > 0 && LABELS[i]!.startsWith('harm.'))
const isOpinion = (one: Finding) => one.kind === 'scored' && one.tier === 'second_opinion'

test('decide: one more finding never loosens, but for cyber beside an attack form, and for second opinions', () => {
  fc.assert(
    fc.property(some, fc.array(finding, { maxLength: 5 }), finding, (conditions, findings, extra) => {
      fc.pre(!isOpinion(extra) && !(beside([...findings, extra]) && [...findings, extra].some(harmful)))
      const before = decide(given(findings, conditions), policy)
      const after = decide(given([...findings, extra], conditions), policy)
      expect(rank(after.would)).toBeGreaterThanOrEqual(rank(before.would))
    }),
    { numRuns: 2000 },
  )
})

test('CL-13: decide: a second opinion lowers the light tier on intent alone, and never below the mark for a person', () => {
  fc.assert(
    fc.property(some, fc.array(finding, { maxLength: 5 }), finding, (conditions, findings, extra) => {
      fc.pre(isOpinion(extra) && !(beside([...findings, extra]) && [...findings, extra].some(harmful)))
      const before = decide(given(findings, conditions), policy)
      const after = decide(given([...findings, extra], conditions), policy)
      expect(rank(after.would)).toBeGreaterThanOrEqual(Math.min(rank(before.would), rank('flag')))
      // What is no reading of intent by the light tier, and no stand-in for an answer, stands as it stood.
      const firm = findings.filter(
        (one) =>
          !(one.kind === 'scored' && one.tier === 'light' && one.stage === 'input' && harmful(one)) &&
          !(one.kind === 'unavailable' && one.tier !== 'light'),
      )
      expect(rank(after.would)).toBeGreaterThanOrEqual(rank(decide(given(firm, conditions), policy).would))
    }),
    { numRuns: 2000 },
  )
})

test('decide: the order of findings does not matter for the action', () => {
  fc.assert(
    fc.property(some, fc.array(finding, { maxLength: 6 }), (conditions, findings) => {
      const forward = decide(given(findings, conditions), policy)
      expect(decide(given([...findings].reverse(), conditions), policy).would).toBe(forward.would)
    }),
  )
})

test('CL-18: decide: the light tier alone never refuses on intent', () => {
  fc.assert(
    fc.property(
      some,
      fc.array(fc.tuple(fc.constantFrom(...CATEGORIES), ppm), { minLength: 1 }),
      (conditions, harms) => {
        const found = scored(Object.fromEntries(harms.map(([category, p]) => [`harm.${category}`, p])))
        expect(rank(decide(given([found], conditions), policy).would)).toBeLessThanOrEqual(rank('fall_back'))
      },
    ),
  )
})

test('decide: total over every label, place and condition; observe never acts', () => {
  fc.assert(
    fc.property(some, fc.array(finding, { maxLength: 8 }), (conditions, findings) => {
      const decision = decide(given(findings, conditions), policy)
      expect(ACTIONS).toContain(decision.action)
      if (conditions.mode === 'observe') expect(rank(decision.action)).toBeLessThanOrEqual(rank('flag'))
      expect(decision.reason === null).toBe(decision.would === 'allow')
    }),
  )
})

test('decide: a language is no reason to refuse, whatever else nobody has read', () => {
  const strict = { ...policy, uninspected: 'refuse' } as const
  expect(decide(given([image]), strict).action).toBe('refuse')
  expect(decide(given([unread]), strict).action).toBe('flag')
  expect(decide(given([unread]), { ...policy, uninspected: 'allow' }).action).toBe('allow')
})

test('strictest: the strictest stage counts, the later one where they are equal', () => {
  const flag = decide(given([scored({ 'harm.privacy': 999_999 })]), policy)
  const other = decide(given([image]), policy)
  const none = decide(given([]), policy)
  expect(strictest([flag, none])).toBe(flag)
  expect(strictest([flag, other])).toBe(other)
  expect(strictest([none])).toBe(none)
})

test('default policy: a rule for all sixteen categories and every attack form', () => {
  expect(Object.keys(policy.harms)).toEqual([...CATEGORIES])
  expect(Object.keys(policy.attacks)).toEqual([...ATTACK_FORMS])
})
