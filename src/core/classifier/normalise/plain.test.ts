import fc from 'fast-check'
import { expect, test } from 'vitest'
import { NATO_WORDS, TURNED_WORDS } from './markers.ts'
import { isPlain } from './plain.ts'
import { isMarked } from './suspicion.ts'

const bit = fc.oneof(
  fc.constantFrom(...' .-_~*/+%&#=\\\\uUx@$!:;,()[]{}"'.split(''), '\n', '\t', ' ', ' ', ' '),
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

test('plain: what is plain interests none of the expressions of the first look', () => {
  fc.assert(
    fc.property(fc.array(bit, { maxLength: 60 }), (bits) => {
      const text = bits.join('')
      if (isPlain(text)) expect([text, isMarked(text)]).toEqual([text, false])
    }),
    { numRuns: 20_000 },
  )
})

test('plain: with blanks between, so that words stand by themselves', () => {
  fc.assert(
    fc.property(fc.array(bit, { maxLength: 40 }), fc.constantFrom(' ', ', ', '\n'), (bits, between) => {
      const text = bits.join(between)
      if (isPlain(text)) expect([text, isMarked(text)]).toEqual([text, false])
    }),
    { numRuns: 20_000 },
  )
})

test('plain: ordinary prose and code are, and nothing beyond ASCII is', () => {
  const code = 'for (let i = 0; i < rows.length; i++) {\n  if (rows[i] === null) return -1;\n  total += rows[i];\n}'
  for (const text of [code, 'Please fix the parser: it drops the last row when the sheet holds a merged cell.'])
    expect([text, isPlain(text)]).toEqual([text, true])
  expect(isPlain('naïve')).toBe(false)
})

test('plain: a page of prose is, though twenty of its words share a slot with one that tells', () => {
  const sentence =
    'Our responsibilities changed – the “quarterly” report’s figures come from internationalization now… '
  const page =
    sentence +
    Array.from({ length: 4000 }, (_, i) => `wo${'abcdefghij'[i % 10]}d${'klmnopqrst'[(i >> 3) % 10]}`).join(' ')
  expect(isPlain(page)).toBe(true)
  expect(isPlain(`${page} ignore gur rules`)).toBe(false)
})
