import { expect, test } from 'vitest'
import { languageBalance } from './language-balance.ts'

test('language balance: each group as much harm as all together, and as much weight as before', () => {
  const side = (group: 'spaced' | 'unspaced', positive: boolean, n: number) =>
    Array.from({ length: n }, () => ({ group, positive, weight: 0.5 }))
  const points = [
    ...side('spaced', true, 40),
    ...side('spaced', false, 60),
    ...side('unspaced', true, 2),
    ...side('unspaced', false, 18),
  ]
  const balance = languageBalance(points)
  for (const group of ['spaced', 'unspaced'] as const) {
    const own = points.filter((point) => point.group === group)
    const weigh = (some: typeof own) => some.reduce((of, one) => of + one.weight * balance(group, one.positive), 0)
    expect(weigh(own.filter(({ positive }) => positive)) / weigh(own)).toBeCloseTo(42 / 120, 12)
    expect(weigh(own)).toBeCloseTo(own.length / 2, 12)
  }
})
