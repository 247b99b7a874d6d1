import fc from 'fast-check'
import { expect, test } from 'vitest'
import { FeatureReader } from './features.ts'
import { Sentences } from './sentences.ts'

/** Reads a text in pieces; the gate is highest where most hashes are even. */
function readIn(pieces: readonly string[]) {
  const reader = new FeatureReader()
  const hashes: number[] = []
  const sentences = new Sentences()
  let sum = 0
  const at = {
    get taken() {
      return hashes.length
    },
    get sum() {
      return sum
    },
    raw: (of: number, features: number) => of / features,
    last: (count: number, into: Int32Array, place: number) => into.set(hashes.slice(hashes.length - count), place),
  }
  const sink = {
    features(given: Int32Array, count: number, ends: Int32Array, n: number) {
      const found = [...ends.subarray(0, n)]
      for (let i = 0; i <= count; i++) {
        for (; found[0] === i; found.shift()) sentences.end(at)
        if (i === count) continue
        hashes.push(given[i]!)
        sum += Number(given[i]! % 2 === 0)
        if (hashes.length % 128 === 0) sentences.cut(at)
      }
    },
  }
  for (const piece of pieces) reader.feed(piece, sink)
  const found = () => sentences.standOut(at, reader.peekEnd())
  return { hashes, found, sentences, at }
}

const featuresOf = (pieces: readonly string[]) => {
  const hashes: number[] = []
  const reader = new FeatureReader()
  for (const piece of pieces)
    reader.feed(piece, { features: (given, count) => void hashes.push(...given.subarray(0, count)) })
  return Int32Array.from(hashes)
}

test('sentences: of prose, of a form, of quoted speech, of Japanese', () => {
  for (const [text, count] of [
    ['The garden wants water in the morning. Where is the green can? Behind the shed!', 3],
    ['Name of the person: somebody from the third floor\nQuestion: how long do tomatoes need?\nThanks', 3],
    ['She leaned over the counter and said: "Where do the swallows go?" He wiped the flour away.', 3],
    [
      '先輩が庭先でわたしに言いました「庭のトマトはいつ植えますか」わたしは五月と答えました。種はもう買ってあります。',
      4,
    ],
    ['one line without an end and not much in it', 1],
    ['', 1],
  ] as const)
    expect([text, readIn([text]).found().count]).toEqual([text, count])
})

test('sentences: each holds what it adds to the text before, and short ones stand with the next', () => {
  const text = 'Hi. OK? The garden wants water in the morning. The shed wants paint.'
  const { found, hashes } = readIn([text])
  const first = featuresOf(['Hi. OK? The garden wants water in the morning.'])
  expect(found().count).toBe(2)
  expect(
    found()
      .ids.map((ids) => ids.length)
      .sort((a, b) => a - b),
  ).toEqual([first.length, hashes.length - first.length].sort((a, b) => a - b))
  expect(found().ids.map((ids) => ids[0])).toContain(first[0])
})

test('CL-10: sentences: where they end does not hang on the pieces a text comes in', () => {
  const unit = fc.constantFrom(
    'garden',
    ' ',
    '. ',
    '? ',
    '\n',
    '"',
    ': ',
    'ö',
    '庭',
    '水',
    '。',
    '「',
    '」',
    '😀',
    'x'.repeat(60),
  )
  const texts = fc.array(unit, { maxLength: 120 }).map((units) => units.join(''))
  fc.assert(
    fc.property(texts, fc.array(fc.nat(), { maxLength: 12 }), (text, cuts) => {
      const places = [0, ...cuts.map((cut) => cut % (text.length + 1)).sort((a, b) => a - b), text.length]
      const pieces = places.slice(1).map((place, i) => text.slice(places[i]!, place))
      expect(readIn(pieces).found()).toEqual(readIn([text]).found())
      expect(readIn([...text]).found()).toEqual(readIn([text]).found())
    }),
    { numRuns: 300 },
  )
})

test('sentences: at most four and the open one are kept, the highest; a text without ends is cut', () => {
  const lines = Array.from({ length: 200 }, (_, i) => `${i * 7919} plants of kind ${i * 104_729} in row ${i}\n`)
  const many = readIn(lines)
  expect(many.found().ids.length).toBe(4)
  const raw = (ids: Int32Array) => ids.filter((hash) => hash % 2 === 0).length / ids.length
  expect(Math.max(...many.found().ids.map(raw))).toBe(many.sentences.highest(many.at))
  const endless = readIn([lines.join('').replaceAll('\n', ' ')])
  expect(endless.found().count).toBeGreaterThan(5)
  expect([many.found().isAll, readIn(lines.slice(0, 3)).found().isAll]).toEqual([false, true])
  for (const ids of endless.found().ids) expect(ids.length).toBeLessThanOrEqual(768)
})
