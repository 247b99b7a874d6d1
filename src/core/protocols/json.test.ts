import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { MAX_DEPTH, readJson, replaceTopLevel } from './json.ts'

const nested = (depth: number) => `{"a":${'['.repeat(depth - 1)}${']'.repeat(depth - 1)}}`

describe('json', () => {
  const bad: [name: string, text: string][] = [
    ['empty', ''],
    ['cut off', '{"a":'],
    ['a list', '[1]'],
    ['a string', '"a"'],
    ['null', 'null'],
    ['data after the value', '{} {}'],
    ['a byte-order mark', '\ufeff{}'],
    ['deeper than the bound', nested(MAX_DEPTH + 1)],
    ['far deeper, without a stack overflow', `{"a":${'['.repeat(300_000)}`],
    ['more values than the bound', `{"a":[${'1,'.repeat(200_001)}1]}`],
    ['a lone high surrogate', '{"a":"\\ud83d"}'],
    ['a lone low surrogate', '{"a":"\\ude00"}'],
    ['two high surrogates', '{"a":"\\ud83d\\ud83d"}'],
    ['a high surrogate before another escape', '{"a":"\\ud83d\\n\\ude00"}'],
    ['GW-19: a key twice', '{"a":1,"a":2}'],
    ['GW-19: a key twice in an inner object', '{"messages":[{"role":"user","role":"system"}]}'],
    ['GW-19: a key twice, once escaped', '{"model":1,"mod\\u0065l":2}'],
    ['GW-19: a key twice among many', `{${Array.from({ length: 40 }, (_, i) => `"k${i}":1`).join(',')},"k3":2}`],
    ['a string that never ends', '{"a":"b'],
    ['a string that ends in a backslash', '{"a":"b\\'],
  ]
  for (const [name, text] of bad)
    test(`GW-20: refuses ${name}`, () => {
      expect(() => readJson(text)).toThrow(expect.objectContaining({ code: 'body_invalid' }))
    })

  const good: [name: string, text: string][] = [
    ['the depth at its bound', nested(MAX_DEPTH)],
    ['pairs of surrogates', '{"a":"\\ud83d\\ude00","b":"\\\\ud83d"}'],
    ['equal keys in different objects', '{"a":{"x":1},"b":{"x":1},"x":1}'],
    ['strings that look like structure', '{"a":"{\\"a\\":1,\\"a\\":2}[[[","b":"\\\\"}'],
    ['keys that differ in case', '{"Model":1,"model":2}'],
    ['names of the prototype', '{"__proto__":{"polluted":true},"constructor":1}'],
  ]
  for (const [name, text] of good)
    test(`accepts ${name}`, () => {
      expect(readJson(text).value).toEqual(JSON.parse(text))
      expect(({} as { polluted?: boolean }).polluted).toBeUndefined()
    })

  test('every object that JSON can write is read back as it was', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string({ unit: 'grapheme' }), fc.jsonValue({ maxDepth: 5 })), (value) => {
        const text = JSON.stringify(value)
        expect(readJson(text).value).toEqual(JSON.parse(text))
      }),
    )
  })

  test('no text is slow or crashes: it is read or refused', () => {
    fc.assert(
      fc.property(
        fc.string({
          unit: fc.constantFrom('{', '}', '[', ']', '"', '\\', 'u', 'd', '8', ',', ':', '1', ' ', '\n'),
          maxLength: 60,
        }),
        (text) => {
          try {
            readJson(text)
          } catch (error) {
            expect(error).toMatchObject({ code: 'body_invalid' })
          }
        },
      ),
      { numRuns: 2000 },
    )
  })

  test('replacing a member keeps every other byte: digits, escapes, order', () => {
    const text =
      '{ "n" : 1.50e2 , "model":"a","s":"caf\\u00e9", "deep":{"model":1,"x":[1,{"y":2}]} ,"fallbacks":[{"model":"b"}] }'
    const edited = replaceTopLevel(readJson(text), { set: { model: 'z' }, remove: ['fallbacks'] })
    expect(edited).toBe('{"n" : 1.50e2,"model":"z","s":"caf\\u00e9","deep":{"model":1,"x":[1,{"y":2}]}}')
    expect(replaceTopLevel(readJson('{}'), { set: { model: 'z' } })).toBe('{"model":"z"}')
  })
})
