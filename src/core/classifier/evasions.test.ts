import fc from 'fast-check'
import { expect, test } from 'vitest'
import { EVASIONS, evade, utf8Bytes } from './evasions.ts'

const anyText = fc.string({ unit: 'binary', maxLength: 80 })
/** A lone surrogate has no bytes: encoders write U+FFFD for it. */
const encoded = (text: string) => Buffer.from(text, 'utf8')

test('evasions: the encodings are those that other programs read', () => {
  fc.assert(
    fc.property(anyText, (text) => {
      expect(Buffer.from(utf8Bytes(text))).toEqual(encoded(text))
      expect(evade('base64', text)).toBe(encoded(text).toString('base64'))
      expect(evade('hex', text)).toBe(encoded(text).toString('hex'))
      expect(decodeURIComponent(evade('url', text))).toBe(encoded(text).toString())
      expect(JSON.parse(`"${evade('unicode-escape', text).replaceAll('\n', '\\n')}"`)).toBe(text)
    }),
  )
  expect(evade('base32', 'foobar')).toBe('MZXW6YTBOI======')
})

test('evasions: rot13 and mirroring undo themselves; kana change script and width only', () => {
  fc.assert(
    fc.property(anyText, (text) => {
      expect(evade('rot13', evade('rot13', text))).toBe(text)
      expect([...evade('reversed', text)].reverse().join('')).toBe([...text].join(''))
    }),
  )
  expect(evade('half-width-kana', 'ポケットのばら')).toBe('ﾎﾟｹｯﾄﾉﾊﾞﾗ')
  expect(evade('hiragana', 'ポケット')).toBe('ぽけっと')
  expect(evade('katakana', 'ぽけっと')).toBe('ポケット')
})

test('evasions: every transformation takes every text', () => {
  fc.assert(
    fc.property(anyText, (text) => {
      for (const evasion of EVASIONS) expect(typeof evade(evasion, text)).toBe('string')
    }),
  )
})
