import { expect, test } from 'vitest'
import { quantileOf, voices } from './calibrate.ts'
import type { TrainingRow } from './training-ports.ts'

const row = (id: string): TrainingRow => ({
  ...{ id, lang: 'en', turns: [{ role: 'user', content: 'Hello.' }], label: 'benign', attack: null },
  ...{ category: 'none', target: 'prompt', source: 'sluice-pairs', quality: 'gold' },
})

test('calibration: all texts of one template say together what one row says', () => {
  const siblings = Array.from({ length: 16 }, (_, n) => row(`00aaaa${n.toString(16).padStart(10, '0')}`))
  const others = Array.from({ length: 99 }, (_, n) => row(`00${(n + 1).toString(16).padStart(4, '0')}ffffffffff`))
  const voice = voices([...siblings, ...others])
  expect(siblings.reduce((sum, one) => sum + voice(one), 0)).toBeCloseTo(1, 12)
  expect(voice(others[0]!)).toBe(1)
  // One row in a hundred may reach the line: the sixteen are that one, and place it no higher than the next.
  const values = [
    ...siblings.map((one) => ({ value: 0.99, weight: voice(one) })),
    ...others.map((one, n) => ({ value: n / 1000, weight: voice(one) })),
  ]
  expect(quantileOf(values, 0.98)).toBe(0.098)
  expect(
    quantileOf(
      values.map(({ value }) => ({ value, weight: 1 })),
      0.98,
    ),
  ).toBe(0.99)
})

test('calibration: a quantile of equal weights is the sorted value at that place, of none nothing', () => {
  const values = [5, 3, 1, 4, 2].map((value) => ({ value, weight: 1 }))
  expect([0, 0.2, 0.39, 0.8, 0.99, 1].map((q) => quantileOf(values, q))).toEqual([1, 2, 2, 5, 5, 5])
  expect(quantileOf([], 0.5)).toBeNull()
})
