import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Exchange, PartKind, Trust } from '../conversation/exchange.ts'
import { decodeMessages } from './anthropic-decode.ts'
import { ProtocolError, readJson } from './json.ts'

const CANARY = 'canary-4711'

function decode(body: Record<string, unknown>, headers: Record<string, string> = {}): Exchange {
  const whole = { model: 'claude-fable-5', max_tokens: 10, messages: [], ...body }
  return decodeMessages(readJson(JSON.stringify(whole)), (name) => headers[name])
}

const user = (...content: unknown[]) => ({ messages: [{ role: 'user', content }] })
const assistant = (...content: unknown[]) => ({ messages: [{ role: 'assistant', content }] })
const result = (content: unknown) => user({ type: 'tool_result', tool_use_id: 'toolu_1', content })
const text = { type: 'text', text: CANARY }

/** Beside the slots that every surface has (decode.test.ts). */
const SLOTS: readonly [string, Record<string, unknown>, PartKind, Trust][] = [
  ['user, a lone block', { messages: [{ role: 'user', content: text }] }, 'user', 'user'],
  ['user, bare strings', user('a', CANARY), 'user', 'user'],
  ['user, text of a wrong shape', user({ type: 'text', text: [CANARY] }), 'user', 'user'],
  ['assistant', assistant(text), 'assistant', 'untrusted'],
  [
    'server_tool_use',
    assistant({ type: 'server_tool_use', name: 'x', input: { q: CANARY } }),
    'assistant',
    'untrusted',
  ],
  ['fallback', assistant({ type: 'fallback', from: { model: 'a' }, to: { model: CANARY } }), 'assistant', 'untrusted'],
  ['tool name', { tools: [{ name: CANARY }] }, 'tool_definition', 'untrusted'],
  ['tools as an object', { tools: { description: CANARY } }, 'tool_definition', 'untrusted'],
  ['tool result, object', result({ type: 'bash_code_execution_result', stdout: CANARY }), 'tool_result', 'untrusted'],
  [
    'tool result, document',
    result([{ type: 'document', source: { type: 'text', data: CANARY } }]),
    'document',
    'untrusted',
  ],
  [
    'tool result, search',
    result([{ type: 'search_result', title: 'a', source: 'b', content: [text] }]),
    'document',
    'untrusted',
  ],
  [
    'fetched page',
    user({
      type: 'web_fetch_tool_result',
      content: {
        type: 'web_fetch_result',
        url: 'u',
        content: { type: 'document', source: { type: 'text', data: CANARY } },
      },
    }),
    'document',
    'untrusted',
  ],
  [
    'search hit',
    user({ type: 'web_search_tool_result', content: [{ type: 'web_search_result', title: CANARY }] }),
    'tool_result',
    'untrusted',
  ],
  ['mcp tool result', user({ type: 'mcp_tool_result', content: [text] }), 'tool_result', 'untrusted'],
  [
    'document blocks',
    user({ type: 'document', source: { type: 'content', content: [text] } }),
    'document',
    'untrusted',
  ],
  [
    'document string',
    user({ type: 'document', source: { type: 'content', content: CANARY } }),
    'document',
    'untrusted',
  ],
  [
    'search result title',
    user({ type: 'search_result', title: CANARY, source: 's', content: [] }),
    'document',
    'untrusted',
  ],
  [
    'search result source',
    user({ type: 'search_result', title: 't', source: CANARY, content: [] }),
    'document',
    'untrusted',
  ],
  ['unknown block, key', user({ type: 'hologram', [CANARY]: 1 }), 'user', 'user'],
  ['block without a type', user({ text: CANARY }), 'user', 'user'],
  ['schema of the answer', { output_config: { format: { schema: { description: CANARY } } } }, 'document', 'untrusted'],
  ['schema of the answer, older', { output_format: { schema: { title: CANARY } } }, 'document', 'untrusted'],
  ['member of a block', user({ type: 'text', text: 'x', more: CANARY }), 'document', 'untrusted'],
  ['member of a turn', { messages: [{ role: 'system', more: CANARY }] }, 'document', 'untrusted'],
  ['unknown role, its name', { messages: [{ role: CANARY, content: 'x' }] }, 'document', 'untrusted'],
  ['member of the body', { documents: [CANARY] }, 'document', 'untrusted'],
  ['schema of a fallback', { fallbacks: [{ output_config: { format: CANARY } }] }, 'document', 'untrusted'],
  ['server of a call', assistant({ type: 'mcp_tool_use', name: 'x', server_name: CANARY }), 'assistant', 'untrusted'],
  ['toolset of a result', user({ type: 'tool_result', toolset_name: CANARY }), 'tool_result', 'untrusted'],
  ['compaction', { compaction: { type: 'summarize', instructions: CANARY } }, 'document', 'untrusted'],
  ['context edit', { context_management: { edits: [{ type: 'x', instructions: CANARY }] } }, 'document', 'untrusted'],
]

test.each(SLOTS)('GW-21: messages: a string is read with its place and trust: %s', (_slot, body, place, trust) => {
  const parts = decode(body).turns.flatMap((turn) => turn.parts)
  const holding = parts.filter((part) => part.kind === 'text' && part.text.includes(CANARY))
  expect(holding).toMatchObject([{ place, trust }])
})

const UNREAD: readonly [string, Record<string, unknown>, string][] = [
  ['image in a tool result', result([{ type: 'image', source: { type: 'url', url: CANARY } }]), 'image'],
  [
    'image in a document',
    user({ type: 'document', source: { type: 'content', content: [{ type: 'image' }] } }),
    'image',
  ],
  [
    'PDF',
    user({ type: 'document', source: { type: 'base64', media_type: 'application/pdf', data: CANARY } }),
    'document',
  ],
  ['file by id', user({ type: 'document', source: { type: 'file', file_id: CANARY } }), 'document'],
  ['document without a source', user({ type: 'document' }), 'document'],
  [
    'fetched PDF',
    user({
      type: 'web_fetch_tool_result',
      content: { type: 'web_fetch_result', content: { type: 'document', source: { type: 'base64', data: CANARY } } },
    }),
    'document',
  ],
  ['thread', { thread: { type: 'continue', previous_message_id: CANARY } }, 'stored_history'],
  ['container upload', user({ type: 'container_upload', file_id: CANARY }), 'file'],
]

test.each(UNREAD)('GW-21: messages: what no detector reads is an uninspected part: %s', (_name, body, media) => {
  const parts = decode(body).turns.flatMap((turn) => turn.parts)
  expect(parts.filter((part) => part.kind === 'uninspected')).toMatchObject([{ media }])
  expect(JSON.stringify(parts)).not.toContain(CANARY)
})

test('messages: turn i is message i; system, schema and tools follow and are always new', () => {
  const { turns, newestFrom } = decode({
    system: 's',
    tools: [{ name: 't' }],
    output_format: { schema: 'f' },
    messages: ['user', 'assistant', 'user'].map((role, i) => ({ role, content: `m${i}` })),
  })
  expect(turns.map(({ role }) => role)).toEqual(['user', 'assistant', 'user', 'system', 'system', 'system'])
  expect(turns.slice(0, 3).map(({ parts }) => parts[0])).toMatchObject([{ text: 'm0' }, { text: 'm1' }, { text: 'm2' }])
  expect(newestFrom).toBe(2)
})

test('messages: a turn without content keeps its place', () => {
  const { turns } = decode({
    messages: [{ role: 'user', content: '' }, { role: 'user' }, { role: 'user', content: [] }],
  })
  expect(turns).toEqual(Array(3).fill({ role: 'user', parts: [] }))
})

test.each<[string, Record<string, unknown>]>([
  ['model', { model: '' }],
  ['model', { model: 7 }],
  ['model', { model: undefined }],
  ['messages', { messages: 'hello' }],
  ['messages', { messages: undefined }],
  ['messages', { messages: { role: 'user' } }],
  ['messages[1]', { messages: [{ role: 'user', content: 'a' }, CANARY] }],
  ['messages[0]', { messages: [[CANARY]] }],
  ['stream', { stream: 'yes' }],
  ['max_tokens', { max_tokens: '10' }],
  ['max_tokens', { max_tokens: -1 }],
  ['max_tokens', { max_tokens: 1.5 }],
])('messages: a member of the wrong type is refused by name: %s', (field, body) => {
  expect(() => decode(body)).toThrow(
    expect.objectContaining({
      code: 'body_invalid',
      message: expect.stringMatching(new RegExp(`^body cannot be read: ${field.replace(/[[\]]/g, '\\$&')} `)),
    }),
  )
  expect(() => decode(body)).not.toThrow(CANARY)
})

test('messages: a limit of no tokens warms the cache and is legal', () => {
  expect(decode({ max_tokens: 0 }).maxOutputTokens).toBe(0)
  expect(decode({ max_tokens: null }).maxOutputTokens).toBeNull()
})

test.each([
  ['', false, false],
  ['context-1m-2025-08-07', false, false],
  ['fallback-credit-2026-07-01', false, true],
  ['a,server-side-fallback-2026-06-01', true, true],
  ['server-side-fallback-2026-07-01,fallback-credit-2026-07-01', true, true],
])('messages: betas say which fallback shapes parse: %s', (beta, fallbackBlock, fallbackMembers) => {
  const { wants } = decode({}, { 'anthropic-beta': beta })
  expect(wants).toEqual({
    fallbackBlock,
    fallbackMembers,
    jsonSchema: false,
    includeUsage: false,
    choices: 1,
    fixedShape: false,
  })
})

test('messages: session and customer come from where their names stand', () => {
  expect(decode({})).toMatchObject({ session: null, customer: null, stream: false })
  expect(decode({ stream: true, metadata: { user_id: 'u1' } })).toMatchObject({ customer: 'u1', stream: true })
  const headers = { 'anthropic-user-profile-id': 'p1', 'x-claude-code-session-id': 's1' }
  expect(decode({ metadata: { user_id: 'u1' } }, headers)).toMatchObject({ session: 's1', customer: 'p1' })
  expect(decode({ metadata: { user_id: 7 } }).customer).toBeNull()
})

test('GW-20: messages: names of the prototype are no members', () => {
  const document = readJson('{"__proto__":{"model":"x","messages":[]},"constructor":{"model":"y"}}')
  expect(() => decodeMessages(document, () => undefined)).toThrow(ProtocolError)
})

function strings(value: unknown): string[] {
  if (typeof value === 'string') return [value]
  if (Array.isArray(value)) return value.flatMap(strings)
  return typeof value === 'object' && value !== null ? Object.entries(value).flat().flatMap(strings) : []
}

test('GW-21: messages: every string of any unknown block is read, and the block is marked', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const parts = decode(user({ type: 'hologram', value })).turns[0]!.parts
      const read = parts.map((part) => (part.kind === 'text' ? part.text : '')).join('\n')
      for (const word of strings(value)) expect(read).toContain(word)
      expect(parts.at(-1)).toMatchObject({ kind: 'uninspected', media: 'unknown' })
    }),
  )
})

test('messages: whatever the members are, a body is decoded or refused as a body', () => {
  const any = fc.jsonValue()
  const names = ['model', 'messages', 'system', 'tools', 'stream', 'metadata', 'output_config', 'context_management']
  const block = fc.record(
    {
      type: fc.constantFrom('text', 'document', 'tool_result', 'tool_use', 'x'),
      text: any,
      source: any,
      content: any,
      input: any,
      title: any,
    },
    { requiredKeys: ['type'] },
  )
  const message = fc.record({
    role: fc.oneof(fc.constantFrom('user', 'assistant'), any),
    content: fc.oneof(any, fc.array(block)),
  })
  const body = fc.record(Object.fromEntries(names.map((name) => [name, any])), { requiredKeys: [] })
  fc.assert(
    fc.property(body, fc.array(message), fc.boolean(), (members, messages, real) => {
      try {
        decode(real ? { ...members, model: 'm', messages, stream: true } : members)
      } catch (error) {
        expect(error).toBeInstanceOf(ProtocolError)
        expect(real).toBe(false)
      }
    }),
  )
})
