import fc from 'fast-check'
import { expect, test } from 'vitest'
import { MAX_DEPTH, MAX_NODES, ProtocolError, readJson, replaceTopLevel } from './json.ts'

const anyText = { stringUnit: 'binary' } as const
const anyObject = fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue(anyText))

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
  ['siblings', '{"a":{"x":1},"b":{"x":1}}'],
  ['parent and child', '{"a":{"a":{"a":1}}}'],
  ['items of a list', '{"a":[{"x":1},{"x":1}]}'],
  ['a value that equals its key', '{"a":"a","b":["a","a"]}'],
  ['names that differ by case', '{"model":1,"Model":2}'],
  ['names that differ by normalisation only', '{"\\u00e9":1,"e\\u0301":1}'],
])('json: equal names that are not one member are read: %s', (_name, text) => {
  expect(readJson(text).value).toEqual(JSON.parse(text))
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
  ['nothing', ''],
  ['spaces', ' \n'],
  ['a byte-order mark', '\ufeff{}'],
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
  ['null', 'null'],
])('GW-20: json: what is not exactly one object is refused: %s', (_name, text) => {
  refused(text)
})

test.each([
  ['high alone', '\\ud800'],
  ['low alone', '\\udc00'],
  ['high, high', '\\ud83d\\ud83d\\ude00'],
  ['low, high', '\\ude00\\ud83d'],
  ['high, text', '\\ud83dx'],
  ['high, another escape', '\\ud83d\\n'],
  ['in capitals', '\\uD83D'],
  ['last in the string, before an escaped quote', '\\ud83d\\"'],
])('GW-20: json: half of a surrogate pair is refused: %s', (_name, text) => {
  expect(refused(`{"a":"${text}"}`)).toContain('surrogate')
  expect(refused(`{"${text}":1}`)).toContain('surrogate')
})

test('GW-20: json: whole surrogate pairs, and backslashes that only look like escapes, are read', () => {
  expect(readJson('{"a":"\\uD83D\\ude00","b":"\\\\ud800"}').value).toEqual({ a: '😀', b: '\\ud800' })
})

test('GW-20: json: a member named __proto__ is a member, and changes no other object', () => {
  const { value } = readJson('{"__proto__":{"model":"x","stream":true},"constructor":{"prototype":{"model":"y"}}}')
  expect(Object.keys(value)).toEqual(['__proto__', 'constructor'])
  expect(value.model).toBeUndefined()
  expect(({} as Record<string, unknown>).model).toBeUndefined()
})

test('json: every object that JSON can write is read back as it was', () => {
  fc.assert(
    fc.property(anyObject, fc.constantFrom(0, 2), (object, indent) => {
      const text = JSON.stringify(object, null, indent)
      const document = readJson(text)
      expect(document.text).toBe(text)
      expect(JSON.stringify(document.value, null, indent)).toBe(text)
    }),
  )
})

test('json: a body that is cut off anywhere is refused', () => {
  fc.assert(
    fc.property(anyObject, fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (object, share) => {
      const text = JSON.stringify(object)
      refused(text.slice(0, Math.floor(share * text.length)))
    }),
  )
})

test('json: whatever comes, it is read as the platform reads it or refused as a body', () => {
  const pieces = [
    '{',
    '}',
    '[',
    ']',
    '"',
    '\\',
    ',',
    ':',
    'u',
    'd8',
    '00',
    'a',
    ' ',
    '1',
    'e',
    '"a":',
    '\\u0061',
    'null',
  ]
  const text = fc.array(fc.constantFrom(...pieces), { maxLength: 24 }).map((some) => some.join(''))
  fc.assert(
    fc.property(
      fc.oneof(
        text,
        text.map((inner) => `{"a":${inner}}`),
      ),
      (body) => {
        let value: unknown
        try {
          value = readJson(body).value
        } catch (error) {
          expect(error).toBeInstanceOf(ProtocolError)
          return
        }
        expect(value).toEqual(JSON.parse(body))
      },
    ),
    { numRuns: 2000 },
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

test('replaceTopLevel: untouched members keep their bytes: digits, escapes, spaces', () => {
  const text =
    '{ "temperature" : 1.0e2,\n  "model":"a", "x": [ 1.50, {"model":"inner", "y":"\\u0061\\/"} ], "big":12345678901234567890 }'
  expect(replaceTopLevel(readJson(text), { set: { model: 'b' } })).toBe(
    '{"temperature" : 1.0e2,"model":"b","x": [ 1.50, {"model":"inner", "y":"\\u0061\\/"} ],"big":12345678901234567890}',
  )
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
