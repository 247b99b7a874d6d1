import { expect, test } from 'vitest'
import { columnScores, hardenedBy } from './train-step.ts'

/** Text n holds n of the one feature that the column knows: the later, the higher. */
function ladder(count: number) {
  const ids: number[] = []
  const offsets = new Float64Array(count + 1)
  for (let text = 0; text < count; text++) {
    for (let f = 0; f <= text; f++) ids.push(f <= text / 2 ? 0 : -1)
    offsets[text + 1] = ids.length
  }
  return { ids: Int32Array.from(ids), offsets, count }
}

test('hardened: the twentieth of the negative texts that comes nearest weighs three times, nothing else does', () => {
  const set = ladder(200)
  const column = { weights: Float32Array.of(1, 0), bias: 0 }
  // Every fourth is positive, and of the last ten none counts at all.
  const labels = Int8Array.from({ length: 200 }, (_, text) => Number(text % 4 === 0))
  const weights = Float32Array.from({ length: 200 }, (_, text) => (text >= 190 ? 0 : 0.5))
  const hard = hardenedBy(column, set, { labels, weights })
  const raised = [...hard.keys()].filter((text) => hard[text] !== weights[text])
  const negatives = [...labels.keys()].filter((text) => labels[text] === 0 && weights[text]! > 0)
  const scores = columnScores(column, set)
  expect(raised.length).toBe(Math.floor(0.05 * negatives.length))
  expect(raised.every((text) => hard[text] === 1.5 && negatives.includes(text))).toBe(true)
  const least = Math.min(...raised.map((text) => scores[text]!))
  expect(negatives.filter((text) => scores[text]! >= least).length).toBe(raised.length)
})

test('hardened: with no negative text nothing changes', () => {
  const weights = Float32Array.of(1, 2, 3)
  const target = { labels: Int8Array.of(1, 1, -1), weights }
  expect(hardenedBy({ weights: Float32Array.of(1, 0), bias: 0 }, ladder(3), target)).toEqual(weights)
})
