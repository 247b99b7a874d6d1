import { expect, test } from 'vitest'
import { scoreOf } from './report-text.ts'

test('report: a number of which nothing was measured says so, and claims no interval', () => {
  const headline = { tenths: 13, upper: 13, band: 'Low', interval: null, assessment: 'A1' } as const
  expect(scoreOf(headline)).toBe('1.3 Low (asserted, not measured)')
  expect(scoreOf({ ...headline, interval: [0, 14] })).toBe('1.3 Low [0.0, 1.4]')
  expect(scoreOf({ ...headline, tenths: null, band: null, upper: 54 })).toBe('– [0.0, 5.4]')
})
