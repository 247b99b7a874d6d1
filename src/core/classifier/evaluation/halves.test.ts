import { expect, test } from 'vitest'
import { halfOf } from './halves.ts'

test('halves: about even, by the id alone', () => {
  const ids = Array.from({ length: 4000 }, (_, i) => `row-${i}`)
  const first = ids.filter((id) => halfOf(id) === 'calibration')
  expect(first.length).toBeGreaterThan(1850)
  expect(first.length).toBeLessThan(2150)
  expect(ids.toReversed().filter((id) => halfOf(id) === 'calibration')).toEqual(first.toReversed())
})
