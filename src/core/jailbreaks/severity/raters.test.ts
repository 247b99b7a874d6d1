import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ordinalAlpha, type Ratings } from './alpha.ts'
import { LEVELS, METRICS } from './levels.ts'
import { RatersError, raterStudy } from './raters.ts'

/** Twelve things, four raters, ranks 1 to 5, with gaps. Source: Krippendorff 2011, section C; ordinal α is 0.815. */
const PUBLISHED: readonly Ratings[] = [
  [1, 1, null, 1],
  [2, 2, 3, 2],
  [3, 3, 3, 3],
  [3, 3, 3, 3],
  [2, 2, 2, 2],
  [1, 2, 3, 4],
  [4, 4, 4, 4],
  [1, 1, 2, 1],
  [2, 2, 2, 2],
  [null, 5, 5, 5],
  [null, null, 1, 1],
  [null, 3, null, null],
].map((unit) => unit.map((value) => (value === null ? null : value - 1)))

test('alpha: the published example gives 0.815; what one rater alone rated does not count', () => {
  const { alpha, units, ratings } = ordinalAlpha(PUBLISHED, 5)
  expect(alpha!.toFixed(3)).toBe('0.815')
  expect([units, ratings]).toEqual([11, 40])
})

test('alpha: worked by hand: two raters, ranks 0 and 1, one of four apart', () => {
  // o(0,1) = 2 of 8, margins 3 and 5, one distance only: 1 − 7 · 1 / (3 · 5).
  const { alpha } = ordinalAlpha(
    [
      [0, 0],
      [0, 1],
      [1, 1],
      [1, 1],
    ],
    2,
  )
  expect(alpha).toBeCloseTo(1 - 7 / 15, 12)
})

test('alpha: 1 for full agreement; none where nothing varies or nothing pairs', () => {
  expect(
    ordinalAlpha(
      [
        [0, 0],
        [3, 3],
      ],
      4,
    ).alpha,
  ).toBe(1)
  expect(
    ordinalAlpha(
      [
        [2, 2],
        [2, 2],
      ],
      4,
    ).alpha,
  ).toBeNull()
  expect(ordinalAlpha([[0, null], [3]], 4)).toEqual({ alpha: null, units: 0, ratings: 0 })
})

test('alpha: at most 1, whatever the order of raters and write-ups, and the same from the other end of the scale', () => {
  const rank = fc.option(fc.integer({ min: 0, max: 4 }))
  fc.assert(
    fc.property(fc.array(fc.array(rank, { minLength: 3, maxLength: 3 }), { maxLength: 12 }), (units) => {
      const { alpha } = ordinalAlpha(units, 5)
      const turned = ordinalAlpha(
        units.toReversed().map((unit) => unit.toReversed()),
        5,
      ).alpha
      const flipped = ordinalAlpha(
        units.map((unit) => unit.map((one) => (one === null ? null : 4 - one))),
        5,
      ).alpha
      if (alpha === null) expect([turned, flipped]).toEqual([null, null])
      else {
        expect(alpha).toBeLessThanOrEqual(1)
        expect(turned).toBeCloseTo(alpha, 9)
        expect(flipped).toBeCloseTo(alpha, 9)
      }
    }),
  )
})

const RATERS = Array.from({ length: 10 }, (_, i) => `r${i}`)
const WRITE_UPS = Array.from({ length: 12 }, (_, i) => `w${i}`)

/** Everybody agrees, but on effort each says what he likes. */
function ratings(raters: readonly string[], writeUps: readonly string[]) {
  return writeUps.flatMap((writeUp, w) =>
    raters.map((rater, r) => ({
      rater,
      writeUp,
      vector: `JSS:1.0/UP:${LEVELS.UP[w % 5]}/HD:${LEVELS.HD[w % 4]}/UN:${LEVELS.UN[w % 4]}/EF:${LEVELS.EF[(w + r) % 4]}/RE:${LEVELS.RE[w % 4]}/DI:${LEVELS.DI[w % 4]}/CF:${LEVELS.CF[w % 4]}`,
    })),
  )
}

test('raters: a metric below 0.67 is to be rewritten, the others stay; metrics nobody rated are INCONCLUSIVE', () => {
  const { metrics } = raterStudy(ratings(RATERS, WRITE_UPS))
  expect(metrics.map(({ metric }) => metric)).toEqual(METRICS)
  expect(metrics.map(({ outcome }) => outcome)).toEqual([
    'keep',
    'keep',
    'keep',
    'rewrite',
    'keep',
    'keep',
    'keep',
    'INCONCLUSIVE',
    'INCONCLUSIVE',
  ])
  expect(metrics[0]).toMatchObject({ alpha: 1, units: 12, ratings: 120 })
})

test('raters: fewer than 10 raters or 12 write-ups decide nothing', () => {
  for (const few of [ratings(RATERS.slice(1), WRITE_UPS), ratings(RATERS, WRITE_UPS.slice(1))])
    expect(new Set(raterStudy(few).metrics.map(({ outcome }) => outcome))).toEqual(new Set(['INCONCLUSIVE']))
})

test('raters: unknown uplift is no level; a bad vector and a second rating are refused by their place', () => {
  const all = ratings(RATERS, WRITE_UPS)
  const unknown = raterStudy(
    all.map((one, i) => (i < 10 ? { ...one, vector: one.vector.replace(/UP:./, 'UP:?') } : one)),
  )
  expect(unknown.metrics[0]).toMatchObject({ units: 11, ratings: 110 })
  expect(() => raterStudy([...all, { rater: 'r', writeUp: 'w', vector: 'high' }])).toThrow(
    'rating 121: vector: prefix at 0',
  )
  expect(() => raterStudy([...all, all[0]!])).toThrow(RatersError)
})
