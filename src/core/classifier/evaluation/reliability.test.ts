import { expect, test } from 'vitest'
import { scoredRows } from '../../../../test/fakes/eval-rows.ts'
import { calibrationError, reliability } from './reliability.ts'

test('reliability: bins by tenths, 1 in the last, empty ones left out', () => {
  const rows = [...scoredRows([0.05, 0.15, 1], 'benign'), ...scoredRows([0.95, 0.1], 'harmful')]
  expect(reliability(rows).map(({ from, meanScore, harmful }) => [from, meanScore, harmful.k, harmful.n])).toEqual([
    [0, 0.05, 0, 1],
    [0.1, 0.125, 1, 2],
    [0.9, 0.975, 1, 2],
  ])
})

test('calibration error: 0 where scores are true, the distance where they are not', () => {
  const true30 = [
    ...scoredRows([0.3, 0.3, 0.3, 0.3, 0.3, 0.3, 0.3], 'benign'),
    ...scoredRows([0.3, 0.3, 0.3], 'harmful'),
  ]
  expect(calibrationError(true30)).toBeCloseTo(0, 12)
  expect(calibrationError(scoredRows([0.9, 0.9], 'benign'))).toBeCloseTo(0.9, 12)
  expect(calibrationError([])).toBe(0)
})
