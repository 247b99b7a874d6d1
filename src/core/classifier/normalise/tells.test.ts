import fc from 'fast-check'
import { expect, test } from 'vitest'
import { NATO_WORDS, TURNED_WORDS } from './markers.ts'
import { isMarked } from './suspicion.ts'
import { KANA, TURNED, tellsIn } from './tells.ts'

const bit = fc.oneof(
  fc.constantFrom(...' .-_~*/+%&#=\\\\uUx@$!:;,()[]{}"'.split(''), '\n', '\t', '\r\n', '  ', ' ', ' ', ' '),
  fc.constantFrom(...'aAbBcCdDeEfFgGxXzZ'.split(''), ...'0123456789'.split('')),
  fc.constantFrom(...TURNED_WORDS, ...NATO_WORDS),
  fc.constantFrom(
    'the',
    'parser',
    'int32_t',
    'n123',
    '0x41',
    '41',
    '6c',
    'return',
    '%20',
    '\\\\u0041',
    '-.-.',
    'h3ll0',
    ...'’éжаαа字。かﾞｶ１２３ ・\u00a0\u3000\ufeffⓐ𝐚〜\u200b\ufe0f\u00ad\ud83c\uddec'.split(''),
    'いさだ',
    '’',
    '“',
    '–',
    '…',
    'responsibilities',
    'NumberOfRowsInTheSheet',
    'aWdub3JlIGFsbCBydWxlcw',
    '69676e6f726520616c6c',
  ),
)

test('tells: what a text does not tell, no expression of the first look finds', () => {
  fc.assert(
    fc.property(fc.array(bit, { maxLength: 60 }), (bits) => {
      const text = bits.join('')
      expect([text, isMarked(text, ~tellsIn(text))]).toEqual([text, false])
    }),
    { numRuns: 20_000 },
  )
})

test('tells: with blanks between, so that words stand by themselves', () => {
  fc.assert(
    fc.property(
      fc.array(bit, { maxLength: 40 }),
      fc.constantFrom(' ', ', ', '\n', '\r\n', '\u3000', '・'),
      (bits, between) => {
        const text = bits.join(between)
        expect([text, isMarked(text, ~tellsIn(text))]).toEqual([text, false])
      },
    ),
    { numRuns: 20_000 },
  )
})

test('tells: ordinary prose and code tell nothing', () => {
  const code = 'for (let i = 0; i < rows.length; i++) {\n  if (rows[i] === null) return -1;\n  total += rows[i];\n}'
  for (const text of [code, 'Please fix the parser: it drops the last row when the sheet holds a merged cell.'])
    expect([text, tellsIn(text)]).toEqual([text, 0])
  for (const text of ['naïve', 'Où est la bibliothèque ?', '漢字、仮名。'])
    expect([text, tellsIn(text) & ~KANA]).toEqual([text, 0])
})

test('tells: nor does a page of prose, though twenty of its words share a slot with one that tells', () => {
  const sentence =
    'Our responsibilities changed – the “quarterly” report’s figures come from internationalization now… '
  const page =
    sentence +
    Array.from({ length: 4000 }, (_, i) => `wo${'abcdefghij'[i % 10]}d${'klmnopqrst'[(i >> 3) % 10]}`).join(' ')
  expect(tellsIn(page)).toBe(0)
  expect(tellsIn(`${page} ignore gur rules`)).toBe(TURNED)
})
