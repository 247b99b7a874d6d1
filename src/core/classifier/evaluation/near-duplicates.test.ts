import fc from 'fast-check'
import { expect, test } from 'vitest'
import { duplicatesAgainst, duplicatesWithin, jaccard, NEAR, normalised } from './near-duplicates.ts'

const WORDS = 'river stone garden letter window summer bridge music engine forest silver market'.split(' ')
const sentence = (seed: number, length: number) =>
  Array.from({ length }, (_, i) => WORDS[(seed * 7 + i * i * (seed + 3) + i) % WORDS.length]).join(' ')

test('CL-2: the same text in other spelling is an exact duplicate, a changed word in a long one a near one', () => {
  const long = `${sentence(1, 60)} lantern ${sentence(2, 60)}`
  const against = ['Please fix this code.', long]
  const texts = [
    'PLEASE, fix this  code!',
    long.replace('lantern', 'compass'),
    'Something else altogether, in its own words',
  ]
  expect(duplicatesAgainst(texts, against)).toEqual([
    { at: 0, of: 0, kind: 'exact' },
    { at: 1, of: 1, kind: 'near' },
  ])
})

test('CL-2: Japanese text without blanks is compared as well', () => {
  const base =
    '来週の会議で使う資料の構成を考えたいので、三つの案を箇条書きで出してから、それぞれの長所と短所を説明してください'
  expect(
    duplicatesAgainst([`${base}。`, base.replace('来週', '再来週'), '今日の天気は'], [base]).map(({ kind }) => kind),
  ).toEqual(['exact', 'near'])
})

test('CL-2: texts that share less than eight shingles in ten are no duplicates', () => {
  const half = Array.from({ length: 40 }, (_, i) => `item${i * 137}`).join(' ')
  const texts = [4, 20].map((more) => `${half} ${Array.from({ length: more }, (_, i) => `extra${i * 91}`).join(' ')}`)
  const alike = texts.map((text) => jaccard(normalised(text), normalised(half)))
  expect([alike[0]! > 0.8, alike[1]! > 0.5 && alike[1]! < 0.8]).toEqual([true, true])
  expect(duplicatesAgainst(texts, [half]).map(({ at }) => at)).toEqual([0])
})

test('duplicates within a list: the later one repeats the earlier', () => {
  expect(duplicatesWithin(['one text here', 'another', 'One text, here.', 'another'])).toEqual([
    { at: 2, of: 0, kind: 'exact' },
    { at: 3, of: 1, kind: 'exact' },
  ])
})

test('CL-2: what the bands find is what comparing every pair finds', () => {
  const edit = fc.record({ seed: fc.integer({ min: 0, max: 4 }), at: fc.nat(200), word: fc.constantFrom(...WORDS) })
  fc.assert(
    fc.property(fc.array(edit, { minLength: 1, maxLength: 12 }), (edits) => {
      const texts = edits.map(({ seed, at, word }) => {
        const base = sentence(seed, 40)
        return `${base.slice(0, at)} ${word} ${base.slice(at)}`
      })
      const against = [0, 1, 2, 3, 4].map((seed) => sentence(seed, 40))
      const found = new Set(duplicatesAgainst(texts, against).map(({ at }) => at))
      for (const [i, text] of texts.entries()) {
        const nearest = Math.max(...against.map((other) => jaccard(normalised(text), normalised(other))))
        expect(found.has(i)).toBe(nearest >= NEAR)
      }
    }),
    { numRuns: 60 },
  )
})
