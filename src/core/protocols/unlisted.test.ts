import fc from 'fast-check'
import { expect, test } from 'vitest'
import { adapterFor } from './adapters.ts'
import { readJson } from './json.ts'
import {
  all,
  each,
  listed,
  members,
  oneOf,
  opaque,
  options,
  type Reader,
  silent,
  unlisted,
  valuesIn,
  word,
} from './unlisted.ts'

function said(reader: Reader, value: unknown): string[] {
  const out: string[] = []
  reader(value, out)
  return out
}

test.each<[string, Reader, unknown, string[]]>([
  ['silent: nothing in any shape', silent, { a: ['b c'] }, []],
  ['opaque: no string', opaque, 'data: a b', []],
  ['opaque: no string of a list', opaque, ['a b', { c: 'd' }], ['c', 'd']],
  ['opaque: an object is read', opaque, { a: 'b' }, ['a', 'b']],
  ['word: an id', word, 'call_1|fc/1+=', []],
  ['word: a list of words', word, ['a', 'b', 'c d'], ['c d']],
  ['word: prose', word, 'pay no heed', ['pay no heed']],
  ['word: letters beyond ASCII', word, '無視', ['無視']],
  ['word: an object', word, { a: 'b' }, ['a', 'b']],
  ['word: nothing', word, null, []],
  ['options: words under their names', options('a', 'b'), { a: 'x', b: [{ a: 'y' }] }, []],
  ['options: prose under their names', options('a'), { a: { a: 'x y' } }, ['x y']],
  ['options: any other name', options('a'), { a: { c: 'x' } }, ['c', 'x']],
  ['members: each by its reader', members({ a: opaque, b: word }), { a: 'x y', b: 'x y', c: 'z' }, ['x y', 'c', 'z']],
  ['members: no object', members({ a: silent }), 'x', ['x']],
  ['members: a list is no object', members({ a: silent }), [{ a: 'x' }], ['a', 'x']],
  ['members: no object, by its own reader', members({ a: silent }, opaque), 'x', []],
  ['each: item by item', each(members({ a: silent })), [{ a: 'x' }, { b: 'y' }], ['b', 'y']],
  ['each: no list', each(members({ a: silent })), { a: 'x' }, ['a', 'x']],
  ['oneOf: one of them', oneOf('a', 'b'), 'b', []],
  ['oneOf: another', oneOf('a', 'b'), 'c', ['c']],
  ['oneOf: absent', oneOf('a', 'b'), null, []],
])('unlisted: %s', (_name, reader, value, words) => {
  expect(said(reader, value)).toEqual(words)
})

const TABLE = listed(all(word, 'id', 'type'))

test('unlisted: one untrusted part with names and strings; none for settings, however they are called', () => {
  expect(unlisted({ id: 'a', type: 'b', content: 'read elsewhere' }, TABLE, 'content')).toEqual([])
  expect(unlisted({ min_p: 0.1, ignore_eos: true, future: null, empty: '', none: [] }, TABLE)).toEqual([])
  expect(unlisted({ id: 'a', x: 'one', y: [{ z: 'two' }] }, TABLE)).toEqual([
    { kind: 'text', place: 'document', trust: 'untrusted', text: 'x\none\ny\nz\ntwo' },
  ])
  expect(unlisted({ 'pay no heed': 1 }, TABLE)).toMatchObject([{ text: 'pay no heed' }])
})

test('GW-20: unlisted: names of the prototype are in no table', () => {
  expect(unlisted(JSON.parse('{"constructor":"a","__proto__":"b"}'), TABLE)).toMatchObject([
    { text: 'constructor\na\n__proto__\nb' },
  ])
})

test('valuesIn: values, and of the keys those that are prose', () => {
  expect(valuesIn({ title: 'a', deep: [{ 'pay no heed': 'b' }] })).toEqual(['a', 'pay no heed', 'b'])
})

const path = { chat: '/v1/chat/completions', responses: '/v1/responses', messages: '/v1/messages' }
type Place = [name: string, surface: string, body: (more: object) => object]
const part = (type: string): Place => [
  `chat: a part, ${type}`,
  path.chat,
  (more) => ({ messages: [{ role: 'user', content: [{ type, ...more }] }] }),
]
const item = (type: string): Place => [`responses: ${type}`, path.responses, (more) => ({ input: [{ type, ...more }] })]
const block = (type: string): Place => [
  `messages: ${type}`,
  path.messages,
  (more) => ({ messages: [{ role: 'user', content: [{ type, ...more }] }] }),
]
const source = (type: string): Place => [
  `messages: a source, ${type}`,
  path.messages,
  (more) => ({ messages: [{ role: 'user', content: [{ type: 'document', source: { type, ...more } }] }] }),
]

/** Where a member that nobody knows can stand. */
const PLACES: readonly Place[] = [
  ['chat: the body', path.chat, (more) => ({ messages: [], ...more })],
  ['chat: a setting', path.chat, (more) => ({ messages: [], stream_options: more })],
  ['chat: a choice', path.chat, (more) => ({ messages: [], tool_choice: { function: { name: 'n', ...more } } })],
  ['chat: a message', path.chat, (more) => ({ messages: [{ role: 'user', content: 'x', ...more }] })],
  ['chat: a call', path.chat, (more) => ({ messages: [{ tool_calls: [{ function: { name: 'n' }, ...more }] }] })],
  [
    'chat: inside a call',
    path.chat,
    (more) => ({ messages: [{ tool_calls: [{ function: { name: 'n', ...more } }] }] }),
  ],
  ...['text', 'image_url', 'input_audio', 'file', 'refusal', 'hologram'].map(part),
  ['responses: the body', path.responses, (more) => ({ input: [], ...more })],
  ['responses: a stored prompt', path.responses, (more) => ({ input: [], prompt: { id: 'p', ...more } })],
  ...['message', 'reasoning', 'function_call', 'custom_tool_call', 'function_call_output', 'program_output'].map(item),
  ...['tool_search_output', 'image_generation_call', 'item_reference', 'web_search_call', 'hologram'].map(item),
  ['messages: the body', path.messages, (more) => ({ messages: [], ...more })],
  ['messages: an edit', path.messages, (more) => ({ messages: [], context_management: { edits: [more] } })],
  ['messages: a fallback', path.messages, (more) => ({ messages: [], fallbacks: [{ model: 'm', ...more }] })],
  ['messages: a server', path.messages, (more) => ({ messages: [], mcp_servers: [{ name: 'n', ...more }] })],
  ['messages: a turn', path.messages, (more) => ({ messages: [{ role: 'user', content: 'x', ...more }] })],
  ...['text', 'thinking', 'redacted_thinking', 'image', 'document', 'search_result', 'container_upload'].map(block),
  ...['web_fetch_result', 'tool_use', 'mcp_tool_use', 'tool_result', 'fallback', 'hologram'].map(block),
  ...['text', 'content', 'base64'].map(source),
]

function strings(value: unknown): string[] {
  if (typeof value === 'string') return [value]
  if (Array.isArray(value)) return value.flatMap(strings)
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(strings) : []
}

test.each(PLACES)('GW-21: every string of a member that nobody knows is read: %s', (_place, surface, body) => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const document = readJson(JSON.stringify({ model: 'm', ...body({ x_future: value }) }))
      const { turns } = adapterFor(surface)!.decode(document, () => undefined)
      const read = turns.flatMap(({ parts }) => parts.map((part) => (part.kind === 'text' ? part.text : ''))).join('\n')
      for (const one of strings(value)) expect(read).toContain(one)
    }),
    { numRuns: 50 },
  )
})

test('GW-21: what a decoder reads by name it reads in any shape', () => {
  const shapes: readonly [string, object][] = [
    [path.chat, { messages: [{ role: 'user', refusal: ['canary'] }] }],
    [path.chat, { messages: [{ role: 'user', name: { a: 'canary' } }] }],
    [path.chat, { messages: [{ role: 'assistant', reasoning: { a: 'canary' } }] }],
    [path.chat, { messages: [{ role: 'assistant', audio: 'canary' }] }],
    [path.chat, { messages: [{ role: 'assistant', tool_calls: 'canary' }] }],
    [path.chat, { messages: [{ role: 'assistant', tool_calls: [[{ a: 'canary' }]] }] }],
    [path.chat, { messages: [{ role: 'assistant', tool_calls: [{ function: 'canary', custom: { name: 'n' } }] }] }],
    [path.chat, { messages: [{ role: 'assistant', tool_calls: [{ function: {}, custom: { input: 'canary' } }] }] }],
    [path.chat, { messages: [{ role: 'assistant', function_call: 'canary' }] }],
    [path.chat, { messages: [{ role: 'user', content: [{ type: 'file', filename: ['canary'], file: {} }] }] }],
    [path.chat, { messages: [], response_format: [{ json_schema: 'canary' }] }],
    [path.chat, { messages: [], prediction: ['canary'] }],
    [path.responses, { input: [], text: ['canary'] }],
    [path.responses, { input: [], prompt: 'canary' }],
    [path.responses, { input: [{ type: 'function_call', arguments: '{}', input: 'canary' }] }],
    [path.responses, { input: [{ type: 'program_output', output: 'x', result: { a: 'canary' } }] }],
    [path.messages, { messages: [], output_config: [{ format: 'canary' }] }],
    [path.messages, { messages: [], context_management: { edits: { instructions: 'canary' } } }],
    [path.messages, { messages: [], context_management: 'canary' }],
    [path.messages, { messages: [{ role: 'user', content: [{ type: 'document', source: 'canary' }] }] }],
    [path.messages, { messages: [{ role: 'user', content: [{ type: 'image', source: 'canary' }] }] }],
    [path.messages, { messages: [{ role: 'user', content: [{ type: 'tool_use', name: ['canary'] }] }] }],
    [path.messages, { messages: [{ role: 'user', content: [{ type: 'text', citations: [{ 'a canary': 1 }] }] }] }],
  ]
  for (const [surface, body] of shapes) {
    const document = readJson(JSON.stringify({ model: 'm', ...body }))
    const { turns } = adapterFor(surface)!.decode(document, () => undefined)
    expect(JSON.stringify(turns), JSON.stringify(body)).toContain('canary')
  }
})

test('messages: the token of a server of tools is in no part', () => {
  const server = { type: 'url', name: 'docs', url: 'https://a.example/', authorization_token: 'a secret' }
  const document = readJson(JSON.stringify({ model: 'm', messages: [], mcp_servers: [server] }))
  expect(adapterFor(path.messages)!.decode(document, () => undefined).turns).toEqual([])
})

test.each(['/v1/messages', '/v1/chat/completions', '/v1/responses'])(
  'GW-22: %s: as many strings as a body may hold, in one member',
  (path) => {
    const decode = (x: unknown) =>
      adapterFor(path)!.decode(
        readJson(JSON.stringify({ model: 'm', max_tokens: 1, messages: [], input: 'a', x })),
        () => undefined,
      )
    const said = (x: unknown) => JSON.stringify(decode(x).turns).split('last word').length - 1
    expect(said([...new Array<string>(190_000).fill('a'), 'last word'])).toBe(1)
    expect(
      said(Object.fromEntries(Array.from({ length: 90_000 }, (_, i) => [`k${i}`, i === 89_999 ? 'last word' : 'a']))),
    ).toBe(1)
  },
)
