import fc from 'fast-check'
import { expect, test } from 'vitest'
import { languageAsked } from './format.ts'

test('language: the one that weighs more, not the one that is named first', () => {
  const cases: readonly [string | undefined, 'ja' | 'en'][] = [
    [undefined, 'en'],
    ['', 'en'],
    ['ja', 'ja'],
    ['JA-jp', 'ja'],
    ['ja,en;q=0.8', 'ja'],
    ['ja;q=0.3, en', 'en'],
    ['en;q=0.3, ja;q=0.31', 'ja'],
    ['en-GB,en;q=0.9,ja;q=0.8', 'en'],
    ['fr, ja;q=0.5', 'ja'],
    ['fr, de;q=0.9', 'en'],
    ['ja;q=0', 'en'],
    ['en;q=0, ja;q=0.001', 'ja'],
    ['ja;q=0.5, *', 'en'],
    ['en;q=0.1, *;q=0.5', 'ja'],
    ['*', 'en'],
    ['ja;q=0.5, en;q=0.5', 'ja'],
    ['en;q=0.5, ja;q=0.5', 'en'],
    ['ja ; Q = 0.2 , en ; q=0.1', 'ja'],
    ['ja;q=much', 'ja'],
    ['jax', 'en'],
  ]
  expect(cases.map(([header]) => [header, languageAsked(header)])).toEqual(cases)
})

test('language: any header has an answer', () => {
  const piece = fc.constantFrom('ja', 'en', '*', ';', 'q=', '0.5', '1', ',', ' ', 'q=0', 'ja-JP')
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
      expect(['ja', 'en']).toContain(languageAsked(pieces.join('')))
    }),
  )
})
