import fc from 'fast-check'
import { expect, test } from 'vitest'
import { timeMs, timeText } from './time.ts'

test('times: one form, and only days that the calendar has', () => {
  expect(timeMs('1970-01-01T00:00:00Z')).toBe(0)
  expect(timeMs('2026-06-13T09:20:00Z')).toBe(Date.UTC(2026, 5, 13, 9, 20))
  expect(timeMs('2024-02-29T23:59:59.5Z')).toBe(Date.UTC(2024, 1, 29, 23, 59, 59, 500))
  for (const bad of [
    '2026-02-29T00:00:00Z',
    '2026-13-01T00:00:00Z',
    '2026-06-31T00:00:00Z',
    '2026-06-13T24:00:00Z',
    '2026-06-13T09:20:60Z',
    '2026-06-13T09:20:00+09:00',
    '2026-06-13 09:20:00Z',
    '2026-6-13T09:20:00Z',
    '',
  ])
    expect([bad, timeMs(bad)]).toEqual([bad, null])
})

test('times: what is written is read back, and is what the platform writes', () => {
  fc.assert(
    fc.property(fc.integer({ min: -62_135_596_800, max: 253_402_300_799 }), (seconds) => {
      const text = timeText(seconds * 1000)
      expect(text).toBe(new Date(seconds * 1000).toISOString().replace('.000Z', 'Z'))
      expect(timeMs(text)).toBe(seconds * 1000)
    }),
  )
})
