import fc from 'fast-check'
import { expect, test } from 'vitest'
import { aBundle, aCascade, aFamily } from '../../../test/fakes/a-bundle.ts'
import { anAnswer } from '../../../test/fakes/an-answer.ts'
import { CATEGORIES } from '../base/harm.ts'
import { LABELS } from '../base/reasons.ts'
import { decide } from '../policy/decide.ts'
import type { DecisionInput } from '../policy/decision.ts'
import type { Bundle } from './bundle.ts'
import { asSafeguard } from './safeguard.ts'
import { foreignParts, joined, joinedOf, joinedSafeguard, releaseOf } from './slots.ts'

const base = aBundle()

/** A domain's bundle with lines of its own, and nothing of the base's. */
function domain(slot: 'cyber' | 'bio', act: number, facts: Partial<Bundle> = {}): Bundle {
  const lines = { clear: act - 1, act, actPlus: act + 1 }
  const harms = { ...base.policy.harms, [slot]: { ...base.policy.harms[slot], output: lines, exchange: lines } }
  return { ...base, slot, model: null, rules: [], families: [], policy: { ...base.policy, harms }, ...facts }
}

test('slots: every category is decided by the slot that claims it, whatever the others say of it', () => {
  const [cyber, bio] = [domain('cyber', 100_000), domain('bio', 990_000)]
  const all = joined(base, [cyber, bio])
  const ownerOf = (category: string) => (category === 'cyber' ? cyber : category === 'bio' ? bio : base)
  fc.assert(
    fc.property(fc.constantFrom(...CATEGORIES), fc.integer({ min: 0, max: 1_000_000 }), (category, ppm) => {
      const input = anAnswer(category, ppm)
      expect(decide(input, all.policy)).toEqual(decide(input, ownerOf(category).policy))
    }),
  )
  // Of findings of several slots the strictest counts.
  const both = {
    ...anAnswer('cyber', 150_000),
    findings: [...anAnswer('cyber', 150_000).findings, ...anAnswer('other-harm', 500_000).findings],
  }
  expect(decide(both, all.policy).category).toBe('cyber')
  expect(decide(both, base.policy).category).toBe('other-harm')
})

test('slots: rules and families stand side by side; alone, the base slot is what it is', () => {
  const rule = { ...base.rules[0]!, name: 'own' }
  const all = joined(base, [
    domain('cyber', 5, { rules: [rule], families: [aFamily({ id: 'own' })], sunset: '2027-01-02' }),
  ])
  expect([all.slot, all.rules.length, all.families.length, all.sunset]).toEqual(['base', 2, 2, null])
  expect(joined(base, [])).toBe(base)
  expect(joinedOf(new Map([['cyber', domain('cyber', 5)]]))).toBeNull()
})

test('slots: a decision is answered for under the label of its domain, anything else under the base’s', () => {
  const own = asSafeguard(domain('cyber', 5), 'cyber-2', 'm')
  const all = joinedSafeguard(asSafeguard(base, 'base-1', 'm'), [own])
  expect(all.releases).toEqual({ base: 'base-1', cyber: 'cyber-2' })
  const named = (reason: string | null, category: string | null) =>
    releaseOf(all.releases, { reason, category } as never)
  expect([
    named('harm.cyber', 'cyber'),
    named('harm.bio', 'bio'),
    named('attack.jailbreak', 'cyber'),
    named(null, null),
  ]).toEqual(['cyber-2', 'base-1', 'base-1', 'base-1'])
})

const inForce = (...domains: readonly Bundle[]) =>
  new Map([['base', base], ...domains.map((one): [string, Bundle] => [one.slot, one])])

test('slots: what a slot would not read, or only once another is gone, is named', () => {
  expect(foreignParts(domain('cyber', 5), inForce())).toEqual([])
  // A new base says of a domain what the base in force says of it; so does a domain of the others.
  expect(foreignParts(base, inForce(domain('cyber', 5)))).toEqual([])
  expect(foreignParts(domain('cyber', 5), inForce(domain('bio', 5)))).toEqual([])
  const { harms } = base.policy
  const lax = {
    ...base,
    policy: { ...base.policy, harms: { ...harms, cyber: { ...harms.cyber, atActPlus: 'allow' as const } } },
  }
  expect(foreignParts(lax, inForce())).toEqual([])
  expect(foreignParts(lax, inForce(domain('cyber', 5)))).toEqual([
    'harms.cyber is not decided in slot `base`: leave it as it is in force',
  ])
  expect(foreignParts({ ...base, slot: 'tuesday' }, inForce())).toEqual([
    '`tuesday` is no slot: it is `base` or a category of harm',
  ])
  const { policy } = domain('cyber', 5)
  const wrong = {
    ...policy,
    harms: { ...policy.harms, bio: { ...policy.harms.bio, atAct: 'allow' as const } },
    attacks: { ...policy.attacks, leak: { ...policy.attacks.leak, inUserTurn: 'allow' as const } },
    uninspected: 'refuse' as const,
  }
  const facts = { policy: wrong, cascade: aCascade('judge'), model: 'sha256:other', rules: base.rules }
  expect(foreignParts(domain('cyber', 5, facts), inForce()).map((fault) => fault.split(' is not')[0])).toEqual([
    ...['harms.bio', 'attacks.leak', 'uninspected', 'cascade', 'model', 'the category of rule `house`'],
  ])
})

test('slots: an attack form takes its harm from what a domain finds in doubt, and its action from the base', () => {
  const input = { ...base.policy.harms.cyber.input, clear: 1000 }
  const { harms } = base.policy
  const tight: Bundle = {
    ...domain('cyber', 5),
    policy: { ...base.policy, harms: { ...harms, cyber: { ...harms.cyber, input } } },
  }
  const place = { part: 'user', trust: 'user', turn: 0, newest: true } as const
  const ppm = LABELS.map((label) => (label === 'attack.jailbreak' ? 990_000 : label === 'harm.cyber' ? 2000 : 0))
  const asked: DecisionInput = {
    ...anAnswer('cyber', 0),
    ...{ stage: 'input', findings: [{ kind: 'scored', detector: 'light', tier: 'light', stage: 'input', place, ppm }] },
  }
  // A defender's way on, where the domain sees cyber in it.
  expect(decide(asked, base.policy).would).toBe('refuse')
  expect(decide(asked, joined(base, [tight]).policy)).toMatchObject({ would: 'require_trust', category: 'cyber' })
})
