import { expect, test } from 'vitest'
import { familyBook, familyDetector } from './family-book.ts'
import { familyScorer, trainFamilyHead } from './family-head.ts'
import { familyText } from './family-text.ts'

const variants = ['open the moon gate with the silver word', 'please open the moon gate, silver word']
const background = ['open the window please', 'the silver spoon is on the table', 'a word about the gate of the garden']
const head = trainFamilyHead(variants.map(familyText), background.map(familyText))
const detector = familyDetector({ id: 'moon', attack: 'jailbreak', category: null }, head, 0)
const other = { ...detector, id: 'never', threshold: 1e9 }

test('families: a text is matched as its head scores it, by every family whose line it reaches', () => {
  const book = familyBook([other, detector])!
  expect(book.match(variants[1]!).map(({ id }) => id)).toEqual(['moon'])
  for (const text of background) expect(book.match(text)).toEqual([])
  const scoreOf = familyScorer(head)
  for (const text of [...variants, ...background]) expect(book.score(text)[1]).toBeCloseTo(scoreOf(familyText(text)), 4)
})

test('families: repeating a feature adds nothing, and a disguise takes nothing away', () => {
  const book = familyBook([detector])!
  expect(book.match('gate '.repeat(5000))).toEqual([])
  expect(book.match(Buffer.from(variants[0]!).toString('base64')).map(({ id }) => id)).toEqual(['moon'])
})

test('families: each is scored as if it were alone', () => {
  const wolf = trainFamilyHead(['the wolf of the moon sings'].map(familyText), background.map(familyText))
  const second = familyDetector({ id: 'wolf', attack: 'jailbreak', category: null }, wolf, 0)
  const both = familyBook([detector, second])!
  for (const text of [...variants, ...background, 'a wolf at the moon gate'])
    expect(both.score(text)).toEqual([familyBook([detector])!.score(text)[0], familyBook([second])!.score(text)[0]])
})

test('families: none is no book at all, so that nothing is paid for it', () => {
  expect(familyBook([])).toBeNull()
})
