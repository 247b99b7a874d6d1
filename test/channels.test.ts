import type { ServerResponse } from 'node:http'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Configured, RULES, startConfigured } from './parts/configured.ts'
import { type Body, CALM, type Cell, CHAT_CELLS, OUT, RESPONSES_CELLS } from './parts/openai-cells.ts'
import { type RecordingUpstream, startRecordingUpstream } from './parts/recording-upstream.ts'
import { eventually } from './parts/running.ts'

/**
 * One table: surface × streamed or not × channel. A rule of the operator's stands for every detector: a word that it
 * refuses is put into each place where text can stand, and a cell fails when the word gets through.
 */
let upstream: RecordingUpstream
let sluice: Configured
beforeAll(async () => {
  upstream = await startRecordingUpstream()
  sluice = await startConfigured(RULES, {
    env: { ANTHROPIC_UPSTREAM_URL: upstream.url, OPENAI_UPSTREAM_URL: upstream.url },
  })
})
afterAll(async () => {
  await sluice.stop()
  await upstream.close()
})

const IN = 'refuseword'
const HI = [{ role: 'user', content: 'hello' }]
type Surface = '/v1/messages' | '/v1/chat/completions' | '/v1/responses'

const messages = (...content: unknown[]): Body => ({ messages: [{ role: 'user', content }] })
const history = (...content: unknown[]): Body => ({
  messages: [
    { role: 'user', content: 'a' },
    { role: 'assistant', content },
    { role: 'user', content: 'b' },
  ],
})
const chat = (message: Body): Body => ({ messages: [...HI, message] })
const input = (item: unknown): Body => ({ input: [{ role: 'user', content: 'hello' }, item] })

/** Where text can stand in a request. */
const INPUTS: Readonly<Record<Surface, Readonly<Record<string, Body>>>> = {
  '/v1/messages': {
    system: { system: IN, messages: HI },
    'system block': { system: [{ type: 'text', text: IN }], messages: HI },
    'system turn': { messages: [...HI, { role: 'system', content: IN }] },
    user: { messages: [{ role: 'user', content: `please ${IN} now` }] },
    'user block': messages({ type: 'text', text: IN }),
    'earlier user turn': {
      messages: [
        { role: 'user', content: IN },
        { role: 'assistant', content: 'b' },
        { role: 'user', content: 'c' },
      ],
    },
    'assistant turn': history({ type: 'text', text: IN }),
    reasoning: history({ type: 'thinking', thinking: IN, signature: 's' }, { type: 'text', text: 'x' }),
    prefill: { messages: [...HI, { role: 'assistant', content: IN }] },
    'tool name': history({ type: 'tool_use', id: 't', name: IN, input: {} }),
    'tool arguments': history({ type: 'tool_use', id: 't', name: 'n', input: { deep: [{ a: IN }] } }),
    'tool result': messages({ type: 'tool_result', tool_use_id: 't', content: IN }),
    'tool result block': messages({ type: 'tool_result', tool_use_id: 't', content: [{ type: 'text', text: IN }] }),
    'tool definition': { messages: HI, tools: [{ name: 'n', description: IN, input_schema: { type: 'object' } }] },
    'tool schema': { messages: HI, tools: [{ name: 'n', input_schema: { properties: { x: { description: IN } } } }] },
    document: messages({ type: 'document', source: { type: 'text', media_type: 'text/plain', data: IN } }),
    'document title': messages({ type: 'document', title: IN, source: { type: 'text', data: 'x' } }),
    'search result': messages({
      type: 'search_result',
      title: 't',
      source: 's',
      content: [{ type: 'text', text: IN }],
    }),
    'unknown block': messages({ type: 'hologram', words: { deep: IN } }),
    'member of a block': messages({ type: 'text', text: 'x', caption: IN }),
    'member of a turn': { messages: [{ role: 'user', content: 'x', context: { deep: [IN] } }] },
    'member of the body': { messages: HI, documents: [{ text: IN }] },
    'member of an edit of the history': { messages: HI, context_management: { edits: [{ type: 'x', prompt: IN }] } },
    'member of a server of tools': { messages: HI, mcp_servers: [{ type: 'url', url: 'u', name: 's', about: IN }] },
    'name of a server of tools': history({ type: 'mcp_tool_use', id: 't', name: 'n', server_name: IN, input: {} }),
    'over two blocks': messages({ type: 'text', text: 'refuse-1' }, { type: 'text', text: IN }),
    'written otherwise': messages({ type: 'text', text: 'ｒｅｆｕｓｅ\u200bＷＯＲＤ' }),
    pattern: messages({ type: 'text', text: 'see refuse-123-x there' }),
  },
  '/v1/chat/completions': {
    system: { messages: [{ role: 'system', content: IN }, ...HI] },
    developer: { messages: [{ role: 'developer', content: IN }, ...HI] },
    user: { messages: [{ role: 'user', content: IN }] },
    'user part': { messages: [{ role: 'user', content: [{ type: 'text', text: IN }] }] },
    'user name': { messages: [{ role: 'user', name: IN, content: 'x' }] },
    assistant: { messages: [...HI, { role: 'assistant', content: IN }, ...HI] },
    'assistant refusal': { messages: [...HI, { role: 'assistant', content: null, refusal: IN }, ...HI] },
    'tool call name': chat({
      role: 'assistant',
      tool_calls: [{ id: 't', type: 'function', function: { name: IN, arguments: '{}' } }],
    }),
    'tool call arguments': chat({
      role: 'assistant',
      tool_calls: [{ id: 't', type: 'function', function: { name: 'n', arguments: `{"a":"${IN}"}` } }],
    }),
    'escaped arguments': chat({
      role: 'assistant',
      tool_calls: [{ id: 't', type: 'function', function: { name: 'n', arguments: '{"a":"\\u0072efuseword"}' } }],
    }),
    'tool result': chat({ role: 'tool', tool_call_id: 't', content: IN }),
    'tool definition': { messages: HI, tools: [{ type: 'function', function: { name: 'n', description: IN } }] },
    'schema of the answer': {
      messages: HI,
      response_format: { type: 'json_schema', json_schema: { name: 'n', description: IN } },
    },
    prediction: { messages: HI, prediction: { type: 'content', content: IN } },
    'bare prediction': { messages: HI, prediction: IN },
    'grammar of the answer': { messages: HI, response_format: { type: 'grammar', grammar: IN } },
    'schema of another host': { messages: HI, guided_json: { properties: { [IN]: { type: 'string' } } } },
    documents: { messages: HI, documents: [{ title: 't', text: IN }] },
    template: { messages: HI, chat_template: IN },
    'system member': { messages: HI, system: IN },
    'prompt member': { messages: HI, prompt: IN },
    'place of the caller': { messages: HI, web_search_options: { user_location: { approximate: { city: IN } } } },
    'reasoning, an object': chat({ role: 'assistant', content: 'x', reasoning: { text: IN } }),
    'reasoning in pieces': chat({ role: 'assistant', reasoning_details: [{ type: 'reasoning.text', text: IN }] }),
    'refusal, a list': chat({ role: 'assistant', refusal: [IN] }),
    transcript: chat({ role: 'assistant', audio: { id: 'a', transcript: IN } }),
    annotation: chat({ role: 'assistant', content: 'x', annotations: [{ url_citation: { title: IN } }] }),
    'unknown call': chat({ role: 'assistant', tool_calls: [{ id: 't', type: 'future', future: { x: IN } }] }),
    'calls, no list': chat({ role: 'assistant', tool_calls: { function: { name: 'n', arguments: IN } } }),
    'member of a call': chat({ role: 'assistant', tool_calls: [{ function: { name: 'n', description: IN } }] }),
    'member of a part': { messages: [{ role: 'user', content: [{ type: 'text', text: 'x', title: IN }] }] },
    'member of a message': { messages: [{ role: 'user', content: 'x', context: IN }] },
    'unknown role': { messages: [{ role: IN, content: 'x' }] },
    'unknown part': { messages: [{ role: 'user', content: [{ type: 'hologram', x: IN }] }] },
  },
  '/v1/responses': {
    instructions: { instructions: IN, input: 'x' },
    input: { input: IN },
    'user item': input({ role: 'user', content: [{ type: 'input_text', text: IN }] }),
    'assistant item': input({ type: 'message', role: 'assistant', content: [{ type: 'output_text', text: IN }] }),
    'call arguments': input({ type: 'function_call', call_id: 'c', name: 'n', arguments: `{"a":"${IN}"}` }),
    'call output': input({ type: 'function_call_output', call_id: 'c', output: IN }),
    'namespace of a call': input({ type: 'function_call', call_id: 'c', name: 'n', namespace: IN, arguments: '{}' }),
    'beside a call output': input({ type: 'function_call_output', call_id: 'c', output: 'x', error: IN }),
    'program output': input({ type: 'program_output', call_id: 'c', result: IN }),
    'tools that were found': input({ type: 'tool_search_output', tools: [{ type: 'function', description: IN }] }),
    annotation: input({
      type: 'message',
      role: 'assistant',
      content: [{ type: 'output_text', text: 'x', annotations: [{ type: 'url_citation', title: IN }] }],
    }),
    'prompt of an image': input({ type: 'image_generation_call', id: 'x', result: 'AA', revised_prompt: IN }),
    'member of a message': input({ role: 'user', content: 'x', context: IN }),
    'member of reasoning': input({ type: 'reasoning', id: 'r', summary: [], text: IN }),
    compaction: { input: 'x', context_management: [{ type: 'compaction', instructions: IN }] },
    'member of the body': { input: 'x', messages: [{ role: 'user', content: IN }] },
    reasoning: input({ type: 'reasoning', id: 'r', summary: [{ type: 'summary_text', text: IN }] }),
    'tool definition': { input: 'x', tools: [{ type: 'function', name: 'n', description: IN, parameters: {} }] },
    'prompt variables': { input: 'x', prompt: { id: 'p', variables: { a: IN } } },
    'schema of the answer': {
      input: 'x',
      text: { format: { type: 'json_schema', name: 'n', schema: { description: IN } } },
    },
    'file text': input({ role: 'user', content: [{ type: 'input_file', filename: IN, file_data: 'x' }] }),
    'unknown item': input({ type: 'hologram', words: [IN] }),
  },
}

async function ask(path: Surface, body: Body, stream: boolean) {
  const response = await fetch(sluice.facts.gatewayUrl + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: 'Bearer k', 'anthropic-version': '2023-06-01' },
    body: JSON.stringify({ model: 'large', max_tokens: 9, stream, ...body }),
  })
  return { response, text: await response.text(), id: response.headers.get('x-sluice-decision-id') }
}

describe.each([false, true])('GW-21: text in a request, streamed: %s', (stream) => {
  for (const [path, cells] of Object.entries(INPUTS) as [Surface, Record<string, Body>][])
    test.each(Object.entries(cells))(`GW-21: ${path}: %s`, async (_channel, body) => {
      upstream.requests.length = 0
      const { response, text } = await ask(path, body, stream)
      expect([response.status, response.headers.get('x-sluice-action'), upstream.requests.length]).toEqual([
        200,
        'refuse',
        0,
      ])
      expect(text).not.toContain(IN)
    })
})

/** Where text can stand in an answer. */
const message = (...content: unknown[]) => ({
  ...{ id: 'msg_1', type: 'message', role: 'assistant', model: 'large', content, stop_reason: 'end_turn' },
  usage: { input_tokens: 1, output_tokens: 1 },
})
function block(start: Body, ...deltas: Body[]): Cell {
  const whole: Record<string, unknown> = { ...start }
  for (const { type, ...said } of deltas)
    for (const [key, text] of Object.entries(said))
      if (type === 'input_json_delta') whole.input = JSON.parse(String(text)) as unknown
      else whole[key] = String(whole[key] ?? '') + String(text)
  return {
    whole: message(whole),
    events: [
      ['message_start', { message: { ...message(), stop_reason: null } }],
      ['content_block_start', { index: 0, content_block: start }],
      ...deltas.map((delta) => ['content_block_delta', { index: 0, delta }] as const),
      ['content_block_stop', { index: 0 }],
      ['message_delta', { delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 9 } }],
      ['message_stop', {}],
    ],
  }
}
/** An upstream that begins with its answer, and repeats nothing of it. */
function begun({ whole }: Cell): Cell {
  return {
    whole,
    events: [
      ['message_start', { message: { ...(whole as Body), stop_reason: null } }],
      ['message_delta', { delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 9 } }],
      ['message_stop', {}],
    ],
  }
}
/** One delta of a block of text, as an upstream that is not the vendor's may write it. */
function told(delta: Body, ending: Body = {}): Cell {
  const { delta: said, ...beside } = delta
  const { events } = block({ type: 'text', text: '' }, { type: 'text_delta', text: '' })
  return {
    whole: { ...message({ ...(said as Body), type: 'text' }), ...beside, ...ending },
    events: events.map(([type, body]) => {
      if (type === 'content_block_delta') return [type, { index: 0, ...delta }]
      return type === 'message_delta'
        ? [type, { ...body, delta: { stop_reason: 'end_turn', ...ending } }]
        : [type, body]
    }),
  }
}
/** One event of a block of text, written otherwise. */
function shaped(type: string, more: Body): Cell {
  const { whole, events } = told({ delta: { type: 'text_delta', text: OUT } })
  const calm = told({ delta: { type: 'text_delta', text: 'x' } }).events
  return { whole, events: events.map(([name], i) => [name, { ...calm[i]![1], ...(name === type ? more : {}) }]) }
}
const OUTPUTS: Readonly<Record<Surface, Readonly<Record<string, Cell>>>> = {
  '/v1/messages': {
    text: block(
      { type: 'text', text: '' },
      { type: 'text_delta', text: CALM },
      { type: 'text_delta', text: `${OUT} rest` },
    ),
    'over two deltas': block(
      { type: 'text', text: '' },
      { type: 'text_delta', text: `${CALM}outre` },
      { type: 'text_delta', text: 'fuse rest' },
    ),
    'text at the start of a block': block({ type: 'text', text: OUT }),
    reasoning: block({ type: 'thinking', thinking: '' }, { type: 'thinking_delta', thinking: OUT }),
    'tool name': block({ type: 'tool_use', id: 't', name: OUT, input: {} }),
    'tool arguments': block(
      { type: 'tool_use', id: 't', name: 'n', input: {} },
      { type: 'input_json_delta', partial_json: `{"a":"${OUT}"}` },
    ),
    'escaped arguments': block(
      { type: 'tool_use', id: 't', name: 'n', input: {} },
      { type: 'input_json_delta', partial_json: '{"a":"\\u006futrefuse"}' },
    ),
    'unknown block': block({ type: 'hologram', words: OUT }),
    'source of a block': block({ type: 'text', text: CALM, citations: [{ type: 'char_location', cited_text: OUT }] }),
    'start of a message': begun(block({ type: 'text', text: OUT })),
    'text as a list': block({ type: 'text', text: [OUT] }),
    'delta as a list': told({ delta: { type: 'text_delta', text: [OUT] } }),
    'second of two deltas': shaped('content_block_delta', {
      delta: [
        { type: 'text_delta', text: 'x' },
        { type: 'text_delta', text: OUT },
      ],
    }),
    'second of two blocks': shaped('content_block_start', {
      content_block: [
        { type: 'text', text: 'x' },
        { type: 'text', text: OUT },
      ],
    }),
    'messages as a list': shaped('message_start', { message: [{ ...message(OUT), stop_reason: null }] }),
    'ending as a list': shaped('message_delta', { delta: [{ stop_reason: 'end_turn', caption: OUT }] }),
    'member of a text': block({ type: 'text', text: 'x', caption: OUT }),
    'member of reasoning': block({ type: 'thinking', thinking: 'x', summary: OUT }),
    'member of hidden reasoning': block({ type: 'redacted_thinking', data: 'x', summary: OUT }),
    'member of a call': block({ type: 'tool_use', id: 't', name: 'n', input: {}, server_name: OUT }),
    'key of an argument': block({ type: 'tool_use', id: 't', name: 'n', input: { [OUT]: 1 } }),
    'member of a change of model': block({ type: 'fallback', from: { model: 'a' }, to: { model: 'b' }, note: OUT }),
    'member of a delta': told({ delta: { type: 'text_delta', text: 'x', caption: OUT } }),
    'member of an event': told({ delta: { type: 'text_delta', text: 'x' }, caption: OUT }),
    'error of an event that is none': told({ delta: { type: 'text_delta', text: 'x' }, error: { message: OUT } }),
    'member of the ending': told({ delta: { type: 'text_delta', text: 'x' } }, { caption: OUT }),
    'member of the message': begun({ whole: { ...message(), caption: OUT }, events: [] }),
    'bare string': begun({ whole: message(OUT), events: [] }),
  },
  '/v1/chat/completions': CHAT_CELLS,
  '/v1/responses': RESPONSES_CELLS,
}

function answer({ whole, events }: Cell, stream: boolean, path: Surface): (response: ServerResponse) => void {
  return (response) => {
    response.writeHead(200, { 'content-type': stream ? 'text/event-stream' : 'application/json' })
    if (!stream) return void response.end(JSON.stringify(whole))
    for (const [i, [type, body]] of events.entries()) {
      const numbered = path === '/v1/responses' ? { sequence_number: i } : {}
      const name = type === '' ? '' : `event: ${type}\n`
      response.write(`${name}data: ${JSON.stringify({ ...(type === '' ? {} : { type }), ...numbered, ...body })}\n\n`)
    }
    response.end(path === '/v1/chat/completions' ? 'data: [DONE]\n\n' : undefined)
  }
}

describe.each([false, true])('GW-21: text in an answer, streamed: %s', (stream) => {
  for (const [path, cells] of Object.entries(OUTPUTS) as [Surface, Record<string, Cell>][])
    test.each(Object.entries(cells))(`GW-21: ${path}: %s`, async (_channel, cell) => {
      upstream.answer = (_request, response) => answer(cell, stream, path)(response)
      const { text, id } = await ask(path, path === '/v1/responses' ? { input: 'x' } : { messages: HI, n: 2 }, stream)
      expect(text).not.toContain(OUT)
      expect(text).toContain('"action":"refuse"')
      const receipt = await receiptOf(id!)
      expect(receipt.decision).toMatchObject({ action: 'refuse', rule: 'rule:t.out-refuse', stage: 'output' })
    })
})

interface Stored {
  readonly decision: Body
  readonly steps: readonly { readonly input: { readonly findings: readonly Body[] } }[]
}
function receiptOf(id: string): Promise<Stored> {
  return eventually(async () => {
    const found = await fetch(`${sluice.facts.consoleUrl}/api/decisions/${id}`)
    return found.ok && ((await found.json()) as { receipt: Stored }).receipt
  })
}

const UNREAD: Readonly<Record<Surface, Readonly<Record<string, Body>>>> = {
  '/v1/messages': {
    image: messages({ type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'eA==' } }),
    PDF: messages({ type: 'document', source: { type: 'base64', media_type: 'application/pdf', data: 'eA==' } }),
    file: messages({ type: 'document', source: { type: 'file', file_id: 'f' } }),
    'earlier message': { messages: HI, thread: { type: 'continue', previous_message_id: 'msg_1' } },
    'image in a tool result': messages({
      type: 'tool_result',
      tool_use_id: 't',
      content: [{ type: 'image', source: { type: 'url', url: 'u' } }],
    }),
  },
  '/v1/chat/completions': {
    image: { messages: [{ role: 'user', content: [{ type: 'image_url', image_url: { url: 'data:x' } }] }] },
    audio: {
      messages: [{ role: 'user', content: [{ type: 'input_audio', input_audio: { data: 'x', format: 'wav' } }] }],
    },
    file: { messages: [{ role: 'user', content: [{ type: 'file', file: { file_id: 'f' } }] }] },
  },
  '/v1/responses': {
    image: input({ role: 'user', content: [{ type: 'input_image', image_url: 'data:x' }] }),
    file: input({ role: 'user', content: [{ type: 'input_file', file_id: 'f' }] }),
    'stored prompt': { input: 'x', prompt: { id: 'pmpt_1' } },
    'earlier response': { input: 'x', previous_response_id: 'resp_1' },
  },
}

describe('GW-21: what no detector reads is recorded as such, and never as clean', () => {
  for (const [path, cells] of Object.entries(UNREAD) as [Surface, Record<string, Body>][])
    test.each(Object.entries(cells))(`GW-21: ${path}: %s`, async (_channel, body) => {
      const cell = OUTPUTS[path].text!
      const calm = JSON.parse(JSON.stringify(cell).replaceAll(OUT, 'fine')) as Cell
      upstream.answer = (_request, response) => answer(calm, false, path)(response)
      const { id } = await ask(path, body, false)
      const { decision, steps } = await receiptOf(id!)
      expect(steps[0]!.input.findings.map(({ kind }) => kind)).toContain('uninspected')
      expect(decision).toMatchObject({ action: 'flag', reason: 'content.uninspected' })
    })
})
