import fc from 'fast-check'
import { expect, test } from 'vitest'
import { digitsOf, figures } from './figures.ts'

const en = figures('en')
const ja = figures('ja')

test('figures: a share is never rounded to 0% or 100% unless it is exact', () => {
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

test('figures: no share strictly inside (0, 1) reads as 0% or 100%', () => {
  fc.assert(
    fc.property(fc.double({ min: 1e-9, max: 1 - 1e-9, noNaN: true }), fc.constantFrom(0, 1, 2), (x, digits) => {
      expect(Number.parseFloat(en.percent(x, digits)) === 0).toBe(false)
      expect(en.percent(x, digits)).not.toMatch(/^100/)
    }),
  )
})

test('figures: an interval is written with the word of the language, and the true minus', () => {
  expect(en.range(0.007, 0.017, 1)).toBe('0.7 to 1.7%')
  expect(ja.range(0.007, 0.017, 1)).toBe('0.7〜1.7%')
  expect(en.bounds(0.00001, 0.0003, 1, 10_000)).toBe('0.1 to 3.0')
  expect(en.bounds(0.000001, 0.0003, 1, 10_000)).toBe('<0.1 to 3.0')
  expect(en.decimal(-1.25, 2)).toBe('−1.25')
  expect(en.decimal(-0.001, 2)).toBe('0.00')
})

test('figures: without a number of decimals a share has as many as tell it from nothing and from everything', () => {
  const shares = [0.5, 0.0036, 0.9964, 1, 0, 0.00001, 0.99999]
  expect(shares.map((x) => en.percent(x))).toEqual([
    ...['50.0%', '0.36%', '99.64%', '100.0%', '0.0%', 'under 0.01%', 'over 99.99%'],
  ])
  expect(en.range(0.00001, 0.25)).toBe('<0.01 to 25.0%')
  expect(ja.range(0.25, 0.99999)).toBe('25.0〜>99.99%')
})

test('figures: an interval says how many decimals its share can carry', () => {
  expect([
    digitsOf({ lo: 0.001, hi: 0.18 }),
    digitsOf({ lo: 0.001, hi: 0.002 }),
    digitsOf({ lo: null, hi: null }),
  ]).toEqual([...[1, 2, 1]])
})
