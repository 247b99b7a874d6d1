import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Exchange, PartKind, Trust } from '../conversation/exchange.ts'
import { decodeChat, readable } from './chat-decode.ts'
import { ProtocolError, readJson } from './json.ts'

const CANARY = 'canary-4711'

function decode(body: Record<string, unknown>, headers: Record<string, string> = {}): Exchange {
  return decodeChat(readJson(JSON.stringify({ model: 'gpt-5.5', messages: [], ...body })), (name) => headers[name])
}

const one = (message: Record<string, unknown>) => ({ messages: [message] })
const user = (content: unknown) => one({ role: 'user', content })
const assistant = (more: Record<string, unknown>) => one({ role: 'assistant', content: null, ...more })
const calls = (...list: unknown[]) => assistant({ tool_calls: list })

/** Beside the slots that every surface has (decode.test.ts). */
const SLOTS: readonly [string, Record<string, unknown>, PartKind, Trust][] = [
  ['system', one({ role: 'system', content: CANARY }), 'system', 'system'],
  ['system, parts', one({ role: 'system', content: [{ type: 'text', text: CANARY }] }), 'system', 'system'],
  ['user, string', user(CANARY), 'user', 'user'],
  ['user, a lone part', user({ type: 'text', text: CANARY }), 'user', 'user'],
  ['user, bare strings', user(['a', CANARY]), 'user', 'user'],
  ['user, text of a wrong shape', user([{ type: 'text', text: { value: CANARY } }]), 'user', 'user'],
  ['unknown role', one({ role: 'critic', content: CANARY }), 'user', 'user'],
  ['unknown part', user([{ type: 'hologram', deep: [{ er: CANARY }] }]), 'user', 'user'],
  ['assistant', assistant({ content: CANARY }), 'assistant', 'untrusted'],
  ['refusal part', assistant({ content: [{ type: 'refusal', refusal: CANARY }] }), 'assistant', 'untrusted'],
  ['reasoning_content', assistant({ reasoning_content: CANARY }), 'assistant', 'untrusted'],
  ['reasoning', assistant({ reasoning: CANARY }), 'assistant', 'untrusted'],
  ['call, name', calls({ type: 'function', function: { name: CANARY, arguments: '{}' } }), 'assistant', 'untrusted'],
  ['call, key', calls({ function: { name: 'x', arguments: `{"${CANARY}":1}` } }), 'assistant', 'untrusted'],
  ['call, not JSON', calls({ function: { name: 'x', arguments: `{"a":${CANARY}` } }), 'assistant', 'untrusted'],
  ['call, no string', calls({ function: { name: 'x', arguments: { a: CANARY } } }), 'assistant', 'untrusted'],
  ['call, custom', calls({ type: 'custom', custom: { name: 'x', input: CANARY } }), 'assistant', 'untrusted'],
  ['call, unknown', calls({ type: 'hologram', hologram: { words: CANARY } }), 'assistant', 'untrusted'],
  ['function_call', assistant({ function_call: { name: 'x', arguments: `["${CANARY}"]` } }), 'assistant', 'untrusted'],
  ['tool result, parts', one({ role: 'tool', content: [{ type: 'text', text: CANARY }] }), 'tool_result', 'untrusted'],
  ['prediction parts', { prediction: { content: [{ type: 'text', text: CANARY }] } }, 'document', 'untrusted'],
  ['schema key', { response_format: { json_schema: { schema: { [CANARY]: 1 } } } }, 'document', 'untrusted'],
  ['unknown role, its name', one({ role: CANARY, content: 'x' }), 'document', 'untrusted'],
  ['member of a system message', one({ role: 'system', content: 'x', more: CANARY }), 'document', 'untrusted'],
  ['member of a user message', one({ role: 'user', content: 'x', more: CANARY }), 'document', 'untrusted'],
  ['member of a part', user([{ type: 'text', text: 'x', more: [CANARY] }]), 'document', 'untrusted'],
  ['reasoning, an object', assistant({ reasoning: { text: CANARY } }), 'assistant', 'untrusted'],
  ['reasoning_details', assistant({ reasoning_details: [{ text: CANARY }] }), 'document', 'untrusted'],
  ['calls, no list', assistant({ tool_calls: { function: { arguments: CANARY } } }), 'assistant', 'untrusted'],
  ['prediction, bare', { prediction: CANARY }, 'document', 'untrusted'],
  ['member of the body', { documents: [{ text: CANARY }] }, 'document', 'untrusted'],
  ['tools as an object', { tools: { description: CANARY } }, 'tool_definition', 'untrusted'],
]

test.each(SLOTS)('GW-21: chat: a string is read with its place and trust: %s', (_slot, body, place, trust) => {
  const parts = decode(body).turns.flatMap((turn) => turn.parts)
  const holding = parts.filter((part) => part.kind === 'text' && part.text.includes(CANARY))
  expect(holding).toMatchObject([{ place, trust }])
})

test.each([
  ['image', user([{ type: 'image_url', image_url: { url: CANARY } }]), 'image'],
  ['audio', user([{ type: 'input_audio', input_audio: { data: CANARY } }]), 'audio'],
  ['audio of an earlier answer', assistant({ audio: { id: CANARY } }), 'audio'],
  ['hidden reasoning', assistant({ reasoning_details: [{ type: 'reasoning.encrypted', data: CANARY }] }), 'encrypted'],
  ['file', user([{ type: 'file', file: { file_data: CANARY } }]), 'file'],
  ['file of the other surface', user([{ type: 'input_file', file_url: CANARY }]), 'file'],
])('GW-21: chat: what no detector reads is an uninspected part: %s', (_name, body, media) => {
  const { parts } = decode(body).turns[0]!
  expect(parts).toMatchObject([{ kind: 'uninspected', media }])
  expect(JSON.stringify(parts)).not.toContain(CANARY)
})

test.each<[string, Record<string, unknown>]>([
  ['model', { model: null }],
  ['messages', { messages: {} }],
  ['messages[1]', { messages: [{ role: 'user' }, CANARY] }],
  ['stream', { stream: 1 }],
  ['max_completion_tokens', { max_completion_tokens: 'ten', max_tokens: 10 }],
  ['max_tokens', { max_tokens: 0 }],
  ['n', { n: 1.5 }],
  ['n', { n: 129 }],
  ['n', { n: 2 ** 40 }],
])('chat: a member of the wrong type is refused by name: %s', (field, body) => {
  const message = expect.stringMatching(new RegExp(`^body cannot be read: ${field.replace(/[[\]]/g, '\\$&')} wanted`))
  expect(() => decode(body)).toThrow(expect.objectContaining({ code: 'body_invalid', message }))
})

test('chat: what the caller wants of the answer', () => {
  expect(decode({}).wants).toEqual({
    fallbackBlock: false,
    fallbackMembers: false,
    fixedShape: true,
    jsonSchema: false,
    includeUsage: false,
    choices: 1,
  })
  const wants = {
    n: 128,
    stream_options: { include_usage: true },
    response_format: { type: 'json_schema', json_schema: {} },
  }
  expect(decode(wants).wants).toMatchObject({ jsonSchema: true, includeUsage: true, choices: 128 })
  expect(decode({ response_format: { type: 'json_object' } }).wants.jsonSchema).toBe(false)
  expect(decode({ max_tokens: 7 }).maxOutputTokens).toBe(7)
  expect(decode({ max_tokens: 7, max_completion_tokens: 8 }).maxOutputTokens).toBe(8)
})

test('chat: session and customer come from where their names stand, the header first', () => {
  expect(decode({ user: 'u', prompt_cache_key: 'k' })).toMatchObject({ customer: 'u', session: 'k' })
  expect(decode({ user: 'u', safety_identifier: 's' }).customer).toBe('s')
  const headers = { 'openai-safety-identifier': 'h', 'x-claude-code-session-id': 'c' }
  expect(decode({ safety_identifier: 's', prompt_cache_key: 'k' }, headers)).toMatchObject({
    customer: 'h',
    session: 'c',
  })
})

test('GW-20: readable: of two equal keys both are read, as the model reads both', () => {
  expect(readable('{"a":"first","a":"second"}')).toContain('first')
  expect(readable('{"a":"first","\\u0061":"second"}')).toContain('first')
})

test('readable: escapes are resolved in every text, JSON or not; nothing is lost', () => {
  expect(readable('{"a":"h\\u0061rm"}')).toBe('a\nharm')
  expect(readable('["h\\u0061rm"]')).toContain('harm')
  expect(readable('{"a":"h\\u0061rm"')).toContain('harm')
  expect(readable('plain C:\\users\\')).toContain('plain C:\\users')
  expect(readable('7')).toBe('7')
  expect(readable('[{"a":'.repeat(100_000))).toHaveLength(600_000)
  expect(readable(undefined)).toBe('')
})

test('GW-21: readable: every word of any JSON text is in what is read', () => {
  const word = fc.stringMatching(/^[a-z]{1,6}$/)
  const { tree } = fc.letrec((tie) => ({
    tree: fc.oneof({ depthSize: 'small' }, word, fc.array(tie('tree')), fc.dictionary(word, tie('tree'))),
  }))
  fc.assert(
    fc.property(tree, (value) => {
      const json = JSON.stringify(value)
      const read = readable(json)
      for (const found of json.match(/[a-z]+/g) ?? []) expect(read).toContain(found)
    }),
  )
})

test('chat: whatever the members are, a body is decoded or refused as a body', () => {
  const any = fc.jsonValue()
  const names = [
    'model',
    'messages',
    'tools',
    'functions',
    'stream',
    'n',
    'response_format',
    'prediction',
    'stream_options',
  ]
  const message = fc.record(
    {
      role: fc.oneof(fc.constantFrom('user', 'assistant', 'tool'), any),
      content: any,
      tool_calls: any,
      function_call: any,
      audio: any,
    },
    { requiredKeys: [] },
  )
  fc.assert(
    fc.property(
      fc.record(Object.fromEntries(names.map((name) => [name, any])), { requiredKeys: [] }),
      fc.array(message),
      fc.boolean(),
      (members, messages, real) => {
        try {
          decode(real ? { ...members, model: 'm', messages, stream: true, n: 1 } : members)
        } catch (error) {
          expect(error).toBeInstanceOf(ProtocolError)
          expect(real).toBe(false)
        }
      },
    ),
  )
})
