import fc from 'fast-check'
import { expect, test } from 'vitest'
import { goldenScores } from './agreement.ts'
import { type CapRow, capRows, DEFAULT_CAPS } from './label-caps.ts'
import { isBlindTurn } from './review-queue.ts'

const row = (id: string, org: string, reviewer: string, category = 'bio'): CapRow => ({
  ...{ id, category, org, reviewers: [reviewer] },
})

test('SR-10: one organisation or one reviewer submits 10,000 wrong labels: influence is bounded, the source is named', () => {
  const honest = Array.from({ length: 400 }, (_, i) => row(`h${i}`, `org-${i % 40}`, `reviewer-${i % 25}`))
  const base = { bio: 2000 }
  const cases = [
    ['reviewer', (i: number) => row(`w${i}`, `org-${i % 997}`, 'poisoner'), DEFAULT_CAPS.perReviewer, 'poisoner'],
    ['org', (i: number) => row(`w${i}`, 'poisoned', `paid-${i % 499}`), DEFAULT_CAPS.perOrg, 'poisoned'],
  ] as const
  for (const [kind, wrong, cap, name] of cases) {
    const { kept, excess } = capRows([...honest, ...Array.from({ length: 10_000 }, (_, i) => wrong(i))], base)
    const bad = kept.filter(({ id }) => id.startsWith('w')).length
    expect(bad / (base.bio + kept.length)).toBeLessThanOrEqual(cap)
    expect(bad).toBeGreaterThan(0)
    // What others said stays.
    expect(kept.length - bad).toBeGreaterThan(390)
    expect(excess.map((one) => [one.kind, one.name])).toContainEqual([kind, name])
    expect(excess.find((one) => one.name === name)).toMatchObject({ rows: 10_000, kept: bad, category: 'bio' })
  }
})

test('SR-10: hidden golden items catch whoever labels wrongly long before 10,000 labels', () => {
  const answers: { reviewer: string; said: 'harmful' | 'benign'; known: 'harmful' | 'benign' }[] = []
  let caughtAfter = 0
  for (let label = 0; label < 10_000 && caughtAfter === 0; label++) {
    if (!isBlindTurn(label)) continue
    // Half of the blind items are checks, the other half samples.
    if (label % 16 === 15) answers.push({ reviewer: 'poisoner', said: 'benign', known: 'harmful' })
    if (goldenScores(answers).some(({ failed }) => failed)) caughtAfter = label
  }
  expect(caughtAfter).toBeGreaterThan(0)
  expect(caughtAfter).toBeLessThan(100)
})

test('caps: no organisation and no reviewer is over its cap, and which rows stay does not depend on their order', () => {
  const some = fc.array(
    fc.record({
      id: fc.string({ minLength: 3, maxLength: 6 }),
      category: fc.constantFrom('bio', 'cyber'),
      org: fc.constantFrom('a', 'b', 'c'),
      reviewers: fc.subarray(['x', 'y', 'z'], { minLength: 1 }),
    }),
    { maxLength: 200 },
  )
  fc.assert(
    fc.property(some, fc.integer({ min: 0, max: 2000 }), (rows, before) => {
      const unique = [...new Map(rows.map((one) => [one.id, one])).values()]
      const base = { bio: before }
      const { kept, excess } = capRows(unique, base)
      for (const category of ['bio', 'cyber'] as const) {
        const here = kept.filter((one) => one.category === category)
        const total = (category === 'bio' ? before : 0) + here.length
        for (const org of ['a', 'b', 'c'])
          expect(here.filter((one) => one.org === org).length).toBeLessThanOrEqual(Math.max(10, 0.05 * total))
        for (const who of ['x', 'y', 'z'])
          expect(here.filter((one) => one.reviewers.includes(who)).length).toBeLessThanOrEqual(
            Math.max(10, 0.02 * total),
          )
      }
      if (kept.length < unique.length) expect(excess.length).toBeGreaterThan(0)
      const turned = capRows(unique.toReversed(), base).kept.map(({ id }) => id)
      expect(turned.sort()).toEqual(kept.map(({ id }) => id).sort())
    }),
  )
})
