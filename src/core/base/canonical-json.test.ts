import fc from 'fast-check'
import { expect, test } from 'vitest'
import { canonicalJson } from './canonical-json.ts'

test('canonical JSON: the example of RFC 8785, section 3.2.3, sorts by UTF-16 units', () => {
  const value = {
    '\u20ac': 'Euro Sign',
    '\r': 'Carriage Return',
    '\ufb33': 'Hebrew Letter Dalet With Dagesh',
    '1': 'One',
    '\ud83d\ude00': 'Emoji: Grinning Face',
    '\u0080': 'Control',
    '\u00f6': 'Latin Small Letter O With Diaeresis',
  }
  const order = [...canonicalJson(value).matchAll(/:"([A-Z][^"]*)"/g)].map(([, name]) => name)
  expect(order).toEqual([
    'Carriage Return',
    'One',
    'Control',
    'Latin Small Letter O With Diaeresis',
    'Euro Sign',
    'Emoji: Grinning Face',
    'Hebrew Letter Dalet With Dagesh',
  ])
})

test('canonical JSON: numbers as ECMAScript prints them', () => {
  const numbers = [1e9 / 3, 1e30, 4.5, 2e-3, 0.000000000000000000000000001, -0, 2 ** 53]
  expect(canonicalJson(numbers)).toBe('[333333333.3333333,1e+30,4.5,0.002,1e-27,0,9007199254740992]')
})

const bad: readonly (readonly [string, unknown])[] = [
  ['NaN', { a: Number.NaN }],
  ['an infinite number', [1, Number.POSITIVE_INFINITY]],
  ['undefined as a member', { a: undefined }],
  ['a hole', new Array(1)],
  ['half a surrogate pair', ['\ud800']],
  ['half a surrogate pair in a name', { '\udc00': 1 }],
  ['a big integer', 1n],
  ['a date', new Date(0)],
  ['a function', () => 1],
]
for (const [name, value] of bad)
  test(`canonical JSON: refuses ${name}`, () => {
    expect(() => canonicalJson(value)).toThrow(expect.objectContaining({ code: 'not_canonical' }))
  })

test('canonical JSON: a cycle is refused and does not run out of stack', () => {
  const loop: { self?: unknown } = {}
  loop.self = loop
  expect(() => canonicalJson(loop)).toThrow(expect.objectContaining({ code: 'not_canonical' }))
})

test('canonical JSON: reads back as the same value, whatever order its members were made in', () => {
  const json = fc.jsonValue({ maxDepth: 4 }).filter((value) => JSON.stringify(value).isWellFormed())
  fc.assert(
    fc.property(json, (value) => {
      const made = JSON.parse(JSON.stringify(value)) as unknown
      const text = canonicalJson(made)
      expect(JSON.parse(text)).toEqual(made)
      expect(canonicalJson(reversed(made))).toBe(text)
    }),
  )
})

function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed)
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([name, member]) => [name, reversed(member)]),
  )
}
