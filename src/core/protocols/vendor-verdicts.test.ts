import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Category } from '../base/harm.ts'
import { LABELS } from '../base/reasons.ts'
import { type DecisionQuestion, decisionsPpm, decisionsRequest, predicatesFor } from './decisions.ts'
import { MODERATION_COVERS, moderationPpm } from './moderation-verdict.ts'
import { NATIVE_CATEGORIES } from './moderations.ts'
import { parseProbe, probeSigned } from './probe.ts'

const CLEAR = 300_000
const at = (ppm: readonly number[] | 'refused' | 'contradicted' | null, category: Category) =>
  Array.isArray(ppm) ? (ppm as readonly number[])[LABELS.indexOf(`harm.${category}`)] : ppm

const moderated = (scores: Record<string, unknown>) => ({
  results: [{ category_scores: { ...Object.fromEntries(NATIVE_CATEGORIES.map((name) => [name, 0])), ...scores } }],
})

const mapped: [native: string, doubted: Category[], ours: Category][] = [
  ['hate', [], 'hate-harassment'],
  ['harassment/threatening', [], 'hate-harassment'],
  ['self-harm/intent', [], 'self-harm'],
  ['sexual', [], 'sexual'],
  ['sexual/minors', [], 'child-safety'],
  ['violence/graphic', [], 'violence-extremism'],
  ['illicit', [], 'other-harm'],
  ['illicit/violent', [], 'weapons'],
  ['illicit', ['cyber'], 'cyber'],
  ['illicit/violent', ['bio'], 'bio'],
  ['illicit/violent', ['privacy'], 'weapons'],
]
for (const [native, doubted, ours] of mapped)
  test(`moderation: \`${native}\` beside [${doubted}] is ${ours}`, () =>
    expect(at(moderationPpm(moderated({ [native]: 0.5 }), doubted, CLEAR), ours)).toBe(500_000))

test('moderation: what is not of the shape says nothing', () => {
  const { sexual: _, ...missing } = moderated({}).results[0]!.category_scores as Record<string, number>
  for (const answer of [
    null,
    [],
    {},
    { results: [] },
    { results: [{ category_scores: missing }] },
    moderated({ sexual: 'high' }),
    moderated({ sexual: 1.5 }),
    moderated({ sexual: -0.1 }),
    moderated({ sexual: null }),
  ])
    expect(moderationPpm(answer, [], CLEAR)).toBeNull()
})

test('moderation: what is flagged without a score that says why contradicts itself', () => {
  const flagged = (score: number) => {
    const [result] = moderated({ sexual: score }).results
    return moderationPpm({ results: [{ ...result, flagged: true }] }, [], CLEAR)
  }
  expect([flagged(0), flagged(0.299)]).toEqual(['contradicted', 'contradicted'])
  expect(at(flagged(0.3), 'sexual')).toBe(CLEAR)
  // Many endpoints of the shape do not say it at all.
  expect(at(moderationPpm(moderated({ sexual: 0 }), [], CLEAR), 'sexual')).toBe(0)
})

test('moderation: `illicit` clears nothing that cannot be undone', () => {
  for (const category of ['bio', 'chem', 'nuclear-radiological', 'cyber', 'privacy'] as const)
    expect(MODERATION_COVERS).not.toContain(category)
})

const choice: DecisionQuestion = {
  type: 'choice',
  category: 'cyber',
  instructions: 'Which is it?',
  options: ['attack', 'defence', 'both'],
  harmful: ['attack', 'both'],
}
const score: DecisionQuestion = { ...choice, type: 'score', category: 'weapons' }
const QUESTIONS = [...predicatesFor(['bio'], 'input'), choice, score]
const share = (name: string, probability: number) => ({ value: name, label: name, probability })
const chosen = [share('attack', 0.5), share('defence', 0.25), share('both', 0.25)]
const ANSWERS = [
  { type: 'choice', name: 'q1', choice: 'attack', probabilities: chosen },
  { type: 'predicate', name: 'q0', probability: 0.25 },
  { type: 'score', name: 'q2', score: 1, probabilities: chosen },
]

test('decisions: questions are named, and answers may come in any order', () => {
  const { questions } = decisionsRequest('m', 'text', QUESTIONS) as { questions: { name: string; type: string }[] }
  expect(questions.map(({ name, type }) => [name, type])).toEqual([
    ['q0', 'predicate'],
    ['q1', 'choice'],
    ['q2', 'score'],
  ])
  const ppm = decisionsPpm({ answers: ANSWERS }, QUESTIONS)
  expect([at(ppm, 'bio'), at(ppm, 'cyber'), at(ppm, 'weapons'), at(ppm, 'sexual')]).toEqual([
    250_000, 750_000, 750_000, 0,
  ])
})

test('decisions: a question that was declined is no clearance', () => {
  const answers = ANSWERS.map((one) => (one.name === 'q0' ? { type: 'refusal', name: 'q0' } : one))
  expect(decisionsPpm({ answers }, QUESTIONS)).toBe('refused')
})

test('decisions: answers missing, doubled, of another type or out of range say nothing', () => {
  const [first, second, third] = ANSWERS
  for (const answers of [
    [first, second],
    [first, first, second],
    [first, { type: 'predicate', name: 'q0', probability: 1.01 }, third],
    [first, { type: 'predicate', name: 'q0' }, third],
    [first, { type: 'score', name: 'q0', probabilities: chosen }, third],
    [{ ...first, probabilities: chosen.slice(1) }, second, third],
    [{ ...first, probabilities: [...chosen.slice(1), share('other', 0.1)] }, second, third],
    [{ ...first, probabilities: [chosen[1], chosen[1], chosen[2]] }, second, third],
    [{ ...first, probabilities: [share('attack', 0.6), share('defence', 0.6), share('both', 0)] }, second, third],
  ])
    expect(decisionsPpm({ answers }, QUESTIONS)).toBeNull()
  fc.assert(
    fc.property(fc.jsonValue(), (json) => {
      expect(decisionsPpm(json, QUESTIONS)).toBeNull()
      expect(moderationPpm(json, [], CLEAR)).toBeNull()
    }),
  )
})

const MAC = 'A'.repeat(43)

test('probe: scores as written are what was signed, for one request', () => {
  const report = parseProbe(`v1; harm.cyber=812345, harm.bio=12; ${MAC}`, 'req_1')!
  expect([at(report.ppm, 'cyber'), at(report.ppm, 'bio')]).toEqual([812_345, 12])
  expect(report.signed).toBe(probeSigned('harm.cyber=812345, harm.bio=12', 'req_1'))
  expect(report.signed).not.toBe(probeSigned('harm.cyber=812345, harm.bio=12', 'req_2'))
})

test('probe: anything else is no report', () => {
  for (const value of [
    undefined,
    ['v1'],
    '',
    `v2; harm.cyber=1; ${MAC}`,
    'v1; harm.cyber=1',
    `v1; harm.cyber=1; ${MAC}; more`,
    `v1; harm.cyber=1; ${MAC}=`,
    `v1; harm.spam=1; ${MAC}`,
    `v1; attack.leak=1; ${MAC}`,
    `v1; harm.cyber=1000001; ${MAC}`,
    `v1; harm.cyber=0.5; ${MAC}`,
    `v1; harm.cyber=0, harm.cyber=9; ${MAC}`,
    `v1; harm.cyber=1${' '.repeat(5000)}; ${MAC}`,
  ])
    expect(parseProbe(value, 'req_1')).toBeNull()
  fc.assert(fc.property(fc.string({ unit: 'binary' }), (value) => void expect(parseProbe(value, 'r')).toBeNull()))
})
