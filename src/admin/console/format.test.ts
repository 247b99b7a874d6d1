import fc from 'fast-check'
import { expect, test } from 'vitest'
import { digitsOf, formatter, knownShare } from './format.ts'

const en = formatter('en', 'UTC')
const ja = formatter('ja', 'JST')

test('format: a share is never rounded to 0% or 100% unless it is exact', () => {
  expect([0, 0.0004, 0.0005, 0.9995, 0.9996, 1].map((x) => en.percent(x, 1))).toEqual([
    '0.0%',
    'under 0.1%',
    '0.1%',
    'over 99.9%',
    'over 99.9%',
    '100.0%',
  ])
  expect(ja.percent(0.0001, 1)).toBe('0.1%未満')
  expect(ja.percent(0.99999, 1)).toBe('99.9%超')
})

test('format: no share strictly inside (0, 1) reads as 0% or 100%', () => {
  fc.assert(
    fc.property(fc.double({ min: 1e-9, max: 1 - 1e-9, noNaN: true }), fc.constantFrom(0, 1, 2), (x, digits) => {
      expect(Number.parseFloat(en.percent(x, digits)) === 0).toBe(false)
      expect(en.percent(x, digits)).not.toMatch(/^100/)
    }),
  )
})

test('format: an interval is written with the word of the language, and the true minus', () => {
  expect(en.range(0.007, 0.017, 1)).toBe('0.7 to 1.7%')
  expect(ja.range(0.007, 0.017, 1)).toBe('0.7〜1.7%')
  expect(en.bounds(0.00001, 0.0003, 1, 10_000)).toBe('0.1 to 3.0')
  expect(en.bounds(0.000001, 0.0003, 1, 10_000)).toBe('<0.1 to 3.0')
  expect(en.decimal(-1.25, 2)).toBe('−1.25')
  expect(en.decimal(-0.001, 2)).toBe('0.00')
})

test('format: times are those of the zone, and say which', () => {
  const at = Date.UTC(2026, 10, 23, 20, 42, 7, 310)
  expect([en.clock(at), en.stamp(at), en.day(at)]).toEqual(['20:42:07.310', '2026-11-23 20:42:07 UTC', '11-23'])
  expect([ja.clock(at), ja.stamp(at), ja.day(at)]).toEqual(['05:42:07.310', '2026-11-24 05:42:07 JST', '11-24'])
})

test('format: a share is known from 30 requests on', () => {
  const share = { k: 1, n: 29, share: 1 / 29, lo: 0.001, hi: 0.18 }
  expect(knownShare(share)).toBe(null)
  expect(knownShare({ ...share, n: 30 })).not.toBe(null)
  expect(knownShare({ k: 0, n: 0, share: null, lo: null, hi: null })).toBe(null)
  expect(digitsOf(share)).toBe(1)
  expect(digitsOf({ ...share, lo: 0.001, hi: 0.002 })).toBe(2)
})
