import fc from 'fast-check'
import { expect, test } from 'vitest'
import { EscapeReader } from './escapes.ts'

function readAll(pieces: readonly string[]): string {
  const reader = new EscapeReader()
  return pieces.map((piece) => reader.push(piece)).join('') + reader.end()
}

/** The same text cut at the given places. */
function cut(text: string, places: readonly number[]): string[] {
  const ends = [...new Set(places.map((place) => place % (text.length + 1)))].sort((a, b) => a - b)
  return [...ends, text.length].map((end, i) => text.slice(i === 0 ? 0 : ends[i - 1], end))
}

test('escapes: JSON text reads as what it stands for, cut at every pair of places', () => {
  const json = '{"say":"h\\u0061rm \\uD83D\\uDE00 \\"x\\\\u0061\\n"}'
  for (let a = 0; a <= json.length; a++)
    for (let b = a; b <= json.length; b++)
      expect(readAll([json.slice(0, a), json.slice(a, b), json.slice(b)])).toBe('{"say":"harm 😀 "x\\u0061\n"}')
})

test('escapes: any string, any share of it escaped, however it is cut, reads as itself', () => {
  // Backspace and form feed read as spaces, NUL as U+FFFD: a detector has no use for them.
  const text = fc.string({ unit: 'binary' }).map((one) => one.replace(/[\b\f\0]/g, ' '))
  fc.assert(
    fc.property(text, fc.array(fc.boolean(), { minLength: 1 }), fc.array(fc.nat()), (plain, which, places) => {
      const json = [...plain]
        .map((c, i) =>
          which[i % which.length]
            ? c
                .split('')
                .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
                .join('')
            : JSON.stringify(c).slice(1, -1),
        )
        .join('')
      expect(readAll(cut(json, places))).toBe(plain)
    }),
  )
})

test.each([
  ['C:\\users\\kim', 'C:\\users'],
  ['\\ukill all', '\\ukill all'],
  ['\\u12xy', '\\u12xy'],
  ['\\u+123', '\\u+123'],
  ['\\u00e', '\\u00e'],
  ['end\\', 'end\\'],
])('escapes: text that is not JSON loses no letter: %s', (text, kept) => {
  expect(readAll([text])).toContain(kept)
  expect(readAll([...text])).toBe(readAll([text]))
})

test('escapes: the reading does not depend on the cuts, JSON or not', () => {
  const text = fc.array(fc.constantFrom('\\', 'u', '0', '6', '1', 'a', 'n', '"', 'z'), { maxLength: 30 })
  fc.assert(
    fc.property(text, fc.array(fc.nat()), (units, places) => {
      const whole = units.join('')
      expect(readAll(cut(whole, places))).toBe(readAll([whole]))
    }),
  )
})
