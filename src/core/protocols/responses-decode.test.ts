import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Exchange, PartKind, Trust } from '../conversation/exchange.ts'
import { ProtocolError, readJson } from './json.ts'
import { decodeResponses } from './responses-decode.ts'

const CANARY = 'canary-4711'

function decode(body: Record<string, unknown>, headers: Record<string, string> = {}): Exchange {
  return decodeResponses(readJson(JSON.stringify({ model: 'gpt-5.5', ...body })), (name) => headers[name])
}

const item = (type: string, more: Record<string, unknown>) => ({ input: [{ type, ...more }] })
const message = (role: string, content: unknown) => item('message', { role, content })

/** Beside the slots that every surface has (decode.test.ts). */
const SLOTS: readonly [string, Record<string, unknown>, PartKind, Trust][] = [
  ['message without a type', { input: [{ role: 'user', content: CANARY }] }, 'user', 'user'],
  ['system message', message('system', CANARY), 'system', 'system'],
  ['developer message', message('developer', [{ type: 'input_text', text: CANARY }]), 'system', 'system'],
  ['answer of the history', message('assistant', [{ type: 'output_text', text: CANARY }]), 'assistant', 'untrusted'],
  ['refusal of the history', message('assistant', [{ type: 'refusal', refusal: CANARY }]), 'assistant', 'untrusted'],
  ['unknown role', message('critic', CANARY), 'user', 'user'],
  ['unknown part', message('user', [{ type: 'hologram', deep: [CANARY] }]), 'user', 'user'],
  ['bare strings', message('user', ['a', CANARY]), 'user', 'user'],
  ['a lone part', message('user', { type: 'input_text', text: CANARY }), 'user', 'user'],
  ['file name', message('user', [{ type: 'input_file', filename: CANARY }]), 'document', 'untrusted'],
  ['instructions, items', { instructions: [{ role: 'developer', content: CANARY }] }, 'system', 'system'],
  ['instructions, strings', { instructions: [CANARY] }, 'system', 'system'],
  ['variable, text part', { prompt: { variables: { v: { type: 'input_text', text: CANARY } } } }, 'user', 'user'],
  ['variable, name', { prompt: { variables: { [CANARY]: 'x' } } }, 'user', 'user'],
  ['schema of the answer', { text: { format: { schema: { description: CANARY } } } }, 'document', 'untrusted'],
  [
    'reasoning text',
    item('reasoning', { content: [{ type: 'reasoning_text', text: CANARY }] }),
    'assistant',
    'untrusted',
  ],
  ['call, name', item('function_call', { name: CANARY, arguments: '{}' }), 'assistant', 'untrusted'],
  [
    'call, escaped',
    item('function_call', { name: 'x', arguments: '{"a":"c\\u0061nary-4711"}' }),
    'assistant',
    'untrusted',
  ],
  [
    'call, equal keys',
    item('function_call', { name: 'x', arguments: `{"a":"${CANARY}","a":1}` }),
    'assistant',
    'untrusted',
  ],
  ['custom call', item('custom_tool_call', { name: 'x', input: CANARY }), 'assistant', 'untrusted'],
  ['shell call', item('local_shell_call', { action: { command: ['sh', CANARY] } }), 'assistant', 'untrusted'],
  ['search call', item('web_search_call', { action: { query: CANARY } }), 'assistant', 'untrusted'],
  [
    'call result, parts',
    item('function_call_output', { output: [{ type: 'input_text', text: CANARY }] }),
    'tool_result',
    'untrusted',
  ],
  [
    'call result, JSON',
    item('function_call_output', { output: '{"a":"c\\u0061nary-4711"}' }),
    'tool_result',
    'untrusted',
  ],
  ['custom call result', item('custom_tool_call_output', { output: CANARY }), 'tool_result', 'untrusted'],
  ['shell result', item('shell_call_output', { output: [{ stdout: CANARY, stderr: '' }] }), 'tool_result', 'untrusted'],
  ['result of an unknown shape', item('program_output', { output: { deep: CANARY } }), 'tool_result', 'untrusted'],
  ['tools of a server', item('mcp_list_tools', { tools: [{ description: CANARY }] }), 'user', 'user'],
  ['call, namespace', item('function_call', { name: 'x', namespace: CANARY }), 'assistant', 'untrusted'],
  ['call result, name', item('function_call_output', { output: 'x', name: CANARY }), 'tool_result', 'untrusted'],
  ['program result', item('program_output', { result: CANARY }), 'tool_result', 'untrusted'],
  ['tools found', item('tool_search_output', { tools: [{ description: CANARY }] }), 'tool_definition', 'untrusted'],
  ['beside a call result', item('function_call_output', { output: 'x', error: CANARY }), 'document', 'untrusted'],
  ['annotation', message('assistant', [{ type: 'output_text', annotations: [CANARY] }]), 'document', 'untrusted'],
  ['member of a message', item('message', { role: 'system', more: CANARY }), 'document', 'untrusted'],
  ['member of the body', { context_management: [{ instructions: CANARY }] }, 'document', 'untrusted'],
  ['tools as an object', { tools: { description: CANARY } }, 'tool_definition', 'untrusted'],
]

test.each(SLOTS)('GW-21: responses: a string is read with its place and trust: %s', (_slot, body, place, trust) => {
  const parts = decode(body).turns.flatMap((turn) => turn.parts)
  const holding = parts.filter((part) => part.kind === 'text' && part.text.includes(CANARY))
  expect(holding).toMatchObject([{ place, trust }])
})

test.each<[string, Record<string, unknown>, string]>([
  ['image', message('user', [{ type: 'input_image', image_url: CANARY }]), 'image'],
  ['image as a variable', { prompt: { variables: { v: { type: 'input_image', image_url: CANARY } } } }, 'image'],
  ['screenshot', item('computer_call_output', { output: { type: 'computer_screenshot', image_url: CANARY } }), 'image'],
  ['drawn image', item('image_generation_call', { result: CANARY }), 'image'],
  [
    'image as a result',
    item('function_call_output', { output: [{ type: 'input_image', image_url: CANARY }] }),
    'image',
  ],
  ['file', message('user', [{ type: 'input_file', file_data: CANARY }]), 'file'],
  ['audio', message('user', [{ type: 'input_audio', input_audio: { data: CANARY } }]), 'audio'],
  ['hidden reasoning', item('reasoning', { summary: [], encrypted_content: CANARY }), 'encrypted'],
  ['an item by reference', item('item_reference', { id: CANARY }), 'stored_history'],
  ['an earlier response', { previous_response_id: CANARY }, 'stored_history'],
  ['a conversation', { conversation: CANARY }, 'stored_history'],
  ['a conversation by object', { conversation: { id: CANARY } }, 'stored_history'],
  ['a stored prompt', { prompt: { id: CANARY } }, 'stored_prompt'],
])('GW-21: responses: what no detector reads is an uninspected part: %s', (_name, body, media) => {
  const parts = decode(body).turns.flatMap((turn) => turn.parts)
  expect(parts.filter((part) => part.kind === 'uninspected').map((part) => part.media)).toContain(media)
  expect(JSON.stringify(parts)).not.toContain(CANARY)
})

test('responses: turn i is item i; what is new begins after the last item of the model', () => {
  const input = [
    { role: 'user', content: 'a' },
    { type: 'reasoning', summary: [] },
    { type: 'function_call', name: 'x', arguments: '{}' },
    { type: 'function_call_output', output: 'b' },
    { role: 'user', content: 'c' },
  ]
  const { turns, newestFrom } = decode({ input, instructions: 'i', tools: [{ name: 't' }] })
  expect(turns.map(({ role }) => role)).toEqual(['user', 'assistant', 'assistant', 'tool', 'user', 'system', 'system'])
  expect(newestFrom).toBe(3)
  expect(decode({}).turns).toEqual([])
  expect(decode({ input: 'a' })).toMatchObject({ newestFrom: 0, turns: [{ role: 'user' }] })
})

test.each<[string, Record<string, unknown>]>([
  ['model', { model: [] }],
  ['input', { input: { role: 'user' } }],
  ['input[1]', { input: [{ role: 'user' }, CANARY] }],
  ['stream', { stream: 'true' }],
  ['max_output_tokens', { max_output_tokens: 0.5 }],
])('responses: a member of the wrong type is refused by name: %s', (field, body) => {
  const message = expect.stringMatching(new RegExp(`^body cannot be read: ${field.replace(/[[\]]/g, '\\$&')} wanted`))
  expect(() => decode(body)).toThrow(expect.objectContaining({ code: 'body_invalid', message }))
})

test('responses: session and customer come from where their names stand', () => {
  expect(decode({ conversation: 'c', prompt_cache_key: 'k', user: 'u' })).toMatchObject({ session: 'c', customer: 'u' })
  expect(decode({ conversation: { id: 'c' } }).session).toBe('c')
  expect(decode({ prompt_cache_key: 'k', safety_identifier: 's' })).toMatchObject({ session: 'k', customer: 's' })
  expect(decode({ safety_identifier: 's' }, { 'openai-safety-identifier': 'h' }).customer).toBe('h')
})

test('responses: whatever the members are, a body is decoded or refused as a body', () => {
  const any = fc.jsonValue()
  const names = ['model', 'input', 'instructions', 'tools', 'stream', 'prompt', 'text', 'conversation']
  const types = ['message', 'reasoning', 'function_call', 'x_call', 'x_output', 'image_generation_call', 'hologram']
  const any_item = fc.record(
    {
      type: fc.oneof(fc.constantFrom(...types), any),
      role: any,
      content: any,
      output: any,
      arguments: any,
      summary: any,
    },
    { requiredKeys: [] },
  )
  const members = fc.record(Object.fromEntries(names.map((name) => [name, any])), { requiredKeys: [] })
  fc.assert(
    fc.property(members, fc.array(any_item), fc.boolean(), (some, input, real) => {
      try {
        decode(real ? { ...some, model: 'm', input, stream: true } : some)
      } catch (error) {
        expect(error).toBeInstanceOf(ProtocolError)
        expect(real).toBe(false)
      }
    }),
  )
})
