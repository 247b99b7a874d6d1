import { expect, test } from 'vitest'
import { quantileOf, sideOf } from './place-lines.ts'
import { voices } from './strangers.ts'
import type { TrainingRow } from './training-ports.ts'

const row = (id: string): TrainingRow => ({
  ...{ id, lang: 'en', turns: [{ role: 'user', content: 'Hello.' }], label: 'benign', attack: null },
  ...{ category: 'none', target: 'prompt', source: 'sluice-pairs', quality: 'gold' },
})

test('lines: all texts of one template say together what one row says', () => {
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
  expect(quantileOf(values, 0.99)).toBeCloseTo(0.098, 9)
  expect(
    quantileOf(
      values.map(({ value }) => ({ value, weight: 1 })),
      0.99,
    ),
  ).toBeCloseTo(0.99, 9)
})

test('lines: a quantile lies between two that were seen, by their log odds; of none there is none', () => {
  const values = [0.2, 0.1, 0.9, 0.5].map((value) => ({ value, weight: 1 }))
  for (const [q, seen] of [
    [1, 0.9],
    [0.75, 0.5],
    [0.5, 0.2],
    [0.25, 0.1],
  ] as const)
    expect(quantileOf(values, q)).toBeCloseTo(seen, 9)
  // Half of the way from 0.5 to 0.9, whose odds are 1 and 9: odds of 3.
  expect(quantileOf(values, 0.875)).toBeCloseTo(0.75, 9)
  expect(quantileOf(values, 0)).toBe(0.1)
  expect(
    quantileOf(
      [
        { value: 0, weight: 1 },
        { value: 1, weight: 1 },
      ],
      0.75,
    ),
  ).toBeCloseTo(0.5, 6)
  expect(quantileOf([], 0.5)).toBeNull()
})

test('lines: a harmless row looks alarming by its label, an answer also by what was asked', () => {
  expect(sideOf({ label: 'benign' }, 0)).toBe('ordinary')
  expect(sideOf({ label: 'benign' }, 0.29)).toBe('ordinary')
  expect(sideOf({ label: 'benign' }, 0.3)).toBe('alarming')
  expect(sideOf({ label: 'borderline-benign' }, 0)).toBe('alarming')
})
