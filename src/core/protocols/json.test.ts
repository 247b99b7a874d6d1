import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  elementsIn,
  MAX_DEPTH,
  MAX_NODES,
  objectIn,
  ProtocolError,
  readJson,
  replaceIn,
  replaceTopLevel,
} from './json.ts'

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

const anyObject = fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue({ stringUnit: 'binary' }))

/** The same string, every unit of it as an escape. */
function escaped(text: string): string {
  return text.replace(/./gsu, (c) =>
    [...Array(c.length).keys()].map((i) => `\\u${c.charCodeAt(i).toString(16).padStart(4, '0')}`).join(''),
  )
}

function refused(text: string): string {
  try {
    readJson(text)
  } catch (error) {
    expect(error).toBeInstanceOf(ProtocolError)
    expect(error).toMatchObject({ code: 'body_invalid', message: expect.stringMatching(/^body cannot be read: body /) })
    return (error as ProtocolError).message
  }
  throw new Error('was read')
}

test.each([
  ['model', '{"model":"a","model":"b"}'],
  ['system', '{"system":"a","system":"b"}'],
  ['messages', '{"messages":[],"stream":true,"messages":[]}'],
  ['input', '{"input":"a","input":["b"]}'],
  ['instructions', '{"instructions":"a","instructions":"b"}'],
  ['tools', '{"tools":[],"tools":[{}]}'],
  ['role', '{"messages":[{"role":"user","content":"a","role":"system"}]}'],
  ['content', '{"messages":[{"role":"user","content":"a","content":"b"}]}'],
  ['text', '{"messages":[{"content":[{"type":"text","text":"a","text":"b"}]}]}'],
  ['deep inside a tool result', '{"messages":[{"content":[{"content":[{"type":"text","text":"a","text":"b"}]}]}]}'],
  ['the name of an unknown member', '{"x":{"y":1,"y":1}}'],
  ['an empty name', '{"":1,"":2}'],
  ['a name of the prototype', '{"__proto__":1,"__proto__":2}'],
  ['the same name escaped', '{"model":"a","\\u006dodel":"b"}'],
  ['the same name escaped in capitals', '{"\\u006Fk":1,"\\u006fk":2}'],
  ['the same name with a short escape', '{"a/b":1,"a\\/b":2}'],
  ['an emoji escaped', '{"😀":1,"\\ud83d\\ude00":2}'],
])('GW-19: json: the same key twice in one object is refused: %s', (_name, text) => {
  expect(refused(text)).toContain('the same key twice')
})

test('GW-19: json: a repeated key is found in any object, at any distance, however it is spelt', () => {
  const name = fc.string({ unit: 'binary', minLength: 1, maxLength: 8 })
  const keys = fc.uniqueArray(name, { minLength: 1, maxLength: 40 })
  fc.assert(
    fc.property(keys, fc.nat(), fc.boolean(), fc.boolean(), (names, at, inList, spelled) => {
      const again = names[at % names.length]!
      const members = names.map((one) => `${JSON.stringify(one)}:{${JSON.stringify(again)}:1}`)
      const twice = spelled ? `"${escaped(again)}"` : JSON.stringify(again)
      const wrap = (object: string) => (inList ? `{"a":[0,${object}]}` : `{"a":${object}}`)
      readJson(wrap(`{${members.join(',')}}`))
      expect(refused(wrap(`{${members.join(',')},${twice}:0}`))).toContain('the same key twice')
    }),
  )
})

test.each([
  ['lists', '[', ']'],
  ['objects', '{"a":', '}'],
])(
  'GW-22: json: 128 levels are read, 129 are refused, and a million do not exhaust the stack: %s',
  (_n, open, close) => {
    const nested = (levels: number) => `{"a":${open.repeat(levels - 1)}0${close.repeat(levels - 1)}}`
    readJson(nested(MAX_DEPTH))
    expect(refused(nested(MAX_DEPTH + 1))).toContain('128 levels')
    expect(refused(nested(1_000_000))).toContain('128 levels')
    // What closes again does not count.
    readJson(`{"a":[${`${nested(100)},`.repeat(50)}0]}`)
  },
)

test('GW-22: json: 200,000 values are read, more are refused; commas inside strings are no values', () => {
  const list = (length: number) => `{"a":[${Array(length).fill('0').join(',')}]}`
  readJson(list(MAX_NODES - 2))
  expect(refused(list(MAX_NODES))).toContain('200000 values')
  const members = (length: number) => `{${Array.from({ length }, (_, i) => `"${i}":0`).join(',')}}`
  readJson(members(MAX_NODES - 1))
  expect(refused(members(MAX_NODES + 1))).toContain('200000 values')
  readJson(JSON.stringify({ a: '[{,'.repeat(MAX_NODES) }))
})

test.each([
  [
    'many short strings, no escape',
    JSON.stringify(Object.fromEntries([...Array(190_000).keys()].map((i) => [`name ${i} ${'x'.repeat(20)}`, '']))),
    190_000,
  ],
  ['one string of escapes', `{"a":"${'\\n'.repeat(2_000_000)}"}`, 1],
  ['one string of escaped quotes', `{"a":"${'\\"'.repeat(2_000_000)}"}`, 1],
])('GW-22: json: reading and editing take time in proportion to the body: %s', (_name, text, members) => {
  const startMs = performance.now()
  const document = readJson(text)
  expect(Object.keys(document.value)).toHaveLength(members)
  expect(replaceTopLevel(document, { remove: ['b'] })).toBe(text)
  // A fraction of a second; minutes for a scan that looks at the rest of the body again at every string or escape.
  expect(performance.now() - startMs).toBeLessThan(3000)
})

test.each([
  ['spaces', ' \n'],
  ['a byte-order mark inside', '{}\ufeff'],
  ['a second value', '{}{}'],
  ['a second value on a new line', '{"a":1}\n{"a":2}'],
  ['a closing brace too many', '{"a":1}}'],
  ['a NUL after the value', '{}\0'],
  ['a comment', '{}//'],
  ['a trailing comma', '{"a":1,}'],
  ['single quotes', "{'a':1}"],
  ['NaN', '{"a":NaN}'],
  ['a raw line end in a string', '{"a":"\n"}'],
  ['an unknown escape', '{"a":"\\x61"}'],
  ['a short escape', '{"a":"\\u12"}'],
  ['a list', '[{"model":"a"}]'],
  ['a string', '"model"'],
])('GW-20: json: what is not exactly one object is refused: %s', (_name, text) => {
  refused(text)
})

test('json: a body that is cut off anywhere is refused', () => {
  fc.assert(
    fc.property(anyObject, fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (object, share) => {
      const text = JSON.stringify(object)
      refused(text.slice(0, Math.floor(share * text.length)))
    }),
  )
})

test('json: no error quotes the body', () => {
  const around = [
    '{"CANARY":1,"CANARY":2}',
    '{"a":"CANARY\\ud800"}',
    '{"a":CANARY}',
    '"CANARY"',
    '{"a":"CANARY"}CANARY',
  ]
  for (const text of around) expect(refused(text)).not.toContain('CANARY')
})

test('replaceTopLevel: sets in place, adds at the end, removes; names are compared as what they say', () => {
  const edit = (text: string, edits: Parameters<typeof replaceTopLevel>[1]) => replaceTopLevel(readJson(text), edits)
  expect(edit('{"\\u006dodel":"a","b":1}', { set: { model: 'c' } })).toBe('{"model":"c","b":1}')
  expect(edit('{}', { set: { model: 'c' } })).toBe('{"model":"c"}')
  expect(edit('{"a":1,"fallbacks":[{"model":"x"}],"b":2}', { remove: ['fallbacks'] })).toBe('{"a":1,"b":2}')
  expect(edit('{"fallbacks":1}', { remove: ['fallbacks'] })).toBe('{}')
  expect(edit('{"a":{"fallbacks":1}}', { remove: ['fallbacks'] })).toBe('{"a":{"fallbacks":1}}')
  expect(edit('{"__proto__":{"a":1}}', { set: { model: 'm' } })).toBe('{"__proto__":{"a":1},"model":"m"}')
})

test('replaceTopLevel: of a key that stands there twice, no second one outlives its replacement', () => {
  const document = (text: string) => ({ text, value: JSON.parse(text) as Record<string, unknown> })
  const twice = document('{"a":{"x":1},"b":1,"\\u0061":{"x":2.0}}')
  expect(replaceTopLevel(twice, { set: { a: 3 } })).toBe('{"a":3,"b":1}')
  expect(replaceTopLevel(twice, { remove: ['a'] })).toBe('{"b":1}')
  // The last one is what a parser gives.
  expect(replaceIn(twice, 'a', { set: { y: 1 } })).toBe('{"x":2.0,"y":1}')
})

test('replaceIn, elementsIn: texts as they stand, of an answer whose strings break off inside a pair as well', () => {
  const text = '{ "s":"\\ud83d", "o" : { "s":"\\ude00\\"}" , "n":1.0 }, "l": [ {"a":1.0} , "\\ud83d],", [2] ],"n":null}'
  const document = { text, value: JSON.parse(text) as Record<string, unknown> }
  expect(replaceIn(document, 'o', { raw: { more: '1e0' } })).toBe('{"s":"\\ude00\\"}","n":1.0,"more":1e0}')
  expect(elementsIn(document, 'l')).toEqual(['{"a":1.0}', '"\\ud83d],"', '[2]'])
  for (const none of ['n', 's', 'missing']) {
    expect(objectIn(document, none)).toBeNull()
    expect(replaceIn(document, none, { set: { a: 1 } })).toBe('{"a":1}')
    expect(elementsIn(document, none)).toEqual([])
  }
})

test('replaceTopLevel: for any members and any spacing, the other members are copied and the order is kept', () => {
  const raws = [
    '1.0e2',
    '-0.0',
    '1e400',
    '"\\u0061\\/"',
    '"a,}]{\\""',
    '{ "x" : [1.50 ,2E+3] }',
    '[]',
    '{}',
    'null',
    '"\\\\"',
  ]
  const member = fc.record({ name: fc.string({ unit: 'binary', maxLength: 6 }), raw: fc.constantFrom(...raws) })
  const space = fc.constantFrom('', ' ', '\n\t', '\r\n')
  const members = fc.uniqueArray(member, { selector: ({ name }) => name, maxLength: 8 })
  fc.assert(
    fc.property(members, space, fc.nat(8), fc.boolean(), (list, gap, at, remove) => {
      const own = list
        .filter(({ name }) => name !== 'model')
        .map(({ name, raw }) => `${JSON.stringify(name)}${gap}:${gap}${raw}`)
      const place = Math.min(at, own.length)
      const all = own.toSpliced(place, 0, `"model":${gap}"old"`)
      const document = readJson(`${gap}{${gap}${all.join(`${gap},${gap}`)}${gap}}${gap}`)
      const out = replaceTopLevel(document, remove ? { remove: ['model'] } : { set: { model: 'new' } })
      expect(out).toBe(`{${(remove ? own : own.toSpliced(place, 0, '"model":"new"')).join(',')}}`)
      readJson(out)
    }),
  )
})
