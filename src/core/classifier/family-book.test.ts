import { expect, test } from 'vitest'
import { familyBook, familyDetector } from './family-book.ts'
import { distinctFeatures, familyScore, trainFamilyHead } from './family-head.ts'

const variants = ['open the moon gate with the silver word', 'please open the moon gate, silver word']
const background = ['open the window please', 'the silver spoon is on the table', 'a word about the gate of the garden']
const head = trainFamilyHead(variants.map(distinctFeatures), background.map(distinctFeatures))
const line =
  (familyScore(head, distinctFeatures(variants[0]!)) + familyScore(head, distinctFeatures(background[2]!))) / 2
const detector = familyDetector({ id: 'moon', attack: 'jailbreak', category: null }, head, line)
const other = { ...detector, id: 'never', threshold: 1e9 }

test('families: a text is matched as its head scores it, by every family whose line it reaches', () => {
  const book = familyBook([other, detector])!
  expect(book.match(variants[1]!).map(({ id }) => id)).toEqual(['moon'])
  for (const text of background) expect(book.match(text)).toEqual([])
})

test('families: repeating a feature adds nothing, and a disguise takes nothing away', () => {
  const book = familyBook([detector])!
  expect(book.match('gate '.repeat(5000))).toEqual([])
  expect(book.match(Buffer.from(variants[0]!).toString('base64')).map(({ id }) => id)).toEqual(['moon'])
})

test('families: none is no book at all, so that nothing is paid for it', () => {
  expect(familyBook([])).toBeNull()
})
