import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseStrictJson, StrictJsonError } from './strict-json.ts'

const codeOf = (text: string) => {
  try {
    parseStrictJson(text)
    return 'read'
  } catch (error) {
    if (!(error instanceof StrictJsonError)) throw error
    return error.code
  }
}

const cases: readonly (readonly [name: string, text: string, code: string])[] = [
  ['a name twice', '{"a":1,"a":1}', 'repeated_key'],
  ['a name twice, once as an escape', '{"a":1,"\\u0061":2}', 'repeated_key'],
  ['a name twice, deep', '[{"b":{"a":1,"c":[],"a":2}}]', 'repeated_key'],
  ['a name twice, with space before the colon', '{"a" \n:1,"a"\t:1}', 'repeated_key'],
  ['the same name in two objects', '[{"a":1},{"a":{"a":2}}]', 'read'],
  ['a value like a name', '{"a":"a","b":["a","a"]}', 'read'],
  ['quotes inside', '{"a\\"":1,"a":"\\"a\\":"}', 'read'],
  ['no JSON', '{"a":1,}', 'not_json'],
  ['nothing', '', 'not_json'],
  ['an open string', '{"a', 'not_json'],
  ['too deep', '['.repeat(65) + ']'.repeat(65), 'too_deep'],
]
for (const [name, text, code] of cases) test(`strict JSON: ${name}`, () => expect(codeOf(text)).toBe(code))

test('strict JSON: what it reads is what JSON.parse reads', () => {
  fc.assert(
    fc.property(fc.json(), (text) => {
      if (codeOf(text) === 'read') expect(parseStrictJson(text)).toEqual(JSON.parse(text))
      // fast-check writes what JSON.stringify does, which never repeats a name.
      else expect(codeOf(text)).toBe('too_deep')
    }),
  )
})
