import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Asked, parseQuorum, quorumMet, quorumText, type Yes } from './quorum.ts'
import { isSinglePerson, ONE_PERSON, type Register, TIER_QUORUMS, type Tier, tierQuorum } from './register.ts'

const yes = (person: string, ...groups: string[]): Yes => ({ person, groups })
const asked = (approvals: readonly Yes[], more: Partial<Asked> = {}): Asked => ({
  ...{ approvals, objections: [], daysAsked: 0 },
  ...more,
})
const met = (text: string, approvals: readonly Yes[], more: Partial<Asked> = {}) =>
  quorumMet(parseQuorum(text), asked(approvals, more))

const GROUPS = ['technical', 'policy', 'legal', 'peers', 'duty'] as const
const demand = fc.record({
  count: fc.integer({ min: 1, max: 3 }),
  groups: fc.uniqueArray(fc.constantFrom(...GROUPS), { minLength: 1, maxLength: 3 }),
  silenceDays: fc.constantFrom(null, 0, 5),
})
const quorums = fc.array(demand, { maxLength: 4 })
const approval = fc.record({
  person: fc.constantFrom('a', 'b', 'c', 'd', 'e'),
  groups: fc.uniqueArray(fc.constantFrom(...GROUPS), { minLength: 1, maxLength: 3 }),
})
const situation = fc.record({
  approvals: fc.array(approval, { maxLength: 8 }),
  objections: fc.uniqueArray(fc.constantFrom(...GROUPS), { maxLength: 2 }),
  daysAsked: fc.constantFrom(0, 4, 5, 6),
})

describe('quorum', () => {
  const cases: readonly (readonly [name: string, text: string, approvals: readonly Yes[], result: boolean])[] = [
    ['none asks nobody', 'none', [], true],
    ['one of a group', '1 of peers', [yes('a', 'peers')], true],
    ['of another group is nobody', '1 of peers', [yes('a', 'policy')], false],
    ['a group alone means one of it', 'policy', [yes('a', 'policy')], true],
    ['two of a group are two people', '2 of technical', [yes('a', 'technical'), yes('a', 'technical')], false],
    ['one person with two roles counts once', '1 of peers + 1 of technical', [yes('a', 'peers', 'technical')], false],
    ['roles are shared out well', 'peers + technical', [yes('a', 'peers', 'technical'), yes('b', 'peers')], true],
    [
      'ratify wants a technical one',
      'technical + 1 of {technical, policy, duty}',
      [yes('a', 'policy'), yes('b', 'duty')],
      false,
    ],
    ['ratify', 'technical + {technical, policy, duty}', [yes('a', 'policy'), yes('b', 'technical')], true],
    ['3 of (a + b) is both, and three in all', '3 of (peers + legal)', [yes('a', 'peers'), yes('b', 'legal')], false],
    ['… and with a third', '3 of (peers + legal)', [yes('a', 'peers'), yes('b', 'legal'), yes('c', 'legal')], true],
  ]
  for (const [name, text, approvals, result] of cases)
    test(name, () => {
      expect(met(text, approvals)).toBe(result)
    })

  test('silence counts from its day on, unless somebody of that group objected', () => {
    const text = '1 of technical + legal (no_objection 5 d)'
    const one = [yes('a', 'technical')]
    expect(met(text, one, { daysAsked: 4.999 })).toBe(false)
    expect(met(text, one, { daysAsked: 5 })).toBe(true)
    expect(met(text, one, { daysAsked: 50, objections: ['legal'] })).toBe(false)
    expect(met(text, [], { daysAsked: 50 })).toBe(false)
    expect(met(text, [...one, yes('b', 'legal')], { objections: ['legal'] })).toBe(true)
  })

  test('what is not of the grammar is refused', () => {
    for (const text of [
      '',
      '1',
      'of peers',
      '0 of peers',
      '51 of a',
      '1 of',
      '{a',
      '{a,}',
      'a +',
      '+ a',
      'a b',
      'a ()',
    ])
      expect(() => parseQuorum(text), text).toThrow(expect.objectContaining({ code: 'quorum_invalid' }))
    for (const text of ['none + a', 'A', 'a (no_objection d)', 'a (objection 5 d)', '('.repeat(99), 'a'.repeat(501)])
      expect(() => parseQuorum(text), text).toThrow(expect.objectContaining({ code: 'quorum_invalid' }))
  })

  test('is read back as it was', () => {
    fc.assert(
      fc.property(quorums, (quorum) => {
        expect(parseQuorum(quorumText(quorum))).toEqual(quorum)
      }),
    )
  })

  test('total, and one more approval never breaks what is met', () => {
    fc.assert(
      fc.property(quorums, situation, approval, (quorum, situation, extra) => {
        const before = quorumMet(quorum, situation)
        const after = quorumMet(quorum, { ...situation, approvals: [...situation.approvals, extra] })
        expect(after || !before).toBe(true)
      }),
    )
  })

  test('free of order: of approvals, of demands, of one person’s roles told in pieces', () => {
    fc.assert(
      fc.property(quorums, situation, (quorum, situation) => {
        const pieces = situation.approvals.flatMap(({ person, groups }) => groups.map((group) => yes(person, group)))
        const turned = { ...situation, approvals: pieces.reverse() }
        expect(quorumMet([...quorum].reverse(), turned)).toBe(quorumMet(quorum, situation))
      }),
    )
  })

  test('never met by fewer people than it asks for', () => {
    fc.assert(
      fc.property(quorums, situation, (quorum, situation) => {
        const people = new Set(situation.approvals.map(({ person }) => person)).size
        const least = quorum.filter(({ silenceDays }) => silenceDays === null).reduce((sum, one) => sum + one.count, 0)
        if (people < least) expect(quorumMet(quorum, situation)).toBe(false)
      }),
    )
  })
})

describe('register', () => {
  test('with one person, tiers 0 to 2 ask nobody and tier 3 is closed', () => {
    expect(isSinglePerson(ONE_PERSON)).toBe(true)
    expect([0, 1, 2, 3].map((tier) => tierQuorum(tier as Tier, ONE_PERSON))).toEqual([[], [], [], 'closed'])
  })

  test('from the second person on, every tier means what it says', () => {
    const first = ONE_PERSON.authorities[0]!
    const two: Register = { authorities: [{ ...first, deputies: ['second'] }] }
    expect(isSinglePerson(two)).toBe(false)
    for (const tier of [0, 1, 2, 3] as const) expect(tierQuorum(tier, two)).toEqual(parseQuorum(TIER_QUORUMS[tier]))
  })
})
