import fc from 'fast-check'
import { expect, test } from 'vitest'
import { CATEGORIES, type Category } from '../base/harm.ts'
import { LABELS } from '../base/reasons.ts'
import { defaultPolicy } from '../policy/default-policy.ts'
import type { Finding } from '../policy/finding.ts'
import { ACTIONS, type Action } from '../policy/policy.ts'
import {
  BLIND_EVERY,
  fractionOf,
  impactOf,
  isBlindTurn,
  priorityOf,
  type ReviewFacts,
  reviewersNeeded,
  sourceOf,
  uncertaintyOf,
} from './review-queue.ts'

const T = { clear: 200_000, act: 600_000, actPlus: 950_000 }
const policy = defaultPolicy({ harmInput: T, attackInput: T, output: T, exchange: T })
const CYBER = LABELS.indexOf('harm.cyber')
const { clear, act } = policy.harms.cyber.input

const scored = (ppm: number, detector = 'light', label = CYBER): Finding => ({
  kind: 'scored',
  ...{ detector, tier: 'light', stage: 'input', place: { part: 'user', trust: 'user', turn: 0, newest: true } },
  ppm: LABELS.map((_, i) => (i === label ? ppm : 0)),
})
const facts = (would: Action, findings: Finding[], more: Partial<ReviewFacts> = {}): ReviewFacts => ({
  decision: { would, category: 'cyber' },
  findings,
  appealed: false,
  ...more,
})

const sources: [name: string, ReviewFacts, ReturnType<typeof sourceOf>][] = [
  ['allowed', facts('allow', [scored(0)]), null],
  ['flagged', facts('flag', [scored(clear)]), 'flagged'],
  ['diverted', facts('fall_back', [scored(act)]), 'acted'],
  ['appealed', facts('refuse', [scored(act)], { appealed: true }), 'appealed'],
  ['two detectors that disagree, though allowed', facts('allow', [scored(act), scored(0, 'judge')]), 'disagreement'],
  ['two detectors in doubt', facts('allow', [scored(act), scored(clear, 'judge')]), null],
]
for (const [name, some, source] of sources)
  test(`review queue: ${name} comes from ${source}`, () => expect(sourceOf(some, policy)).toBe(source))

test('review queue: nothing is less certain than a probability on its threshold', () => {
  expect(uncertaintyOf(facts('flag', [scored(act)]), policy)).toBe(1)
  expect(uncertaintyOf(facts('flag', [scored(999_999)]), policy)).toBeLessThan(0.3)
  expect(uncertaintyOf(facts('allow', [scored(999_999), scored(0, 'judge')]), policy)).toBe(1)
  expect(uncertaintyOf(facts('allow', []), policy)).toBeCloseTo(0.01)
})

test('review queue: priority is bounded, and never falls with the action, an appeal or a category beyond repair', () => {
  const ppm = fc.constantFrom(0, 1, clear - 1, clear, act, 999_999, 1_000_000)
  const label = fc.integer({ min: 0, max: LABELS.length - 1 })
  fc.assert(
    fc.property(ppm, label, fc.constantFrom(...ACTIONS), fc.constantFrom(...CATEGORIES), (p, at, would, category) => {
      const some = facts(would, [scored(p, 'light', at)], { decision: { would, category } })
      const priority = priorityOf(some, policy)
      expect(priority).toBeGreaterThan(0)
      expect(priority).toBeLessThanOrEqual(4)
      expect(priorityOf({ ...some, appealed: true }, policy)).toBeGreaterThanOrEqual(priority)
      for (const worse of ACTIONS.slice(ACTIONS.indexOf(would)))
        expect(impactOf({ ...some, decision: { would: worse, category } })).toBeGreaterThanOrEqual(impactOf(some))
      expect(impactOf({ ...some, decision: { would, category: 'bio' } })).toBeGreaterThanOrEqual(impactOf(some))
    }),
  )
})

test('review queue: every severe case has two readers, and so has about a tenth of the others', () => {
  const ids = Array.from({ length: 5000 }, (_, i) => `rev_${i}`)
  const two = (category: Category | null) => ids.filter((id) => reviewersNeeded(id, category) === 2).length
  expect(two('bio')).toBe(5000)
  expect(two('cyber')).toBeGreaterThan(400)
  expect(two('cyber')).toBeLessThan(600)
})

test('review queue: one in eight is blind', () => {
  expect(Array.from({ length: 80 }, (_, i) => isBlindTurn(i)).filter(Boolean)).toHaveLength(80 / BLIND_EVERY)
})

test('review queue: fractions of ids are spread evenly', () => {
  const bins = new Array<number>(10).fill(0)
  for (let i = 0; i < 20_000; i++) bins[Math.floor(fractionOf(`dec_${i}`) * 10)]!++
  for (const n of bins) expect(Math.abs(n - 2000)).toBeLessThan(250)
})
