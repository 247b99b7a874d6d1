import { expect, test } from 'vitest'
import { ALIKE, bandsOf, likeness, signatureOf } from './min-hash.ts'

const SEED = 7
const of = (text: string) => signatureOf(text, SEED)
const TEXT = 'Please look at this login function and fix the bug that lets anyone in without a password. Thank you!'

test('near-duplicates: a changed word is alike, another text is not, case and spacing do not count', () => {
  expect(likeness(of(TEXT), of(TEXT.replace('Thank you', 'Thanks')))).toBeGreaterThan(ALIKE)
  expect(likeness(of(TEXT), of('Name three rivers in Japan and the towns that they flow through.'))).toBeLessThan(0.2)
  expect(of(TEXT)).toEqual(of(`  ${TEXT.toUpperCase().replaceAll(' ', '\n\t ')}`))
})

test('near-duplicates: Japanese, short and empty texts have signatures too', () => {
  const ja = 'このログイン機能の不具合を直してください。パスワードなしで入れてしまいます。'
  expect(likeness(of(ja), of(ja.replace('直して', '修正して')))).toBeGreaterThan(0.5)
  expect(likeness(of('ab'), of('ab'))).toBe(1)
  expect(likeness(of('ab'), of('cd'))).toBeLessThan(0.2)
  expect(of('')).toHaveLength(64)
})

test('near-duplicates: texts that are alike share a band, and another seed is another signature', () => {
  const [a, b] = [of(TEXT), of(TEXT.replace('Thank you', 'Thanks'))]
  expect(bandsOf(a).filter((band) => bandsOf(b).includes(band)).length).toBeGreaterThan(0)
  expect(bandsOf(a)).toHaveLength(16)
  expect(likeness(a, signatureOf(TEXT, 8))).toBeLessThan(0.2)
})
