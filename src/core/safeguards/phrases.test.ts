import { expect, test } from 'vitest'
import { foldedText, PhraseFinder } from './phrases.ts'

const found = (phrase: string, text: string) => new PhraseFinder([phrase]).find(text).has(0)

test.each([
  ['コード', 'そのｺｰﾄﾞを見て'],
  ['コード', 'そのこーど'],
  ['コード', 'コート\u3099'],
  ['ｺｰﾄﾞ', 'コード'],
  ['パン', 'ﾊﾟﾝ屋'],
  ['Größe', 'GRÖSSE'.replace('SS', 'ß')],
  ['two words', 'two \n\u200b words'],
])('CL-6: phrase %s is found in %s', (phrase, text) => expect(found(phrase, text)).toBe(true))

test.each([
  ['コード', 'コート'],
  ['コート', 'ｺｰﾄﾞ'],
  ['ハン', 'ﾊﾟﾝ'],
])('CL-6: phrase %s is another word than %s', (phrase, text) => expect(found(phrase, text)).toBe(false))

test('phrases: a sound mark that belongs to nothing stays as it is', () => {
  expect(foldedText('aﾞ漢ﾞ')).toBe(foldedText('a\u3099漢\u3099'))
  expect(foldedText('ｶﾞ')).toBe('が')
})
