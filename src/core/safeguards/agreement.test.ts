import fc from 'fast-check'
import { expect, test } from 'vitest'
import { cohensKappa, goldenScores, outcomeOf } from './agreement.ts'
import { isReviewLabel, REVIEW_LABELS, type ReviewLabel } from './review-label.ts'

const times = (n: number, a: ReviewLabel, b: ReviewLabel) => Array.from({ length: n }, () => [a, b] as const)

test("kappa: Cohen's own arithmetic on a table of fifty", () => {
  const pairs = [
    ...times(20, 'harmful', 'harmful'),
    ...times(5, 'harmful', 'benign'),
    ...times(10, 'benign', 'harmful'),
    ...times(15, 'benign', 'benign'),
  ]
  // (0.7 − 0.5) / (1 − 0.5)
  const found = cohensKappa(pairs)!
  expect(found.kappa).toBeCloseTo(0.4, 10)
  expect(found.pairs).toBe(50)
  // The standard error worked out term by term: 0.12700.
  expect((found.hi - found.lo) / 2 / 1.959964).toBeCloseTo(0.126996, 5)
})

test('kappa: too few pairs, or one label only, say nothing', () => {
  expect(cohensKappa([])).toBeNull()
  expect(cohensKappa(times(1, 'benign', 'benign'))).toBeNull()
  expect(cohensKappa(times(100, 'benign', 'benign'))).toBeNull()
})

test('kappa: within its interval, at most 1, and the same whoever is named first', () => {
  const label = fc.constantFrom(...REVIEW_LABELS)
  fc.assert(
    fc.property(fc.array(fc.tuple(label, label), { minLength: 2, maxLength: 60 }), (pairs) => {
      const found = cohensKappa(pairs)
      if (found === null) return
      expect(found.lo).toBeLessThanOrEqual(found.kappa)
      expect(found.hi).toBeGreaterThanOrEqual(found.kappa)
      expect(found.kappa).toBeLessThanOrEqual(1)
      expect(cohensKappa(pairs.map(([a, b]) => [b, a] as const))!.kappa).toBeCloseTo(found.kappa, 10)
    }),
  )
})

test('golden items: a reviewer fails when even the upper bound of the accuracy is too low', () => {
  const answers = (reviewer: string, right: number, wrong: number, unsure = 0) => [
    ...Array.from({ length: right }, () => ({
      reviewer,
      said: 'borderline-benign' as const,
      known: 'benign' as const,
    })),
    ...Array.from({ length: wrong }, () => ({ reviewer, said: 'harmful' as const, known: 'benign' as const })),
    ...Array.from({ length: unsure }, () => ({ reviewer, said: 'unsure' as const, known: 'benign' as const })),
  ]
  const scores = goldenScores([
    ...answers('careful', 19, 1),
    ...answers('poisoner', 0, 5),
    ...answers('newcomer', 0, 4),
    ...answers('unlucky', 3, 2),
    ...answers('timid', 0, 0, 50),
  ])
  expect(scores.map(({ reviewer, failed, n }) => [reviewer, failed, n])).toEqual([
    ['careful', false, 20],
    ['poisoner', true, 5],
    ['newcomer', false, 4],
    ['unlucky', false, 5],
  ])
})

const says = (...labels: ReviewLabel[]) => labels.map((label, i) => ({ by: `r${i}`, label }))
const outcomes: [ReviewLabel[], needs: number, ReturnType<typeof outcomeOf>][] = [
  [[], 1, { state: 'open', needs: 1, label: null }],
  [['harmful'], 1, { state: 'done', needs: 1, label: 'harmful' }],
  [['harmful'], 2, { state: 'open', needs: 2, label: null }],
  [['harmful', 'harmful'], 2, { state: 'done', needs: 2, label: 'harmful' }],
  [['benign', 'borderline-benign'], 2, { state: 'done', needs: 2, label: 'borderline-benign' }],
  [['harmful', 'benign'], 2, { state: 'open', needs: 3, label: null }],
  [['harmful', 'benign', 'benign'], 3, { state: 'done', needs: 3, label: 'benign' }],
  [['harmful', 'benign', 'unsure'], 3, { state: 'done', needs: 3, label: 'unsure' }],
  [['unsure'], 1, { state: 'done', needs: 1, label: 'unsure' }],
  [['unsure', 'unsure'], 2, { state: 'done', needs: 2, label: 'unsure' }],
]
for (const [labels, needs, outcome] of outcomes)
  test(`review: ${labels.join(', ') || 'no word'} of ${needs} needed: ${outcome.label ?? 'open'}`, () =>
    expect(outcomeOf(says(...labels), needs)).toEqual(outcome))

test('review: one person counts once, however often', () => {
  const twice = [
    { by: 'aoki', label: 'harmful' as const },
    { by: 'aoki', label: 'harmful' as const },
  ]
  expect(outcomeOf(twice, 2).state).toBe('open')
  expect(isReviewLabel('harmful')).toBe(true)
  expect(isReviewLabel('sure')).toBe(false)
})
