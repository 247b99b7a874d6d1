import fc from 'fast-check'
import { expect, test } from 'vitest'
import { scoredRows } from '../../../../test/fakes/eval-rows.ts'
import { xorshift } from '../train-step.ts'
import { auc, aucInterval, recallAt, rocPoints, upperQuantile } from './roc.ts'

test('auc: known values, ties count half, an empty side gives none', () => {
  expect(auc([0.9, 0.8], [0.1, 0.2])).toBe(1)
  expect(auc([0.1], [0.9])).toBe(0)
  expect(auc([0.5, 0.5], [0.5])).toBe(0.5)
  expect(auc([0.4, 0.9], [0.5, 0.1])).toBe(0.75)
  expect(auc([], [0.5])).toBeNull()
})

test('auc: equals counting all pairs', () => {
  const scores = fc.array(fc.constantFrom(0, 0.1, 0.2, 0.5, 0.9), { minLength: 1, maxLength: 30 })
  fc.assert(
    fc.property(scores, scores, (up, down) => {
      let sum = 0
      for (const a of up) for (const b of down) sum += a > b ? 1 : a === b ? 0.5 : 0
      expect(auc(up, down)!).toBeCloseTo(sum / (up.length * down.length), 12)
    }),
  )
})

test('auc: the interval holds the true area in about 95 % of samples', () => {
  const random = xorshift(3)
  const uniform = () => random() / 2 ** 32
  // Harmful scores are the greater of two uniforms: the true area is 2/3.
  let held = 0
  const samples = 600
  for (let s = 0; s < samples; s++) {
    const up = Array.from({ length: 40 }, () => Math.max(uniform(), uniform()))
    const down = Array.from({ length: 60 }, uniform)
    const { lo, hi } = aucInterval(auc(up, down)!, 40, 60)
    held += Number(lo <= 2 / 3 && 2 / 3 <= hi)
  }
  expect(held / samples).toBeGreaterThan(0.92)
  expect(held / samples).toBeLessThan(0.99)
})

test('auc: a perfect order of few rows is no certainty', () => {
  expect(aucInterval(1, 1, 1).lo).toBeLessThan(0.5)
  expect(aucInterval(1, 20, 20)).toMatchObject({ hi: 1 })
  expect(aucInterval(1, 20, 20).lo).toBeLessThan(0.97)
  expect(aucInterval(1, 400, 400).lo).toBeGreaterThan(0.99)
  expect(aucInterval(0, 20, 20).hi).toBeGreaterThan(0.03)
})

test('line: at most the given share of harmless rows exceeds it', () => {
  const values = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 300 })
  fc.assert(
    fc.property(values, fc.constantFrom(0.001, 0.01, 0.1), (scores, share) => {
      const line = upperQuantile(scores, share)
      expect(scores.filter((score) => score > line).length).toBeLessThanOrEqual(share * scores.length)
    }),
  )
})

test('recall: the line comes from one half, recall and false positives from the other', () => {
  const harmless = Array.from({ length: 100 }, (_, i) => i / 100)
  const chosen = scoredRows(harmless, 'benign')
  const measuredOn = [...scoredRows([0.985, 0.995, 0.5, 0.2], 'harmful'), ...scoredRows([0.1, 0.99, 0.999], 'benign')]
  const { line, recall, fpr, chosenFrom } = recallAt(0.01, chosen, measuredOn)
  expect(line).toBe(0.98)
  expect(chosenFrom).toBe(100)
  expect(recall).toMatchObject({ k: 2, n: 4 })
  expect(fpr).toMatchObject({ k: 2, n: 3 })
})

test('roc: begins at nothing, ends at everything, and never falls', () => {
  const scores = fc.array(fc.constantFrom(0, 0.1, 0.3, 0.31, 0.7, 1), { minLength: 1, maxLength: 200 })
  fc.assert(
    fc.property(scores, scores, fc.integer({ min: 5, max: 100 }), (up, down, most) => {
      const points = rocPoints(up, down, most)
      expect(points[0]).toEqual({ fpr: 0, tpr: 0 })
      expect(points.at(-1)).toEqual({ fpr: 1, tpr: 1 })
      for (const [i, point] of points.entries()) {
        if (i === 0) continue
        expect(point.fpr).toBeGreaterThanOrEqual(points[i - 1]!.fpr)
        expect(point.tpr).toBeGreaterThanOrEqual(points[i - 1]!.tpr)
      }
      expect(points.length).toBeLessThanOrEqual(most + 3)
    }),
  )
})
