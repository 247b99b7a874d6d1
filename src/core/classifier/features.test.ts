import fc from 'fast-check'
import { expect, test } from 'vitest'
import { FeatureReader } from './features.ts'

function featuresOf(pieces: readonly string[]): { hashes: number[]; end: readonly number[] } {
  const reader = new FeatureReader()
  const hashes: number[] = []
  for (const piece of pieces)
    reader.feed(piece, { features: (given, count) => void hashes.push(...given.subarray(0, count)) })
  return { hashes, end: reader.peekEnd() }
}

/** Full-width letters fold to ASCII and take the long way: the same text, and none of the short cut. */
const long = (text: string) => text.replace(/[!-~]/g, (c) => String.fromCharCode(c.charCodeAt(0) + 0xfee0))

test('features: the short cut for ASCII gives what the long way gives', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom('a', 'B', '7', ' ', '\n', '.', '{', '_', "'"), maxLength: 400 }),
      (text) => {
        expect(featuresOf([text])).toEqual(featuresOf([long(text)]))
      },
    ),
    { numRuns: 500 },
  )
})

test('features: white space of any kind and length is one blank, and case is nothing', () => {
  expect(featuresOf(['Fix  this\n\tcode '])).toEqual(featuresOf(['fix this CODE ']))
})

test('features: the order of words counts, the number of repeats does not', () => {
  const distinct = (text: string) => new Set(featuresOf([text]).hashes)
  expect(distinct('garden the water ')).not.toEqual(distinct('water the garden '))
  expect(featuresOf(['water garden water garden water garden ']).hashes.length).toBeLessThan(
    2 * featuresOf(['water garden ']).hashes.length,
  )
})

test('features: at most five for a character', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
      expect(featuresOf([text]).hashes.length).toBeLessThanOrEqual(5 * [...text.normalize('NFKC'), ''].length * 3 + 5)
    }),
  )
})
