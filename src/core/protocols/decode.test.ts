import { describe, expect, test } from 'vitest'
import type { Exchange, Part } from '../conversation/exchange.ts'
import { ADAPTERS, adapterFor } from './adapters.ts'
import { readJson } from './json.ts'

const decode = (path: string, body: unknown, headers: Record<string, string> = {}): Exchange =>
  adapterFor(path)!.decode(readJson(JSON.stringify(body)), (name) => headers[name])
const partsOf = (exchange: Exchange): readonly Part[] => exchange.turns.flatMap(({ parts }) => parts)
const CANARY = 'zebra-4471'

/** Every slot of every surface that a model could read, with the trust its words have. */
const slots: [path: string, slot: string, body: Record<string, unknown>, trust: Part['trust'], place: Part['place']][] =
  [
    ['/v1/messages', 'user string', { messages: [{ role: 'user', content: CANARY }] }, 'user', 'user'],
    [
      '/v1/messages',
      'user block',
      { messages: [{ role: 'user', content: [{ type: 'text', text: CANARY }] }] },
      'user',
      'user',
    ],
    ['/v1/messages', 'unknown role', { messages: [{ role: 'judge', content: CANARY }] }, 'user', 'user'],
    [
      '/v1/messages',
      'mid-conversation system',
      { messages: [{ role: 'system', content: CANARY }] },
      'system',
      'system',
    ],
    ['/v1/messages', 'system string', { system: CANARY, messages: [] }, 'system', 'system'],
    ['/v1/messages', 'system block', { system: [{ type: 'text', text: CANARY }], messages: [] }, 'system', 'system'],
    [
      '/v1/messages',
      'prefill',
      {
        messages: [
          { role: 'user', content: 'x' },
          { role: 'assistant', content: CANARY },
        ],
      },
      'untrusted',
      'assistant',
    ],
    [
      '/v1/messages',
      'thinking',
      { messages: [{ role: 'assistant', content: [{ type: 'thinking', thinking: CANARY }] }] },
      'untrusted',
      'assistant',
    ],
    [
      '/v1/messages',
      'tool call name',
      { messages: [{ role: 'assistant', content: [{ type: 'tool_use', name: CANARY, input: {} }] }] },
      'untrusted',
      'assistant',
    ],
    [
      '/v1/messages',
      'tool call input',
      { messages: [{ role: 'assistant', content: [{ type: 'tool_use', name: 'n', input: { a: [{ b: CANARY }] } }] }] },
      'untrusted',
      'assistant',
    ],
    [
      '/v1/messages',
      'tool call key',
      { messages: [{ role: 'assistant', content: [{ type: 'tool_use', name: 'n', input: { [CANARY]: 1 } }] }] },
      'untrusted',
      'assistant',
    ],
    [
      '/v1/messages',
      'tool result string',
      { messages: [{ role: 'user', content: [{ type: 'tool_result', content: CANARY }] }] },
      'untrusted',
      'tool_result',
    ],
    [
      '/v1/messages',
      'tool result block',
      { messages: [{ role: 'user', content: [{ type: 'tool_result', content: [{ type: 'text', text: CANARY }] }] }] },
      'untrusted',
      'tool_result',
    ],
    [
      '/v1/messages',
      'server tool result',
      { messages: [{ role: 'user', content: [{ type: 'web_search_tool_result', content: { deep: CANARY } }] }] },
      'untrusted',
      'tool_result',
    ],
    [
      '/v1/messages',
      'document text',
      { messages: [{ role: 'user', content: [{ type: 'document', source: { type: 'text', data: CANARY } }] }] },
      'untrusted',
      'document',
    ],
    [
      '/v1/messages',
      'document title',
      { messages: [{ role: 'user', content: [{ type: 'document', title: CANARY, source: { type: 'url' } }] }] },
      'untrusted',
      'document',
    ],
    [
      '/v1/messages',
      'document context',
      { messages: [{ role: 'user', content: [{ type: 'document', context: CANARY, source: { type: 'base64' } }] }] },
      'untrusted',
      'document',
    ],
    [
      '/v1/messages',
      'search result',
      {
        messages: [
          {
            role: 'user',
            content: [{ type: 'search_result', title: 't', source: 's', content: [{ type: 'text', text: CANARY }] }],
          },
        ],
      },
      'untrusted',
      'document',
    ],
    [
      '/v1/messages',
      'cited text',
      {
        messages: [{ role: 'assistant', content: [{ type: 'text', text: 'x', citations: [{ cited_text: CANARY }] }] }],
      },
      'untrusted',
      'document',
    ],
    [
      '/v1/messages',
      'tool definition',
      { messages: [], tools: [{ name: 'n', description: CANARY }] },
      'untrusted',
      'tool_definition',
    ],
    [
      '/v1/messages',
      'tool schema',
      { messages: [], tools: [{ name: 'n', input_schema: { properties: { a: { description: CANARY } } } }] },
      'untrusted',
      'tool_definition',
    ],
    [
      '/v1/messages',
      'unknown block',
      { messages: [{ role: 'user', content: [{ type: 'hologram', words: { w: CANARY } }] }] },
      'user',
      'user',
    ],
    ['/v1/chat/completions', 'developer', { messages: [{ role: 'developer', content: CANARY }] }, 'system', 'system'],
    [
      '/v1/chat/completions',
      'user part',
      { messages: [{ role: 'user', content: [{ type: 'text', text: CANARY }] }] },
      'user',
      'user',
    ],
    ['/v1/chat/completions', 'name', { messages: [{ role: 'user', name: CANARY, content: 'x' }] }, 'user', 'user'],
    [
      '/v1/chat/completions',
      'assistant refusal',
      { messages: [{ role: 'assistant', content: null, refusal: CANARY }] },
      'untrusted',
      'assistant',
    ],
    [
      '/v1/chat/completions',
      'tool call arguments, escaped',
      {
        messages: [
          { role: 'assistant', tool_calls: [{ function: { name: 'n', arguments: '{"a":"\\u007aebra-4471"}' } }] },
        ],
      },
      'untrusted',
      'assistant',
    ],
    [
      '/v1/chat/completions',
      'tool result',
      { messages: [{ role: 'tool', content: CANARY }] },
      'untrusted',
      'tool_result',
    ],
    [
      '/v1/chat/completions',
      'function result',
      { messages: [{ role: 'function', content: CANARY }] },
      'untrusted',
      'tool_result',
    ],
    [
      '/v1/chat/completions',
      'tool definition',
      { messages: [], tools: [{ type: 'function', function: { description: CANARY } }] },
      'untrusted',
      'tool_definition',
    ],
    [
      '/v1/chat/completions',
      'old function definition',
      { messages: [], functions: [{ description: CANARY }] },
      'untrusted',
      'tool_definition',
    ],
    [
      '/v1/chat/completions',
      'answer schema',
      { messages: [], response_format: { type: 'json_schema', json_schema: { schema: { description: CANARY } } } },
      'untrusted',
      'document',
    ],
    [
      '/v1/chat/completions',
      'prediction',
      { messages: [], prediction: { type: 'content', content: CANARY } },
      'untrusted',
      'document',
    ],
    [
      '/v1/chat/completions',
      'file name',
      { messages: [{ role: 'user', content: [{ type: 'file', file: { filename: CANARY } }] }] },
      'untrusted',
      'document',
    ],
    ['/v1/responses', 'input string', { input: CANARY }, 'user', 'user'],
    [
      '/v1/responses',
      'input message',
      { input: [{ role: 'user', content: [{ type: 'input_text', text: CANARY }] }] },
      'user',
      'user',
    ],
    ['/v1/responses', 'instructions', { input: 'x', instructions: CANARY }, 'system', 'system'],
    [
      '/v1/responses',
      'function call',
      { input: [{ type: 'function_call', name: 'n', arguments: `{"a":"${CANARY}"}` }] },
      'untrusted',
      'assistant',
    ],
    [
      '/v1/responses',
      'function result',
      { input: [{ type: 'function_call_output', output: CANARY }] },
      'untrusted',
      'tool_result',
    ],
    [
      '/v1/responses',
      'reasoning',
      { input: [{ type: 'reasoning', summary: [{ type: 'summary_text', text: CANARY }] }] },
      'untrusted',
      'assistant',
    ],
    ['/v1/responses', 'prompt variable', { input: 'x', prompt: { id: 'p', variables: { v: CANARY } } }, 'user', 'user'],
    [
      '/v1/responses',
      'tool definition',
      { input: 'x', tools: [{ type: 'function', description: CANARY }] },
      'untrusted',
      'tool_definition',
    ],
    ['/v1/responses', 'unknown item', { input: [{ type: 'hologram', words: CANARY }] }, 'user', 'user'],
  ]

describe('decode', () => {
  for (const [path, slot, body, trust, place] of slots)
    test(`GW-21: ${path}: the ${slot} is read, as ${trust} ${place}`, () => {
      const found = partsOf(decode(path, { model: 'm', ...body })).filter(
        (part) => part.kind === 'text' && part.text.includes(CANARY),
      )
      expect(found.map((part) => [part.trust, part.place])).toContainEqual([trust, place])
    })

  const unread: [path: string, what: string, body: Record<string, unknown>][] = [
    ['/v1/messages', 'image', { messages: [{ role: 'user', content: [{ type: 'image', source: {} }] }] }],
    [
      '/v1/messages',
      'document',
      { messages: [{ role: 'user', content: [{ type: 'document', source: { type: 'base64' } }] }] },
    ],
    [
      '/v1/messages',
      'encrypted',
      { messages: [{ role: 'assistant', content: [{ type: 'redacted_thinking', data: 'x' }] }] },
    ],
    ['/v1/messages', 'unknown', { messages: [{ role: 'user', content: [{ type: 'hologram' }] }] }],
    [
      '/v1/chat/completions',
      'image',
      { messages: [{ role: 'user', content: [{ type: 'image_url', image_url: {} }] }] },
    ],
    ['/v1/chat/completions', 'audio', { messages: [{ role: 'user', content: [{ type: 'input_audio' }] }] }],
    ['/v1/chat/completions', 'file', { messages: [{ role: 'user', content: [{ type: 'file', file: {} }] }] }],
    ['/v1/responses', 'stored_history', { input: 'x', previous_response_id: 'resp_1' }],
    ['/v1/responses', 'stored_history', { input: [{ type: 'item_reference', id: 'x' }] }],
    ['/v1/responses', 'encrypted', { input: [{ type: 'reasoning', summary: [], encrypted_content: 'x' }] }],
    ['/v1/responses', 'image', { input: [{ role: 'user', content: [{ type: 'input_image' }] }] }],
  ]
  for (const [path, media, body] of unread)
    test(`GW-21: ${path}: ${media} is marked uninspected`, () => {
      const found = partsOf(decode(path, { model: 'm', ...body })).filter((part) => part.kind === 'uninspected')
      expect(found.map((part) => part.kind === 'uninspected' && part.media)).toContain(media)
    })

  test('newest begins after the last answer; a prefill is new; nothing answered yet means all is new', () => {
    const of = (...roles: string[]) =>
      decode('/v1/messages', { model: 'm', messages: roles.map((role) => ({ role, content: 'x' })) }).newestFrom
    expect([
      of('user'),
      of('user', 'assistant', 'user'),
      of('user', 'assistant', 'user', 'assistant'),
      of('user', 'assistant'),
    ]).toEqual([0, 2, 2, 0])
  })

  const wrong: [path: string, field: string, body: Record<string, unknown>][] = [
    ['/v1/messages', 'model', { messages: [] }],
    ['/v1/messages', 'messages', { model: 'm', messages: 'x' }],
    ['/v1/messages', 'messages[0]', { model: 'm', messages: ['x'] }],
    ['/v1/messages', 'stream', { model: 'm', messages: [], stream: 'yes' }],
    ['/v1/messages', 'max_tokens', { model: 'm', messages: [], max_tokens: -1 }],
    ['/v1/chat/completions', 'model', { model: '', messages: [] }],
    ['/v1/chat/completions', 'n', { model: 'm', messages: [], n: 0 }],
    ['/v1/responses', 'input', { model: 'm', input: 7 }],
  ]
  for (const [path, field, body] of wrong)
    test(`${path}: a wrong ${field} is named`, () => {
      expect(() => decode(path, body)).toThrow(
        expect.objectContaining({ code: 'body_invalid', message: expect.stringContaining(field) }),
      )
    })

  test('unknown members, null options and large numbers are the upstream’s to judge', () => {
    for (const { path } of ADAPTERS) {
      const input = path === '/v1/responses' ? { input: 'x' } : { messages: [] }
      expect(decode(path, { model: 'm', ...input, stream: null, x_future: { a: [1e300] } }).stream).toBe(false)
    }
  })
})
