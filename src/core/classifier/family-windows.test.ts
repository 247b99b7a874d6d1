import fc from 'fast-check'
import { expect, test } from 'vitest'
import { FAMILY_WINDOW } from './family-features.ts'
import { familyText, Vocabulary } from './family-text.ts'
import { bestWindow, windowAt } from './family-windows.ts'

const words = fc.array(fc.constantFrom('moon', 'gate', 'silver', 'Opens', '《月》', '７', 'word-by-word', '\n'), {
  maxLength: 400,
})

test('windows: the highest sum over two strides is found, each feature once, over the root of their number', () => {
  fc.assert(
    fc.property(words, fc.integer(), (said, seed) => {
      const text = familyText(said.join(' '))
      const vocabulary = new Vocabulary(text.hashes.filter((_, i) => (i + seed) % 3 === 0))
      const weight = (place: number) => ((place * 7919 + seed) % 17) - 6
      const placed = vocabulary.place(text)
      const { sum, stride } = bestWindow(placed, weight)
      const sums = Array.from(text.ends, (end, i) => {
        const from = i < 2 ? 0 : text.ends[i - 2]!
        const known = new Set(Array.from(text.hashes.slice(from, end), (hash) => vocabulary.placeOf(hash)))
        known.delete(-1)
        return [...known].reduce((all, place) => all + weight(place), 0) / Math.sqrt(Math.max(1, end - from))
      })
      const windows = sums.length === 1 ? sums : sums.slice(1)
      expect(sum).toBeCloseTo(Math.max(...windows), 8)
      const { places, size } = windowAt(placed, stride)
      expect(places.reduce((all, place) => all + weight(place), 0) / Math.sqrt(size)).toBeCloseTo(sum, 8)
      expect(new Set(places).size).toBe(places.length)
    }),
  )
})

test('windows: a text has a stride for each half window, and an empty one has one', () => {
  for (const length of [0, 1, 127, 128, 129, 256, 257, 1000])
    expect(familyText('a'.repeat(length)).ends.length).toBe(Math.max(1, Math.ceil(length / (FAMILY_WINDOW / 2))))
})

test('a vocabulary that several families share gives each feature one place', () => {
  const vocabulary = new Vocabulary([7, -3, 7, 9])
  expect([7, -3, 9, 8].map((hash) => vocabulary.placeOf(hash))).toEqual([0, 1, 2, -1])
  expect(vocabulary.size).toBe(3)
})
