import { ResponseStream } from 'openai/lib/responses/ResponseStream'
import type { Response as ModelResponse, ResponseStreamEvent } from 'openai/resources/responses/responses'
import { expect, test } from 'vitest'
import { type AppealId, decisionIds } from '../base/ids.ts'
import type { Exchange } from '../conversation/exchange.ts'
import type { ComposeContext, Notice, SluiceMember, SseEvent } from './adapter.ts'
import { readJson } from './json.ts'
import { openaiResponses } from './openai-responses.ts'
import { sseEvent } from './sse.ts'

const ULID = '01M86NMK4JQECWWJJSPSMBYKZF'
const member: SluiceMember = {
  v: 1,
  decision_id: decisionIds(ULID).decision,
  action: 'refuse',
  reason: 'harm.bio',
  category: 'bio',
  mode: 'enforcing',
  safeguard: 'bio-2026.08.07',
  requested_model: 'gpt-5.5',
  served_model: null,
  stage: 'input',
  appeal: { id: 'apl_1' as AppealId, url: 'https://sluice.example/d/1', respond_by: '2026-08-09T09:00:00Z' },
  record: { receipt: 'sha256:91d0', index: null },
}
const notice: Notice = {
  explanation: 'declined (bio)',
  category: 'bio',
  reason: 'harm.bio',
  member,
  disclosure: { block: false, sentence: false },
  mirror: false,
  credit: null,
  recommendedModel: null,
}
const context: ComposeContext = {
  ulid: ULID,
  createdAtSeconds: 1_782_896_400,
  servedModel: null,
  declined: [],
  credit: null,
}

const asked = (): Exchange => openaiResponses.decode(readJson('{"model":"gpt-5.5","input":"x"}'), () => undefined)

interface Body {
  readonly type: string
  readonly sequence_number: number
  readonly [member: string]: unknown
}

function events(stream: string): Body[] {
  expect(stream.endsWith('\n\n')).toBe(true)
  return stream
    .slice(0, -2)
    .split('\n\n')
    .map((frame) => {
      const [event, data, ...rest] = frame.split('\n')
      const body = JSON.parse(data!.replace(/^data: /, '')) as Body
      expect([event, rest]).toEqual([`event: ${body.type}`, []])
      return body
    })
}

const framed = (event: { readonly type: string }): SseEvent => ({ event: event.type, data: JSON.stringify(event) })
const raw = ({ type, ...body }: { readonly type: string }) => sseEvent(type, body)

const settings = {
  ...{ error: null, incomplete_details: null, instructions: null, metadata: {}, access_programs: null },
  ...{ parallel_tool_calls: true, temperature: 1, top_p: 1, tool_choice: 'auto' as const, tools: [] },
}
const start = {
  id: 'resp_1',
  object: 'response' as const,
  created_at: 7,
  model: 'gpt-5.5',
  ...settings,
  output_text: '',
}
const usage = {
  ...{ input_tokens: 120, input_tokens_details: { cached_tokens: 4, cache_write_tokens: 0 } },
  ...{ output_tokens: 61, output_tokens_details: { reasoning_tokens: 9 }, total_tokens: 181 },
}
const thought = { id: 'rs_1', type: 'reasoning' as const, summary: [] }
const said = { id: 'msg_1', type: 'message' as const, role: 'assistant' as const }
const called = { id: 'fc_1', type: 'function_call' as const, call_id: 'call_1', name: 'read' }
const citation = {
  type: 'url_citation' as const,
  url: 'https://canary.example',
  title: 'canary',
  start_index: 0,
  end_index: 5,
}
const first = { type: 'output_text' as const, text: 'First, look.', annotations: [citation] }
const second = { type: 'output_text' as const, text: 'Then.', annotations: [] }
const summary = { type: 'summary_text' as const, text: 'hm, yes' }
const on = (output_index: number, item_id: string) => ({ output_index, item_id })
const inThought = { ...on(0, 'rs_1'), summary_index: 0 }
const inFirst = { ...on(1, 'msg_1'), content_index: 0 }
const inSecond = { ...on(1, 'msg_1'), content_index: 1 }
const done = [
  { ...thought, summary: [summary] },
  { ...said, status: 'completed' as const, content: [first, second] },
  { ...called, arguments: '{"p":"h\\u0061rm"}', status: 'completed' as const },
]

type Unnumbered = ResponseStreamEvent extends infer E
  ? E extends ResponseStreamEvent
    ? Omit<E, 'sequence_number'>
    : never
  : never
const unnumbered: readonly Unnumbered[] = [
  { type: 'response.created', response: { ...start, status: 'in_progress', output: [] } },
  { type: 'response.in_progress', response: { ...start, status: 'in_progress', output: [] } },
  { type: 'response.output_item.added', output_index: 0, item: thought },
  { type: 'response.reasoning_summary_part.added', ...inThought, part: { type: 'summary_text', text: '' } },
  { type: 'response.reasoning_summary_text.delta', ...inThought, delta: 'hm, ' },
  { type: 'response.reasoning_summary_text.delta', ...inThought, delta: 'yes' },
  { type: 'response.reasoning_summary_text.done', ...inThought, text: 'hm, yes' },
  { type: 'response.reasoning_summary_part.done', ...inThought, part: summary },
  { type: 'response.output_item.done', output_index: 0, item: done[0]! },
  { type: 'response.output_item.added', output_index: 1, item: { ...said, status: 'in_progress', content: [] } },
  { type: 'response.content_part.added', ...inFirst, part: { ...first, text: '', annotations: [] } },
  { type: 'response.output_text.delta', ...inFirst, delta: 'First, ', logprobs: [] },
  { type: 'response.output_text.annotation.added', ...inFirst, annotation_index: 0, annotation: citation },
  { type: 'response.output_text.delta', ...inFirst, delta: 'look.', logprobs: [] },
  { type: 'response.output_text.done', ...inFirst, text: first.text, logprobs: [] },
  { type: 'response.content_part.done', ...inFirst, part: first },
  { type: 'response.content_part.added', ...inSecond, part: { ...second, text: '' } },
  { type: 'response.output_text.delta', ...inSecond, delta: 'Then.', logprobs: [] },
  { type: 'response.output_text.done', ...inSecond, text: second.text, logprobs: [] },
  { type: 'response.content_part.done', ...inSecond, part: second },
  { type: 'response.output_item.done', output_index: 1, item: done[1]! },
  { type: 'response.output_item.added', output_index: 2, item: { ...called, arguments: '', status: 'in_progress' } },
  { type: 'response.function_call_arguments.delta', ...on(2, 'fc_1'), delta: '{"p":"h\\u00' },
  { type: 'response.function_call_arguments.delta', ...on(2, 'fc_1'), delta: '61rm"}' },
  { type: 'response.function_call_arguments.done', ...on(2, 'fc_1'), arguments: '{"p":"h\\u0061rm"}' },
  { type: 'response.output_item.done', output_index: 2, item: done[2]! },
  { type: 'response.completed', response: { ...start, status: 'completed', output: done, usage } },
]
const golden = unnumbered.map((event, sequence_number) => ({ ...event, sequence_number })) as unknown as Body[]
const at = (type: string) => golden.findIndex((event) => event.type === type)

/** Added, deltas and done of each kind of part, by what closes its text. */
const TEXTS = ['output_text', 'refusal', 'reasoning_text', 'reasoning_summary_text']

/**
 * What every client relies on: numbers without a gap, parts and items opened and closed once and in order, one ending
 * that repeats the items that were closed.
 */
function assertValid(stream: readonly Body[]): void {
  expect(stream.map(({ sequence_number: number }) => number)).toEqual([...stream.keys()])
  const items = new Map<unknown, { id: unknown; type: unknown; done: boolean }>()
  const finished: unknown[] = []
  let part: { at: string; text: string | null; length: number } | null = null
  for (const [i, event] of stream.entries()) {
    const { type, output_index: index, item_id: id, content_index, summary_index } = event
    const place = `${String(index)} ${String(content_index ?? summary_index)}`
    expect(type === 'response.created').toBe(i === 0)
    expect(/^response\.(completed|incomplete)$/.test(type)).toBe(i === stream.length - 1)
    if (index !== undefined && type !== 'response.output_item.added') expect(items.get(index)?.done).toBe(false)
    if (id !== undefined) expect(items.get(index)?.id).toBe(id)
    if (type === 'response.output_item.added') {
      const item = event.item as { id: string; type: string }
      expect(index).toBe(items.size)
      expect([...items.values()].map((one) => one.id)).not.toContain(item.id)
      items.set(index, { id: item.id, type: item.type, done: false })
    } else if (type === 'response.output_item.done') {
      expect(part).toBeNull()
      expect((event.item as { id: string }).id).toBe(items.get(index)!.id)
      items.get(index)!.done = true
      finished.push(event.item)
    } else if (type.endsWith('_part.added')) {
      expect(part).toBeNull()
      part = { at: place, text: '', length: 0 }
    } else if (type.endsWith('_part.done')) {
      expect(part).toMatchObject({ at: place, text: null })
      const closed = event.part as { text?: string; refusal?: string }
      expect((closed.text ?? closed.refusal)!.length).toBe(part!.length)
      part = null
    } else if (TEXTS.some((kind) => type === `response.${kind}.delta`)) {
      expect(part?.at).toBe(place)
      part!.text += event.delta as string
    } else if (TEXTS.some((kind) => type === `response.${kind}.done`)) {
      expect(part).toMatchObject({ at: place, text: event.text ?? event.refusal })
      part = { at: place, text: null, length: part!.text!.length }
    }
  }
  // A call of a tool that was cut off is never closed: clients run what is closed.
  for (const item of items.values()) if (!item.done) expect(item.type).toBe('function_call')
  expect((stream.at(-1)!.response as ModelResponse).output).toEqual(finished)
}

/** What the official client makes of it. */
function received(stream: readonly object[]): Promise<ModelResponse> {
  const lines = stream.map((event) => `${JSON.stringify(event)}\n`).join('')
  return ResponseStream.fromReadableStream(new Response(lines).body!).finalResponse()
}

const nothing = {
  ...{ input_tokens: 0, input_tokens_details: { cached_tokens: 0, cache_write_tokens: 0 } },
  ...{ output_tokens: 0, output_tokens_details: { reasoning_tokens: 0 }, total_tokens: 0 },
}

test('responses: a refusal has the members of the vendor’s type', () => {
  const expected = {
    ...{ id: `resp_${ULID}`, object: 'response', created_at: 1_782_896_400, model: 'gpt-5.5', ...settings },
    ...{ status: 'incomplete', incomplete_details: { reason: 'content_filter' }, usage: nothing },
    output: [
      {
        ...{ id: `msg_${ULID}`, type: 'message', role: 'assistant', status: 'incomplete' },
        content: [{ type: 'refusal', refusal: 'declined (bio)' }],
      },
    ],
  } satisfies Omit<ModelResponse, 'output_text'>
  expect(JSON.parse(openaiResponses.refusal(notice, asked(), context))).toEqual({ ...expected, sluice: member })
})

test('responses: a streamed refusal before output is one message with one refusal', async () => {
  const stream = events(openaiResponses.refusalStream(notice, asked(), context))
  assertValid(stream)
  expect(stream.map(({ type }) => type)).toEqual([
    'response.created',
    'response.output_item.added',
    'response.content_part.added',
    'response.refusal.delta',
    'response.refusal.done',
    'response.content_part.done',
    'response.output_item.done',
    'response.incomplete',
  ])
  const whole = JSON.parse(openaiResponses.refusal(notice, asked(), context)) as ModelResponse
  expect(stream.at(-1)?.response).toEqual(whole)
  expect((await received(stream)).output).toMatchObject(whole.output)
})

test('responses: a refused answer that a model did write is metered', () => {
  const declined = [{ model: 'm', usage: { inputTokens: 5, outputTokens: 2, cacheReadTokens: 1, cacheWriteTokens: 3 } }]
  const body = JSON.parse(openaiResponses.refusal(notice, asked(), { ...context, declined })) as ModelResponse
  expect(body.usage).toMatchObject({
    ...{ input_tokens: 5, output_tokens: 2, total_tokens: 7 },
    input_tokens_details: { cached_tokens: 1, cache_write_tokens: 3 },
  })
})

test('GW-9: responses: a refusal after every number of released events ends a stream that clients accept', async () => {
  assertValid(golden)
  for (let released = 0; released < golden.length; released++) {
    const reader = openaiResponses.openStream()
    for (const event of golden.slice(0, -1)) reader.read(framed(event))
    for (const event of golden.slice(0, released)) reader.released(framed(event))
    const tail = events(reader.refuse(notice, asked(), context))
    const whole = [...golden.slice(0, released), ...tail]
    assertValid(whole)
    expect(whole.filter((event) => 'sluice' in ((event.response ?? {}) as object))).toEqual([whole.at(-1)])
    expect(tail.at(-1)).toMatchObject({
      type: 'response.incomplete',
      response: { status: 'incomplete', incomplete_details: { reason: 'content_filter' }, sluice: member },
    })
    const response = await received(whole)
    expect(response.id).toBe(released === 0 ? `resp_${ULID}` : 'resp_1')
    expect(response.output.at(-1)).toMatchObject({ type: 'message', status: 'incomplete' })
    const message = response.output.at(-1) as { content: object[] }
    expect(message.content.at(-1)).toMatchObject({
      type: 'refusal',
      refusal: released === 0 ? 'declined (bio)' : '\n\ndeclined (bio)',
    })
  }
})

test('GW-9: responses: what was released of a part, its sources included, is what the closed part says', () => {
  const reader = openaiResponses.openStream()
  for (const event of golden.slice(0, at('response.output_text.annotation.added') + 1)) reader.released(framed(event))
  const [text, part] = events(reader.refuse(notice, asked(), context))
  expect(text).toMatchObject({ type: 'response.output_text.done', text: 'First, ' })
  expect(part).toMatchObject({ part: { type: 'output_text', text: 'First, ', annotations: [citation] } })
})

test('GW-9: responses: a refusal of the upstream, cut off by ours, is closed as the refusal it is', async () => {
  const opened: Body[] = [
    golden[0]!,
    {
      type: 'response.output_item.added',
      sequence_number: 1,
      output_index: 0,
      item: { ...said, status: 'in_progress', content: [] },
    },
    {
      type: 'response.content_part.added',
      sequence_number: 2,
      ...on(0, 'msg_1'),
      content_index: 0,
      part: { type: 'refusal', refusal: '' },
    },
    { type: 'response.refusal.delta', sequence_number: 3, ...on(0, 'msg_1'), content_index: 0, delta: 'I would' },
  ]
  const reader = openaiResponses.openStream()
  for (const event of opened) {
    reader.read(framed(event))
    reader.released(framed(event))
  }
  expect(reader.upstreamRefusal).toBe(true)
  const whole = [...opened, ...events(reader.refuse(notice, asked(), context))]
  assertValid(whole)
  expect((await received(whole)).output).toMatchObject([
    {
      content: [
        { type: 'refusal', refusal: 'I would' },
        { type: 'refusal', refusal: '\n\ndeclined (bio)' },
      ],
    },
  ])
})

test('responses: a stream is read item by item; an item closes when it is done, not with its first part', () => {
  const reader = openaiResponses.openStream()
  const facts = golden.map((event) => reader.read(framed(event)))
  const read = new Map<string, string>()
  for (const { channel, place, text } of facts.flatMap(({ texts }) => texts))
    read.set(`${channel} ${place}`, (read.get(`${channel} ${place}`) ?? '') + text)
  expect(Object.fromEntries(read)).toEqual({
    'item 0 reasoning': 'hm, yes',
    'item 1 text': 'First, look.Then.',
    'item 1 annotations text': 'url_citation\nhttps://canary.example\ncanary',
    'item 2 tool_name': 'read\n',
    'item 2 tool_input': '{"p":"harm"}',
  })
  expect(facts.flatMap(({ closes }) => closes)).toEqual(['item 0', 'item 1', 'item 2'])
  expect(facts.flatMap(({ uninspected }) => uninspected)).toEqual([])
  expect(facts.findIndex(({ terminal }) => terminal)).toBe(golden.length - 1)
  expect(reader).toMatchObject({ complete: true, failed: false, upstreamRefusal: false, model: 'gpt-5.5' })
  expect(reader.usage).toEqual({ inputTokens: 120, outputTokens: 61, cacheReadTokens: 4, cacheWriteTokens: 0 })
})

const itemDone = (item: object) => ({ type: 'response.output_item.done', output_index: 0, item })
test('CL-10: responses: deltas of a kind that nobody knows are one running text, apart from every other', () => {
  const reader = openaiResponses.openStream()
  const said = new Map<string, string>()
  const events = [
    { type: 'response.audio.transcript.delta', delta: 'can' },
    { type: 'response.hologram.delta', delta: 'x', note: 'beside' },
    { type: 'response.audio.transcript.delta', delta: 'ary' },
  ]
  for (const event of events)
    for (const { channel, text } of reader.read({ event: '', data: JSON.stringify(event) }).texts)
      said.set(channel, (said.get(channel) ?? '') + text)
  expect([...said.values()]).toEqual(['canary', 'x', 'beside\n'])
})

test.each<[string, { type: string; [member: string]: unknown }, string, string[]]>([
  ['shell call', itemDone({ type: 'local_shell_call', action: { command: ['sh', 'canary'] } }), 'canary', []],
  ['result of a server tool', itemDone({ type: 'mcp_call', name: 'n', output: 'canary' }), 'canary', []],
  ['screen action', itemDone({ type: 'computer_call', action: { type: 'type', text: 'canary' } }), 'canary', []],
  ['unknown item', itemDone({ type: 'hologram', words: 'canary' }), 'canary', ['unknown']],
  ['code', { type: 'response.code_interpreter_call_code.delta', output_index: 0, delta: 'C:\\users' }, 'C:\\users', []],
  ['custom tool', { type: 'response.custom_tool_call_input.delta', output_index: 0, delta: 'canary' }, 'canary', []],
  ['reasoning', { type: 'response.reasoning_text.delta', output_index: 0, delta: 'canary' }, 'canary', []],
  ['unknown event', { type: 'response.hologram', deep: [{ words: 'canary' }] }, 'canary', ['unknown']],
  ['a name of the prototype', { type: 'constructor', words: 'canary' }, 'canary', ['unknown']],
  [
    'drawn image',
    { type: 'response.output_item.added', output_index: 0, item: { type: 'image_generation_call' } },
    '',
    ['image'],
  ],
])('responses: every text of an event is read before it may leave: %s', (_name, event, text, uninspected) => {
  const facts = openaiResponses.openStream().read(framed(event))
  expect(facts).toMatchObject({ uninspected, idle: false, terminal: false })
  expect(facts.texts.map((one) => one.text).join('\n')).toContain(text)
})

test.each([
  ['response.completed', {}, { complete: true, failed: false, upstreamRefusal: false }],
  ['response.incomplete', { reason: 'max_output_tokens' }, { complete: true, failed: false, upstreamRefusal: false }],
  ['response.incomplete', { reason: 'content_filter' }, { complete: true, failed: false, upstreamRefusal: true }],
  ['response.failed', {}, { complete: false, failed: true, upstreamRefusal: false }],
  ['error', {}, { complete: false, failed: true, upstreamRefusal: false }],
])('responses: each ending is told apart: %s %j', (type, incomplete_details, expected) => {
  const reader = openaiResponses.openStream()
  const event = { type, response: { incomplete_details } }
  // Not every upstream writes an `event:` line.
  expect(reader.read({ event: '', data: JSON.stringify(event) }).terminal).toBe(true)
  expect(reader).toMatchObject(expected)
  const garbage = () => reader.read({ event: type, data: '{' })
  expect(garbage).toThrow(expect.objectContaining({ code: 'upstream_invalid' }))
})

const answer = {
  ...{ id: 'resp_2', object: 'response', model: 'gpt-5.5-mini', status: 'completed' },
  output: [
    { type: 'reasoning', summary: [{ type: 'summary_text', text: 'canary 1' }], encrypted_content: 'x' },
    {
      type: 'message',
      content: [
        { type: 'output_text', text: 'canary 2' },
        { type: 'hologram', words: 'canary 3' },
      ],
    },
    { type: 'function_call', name: 'canary 4', arguments: '{"a":"c\\u0061nary 5","a":1}' },
    { type: 'custom_tool_call', name: 'x', input: 'canary 6' },
    { type: 'mcp_call', name: 'x', output: 'canary 7' },
    { type: 'image_generation_call', result: 'AAAA' },
    { type: 'hologram', words: 'canary 8' },
  ],
  usage,
}

test('responses: a whole answer is read with its places, usage and model', () => {
  const reply = openaiResponses.readReply(answer)
  const all = reply.texts.map(({ text }) => text).join('\n')
  for (let i = 1; i <= 8; i++) expect(all).toContain(`canary ${i}`)
  expect(all).not.toContain('AAAA')
  expect(reply.texts[0]).toEqual({ channel: 'item 0', place: 'reasoning', text: 'canary 1' })
  expect(reply.texts[1]).toEqual({ channel: 'item 1', place: 'text', text: 'canary 2' })
  expect(reply).toMatchObject({
    uninspected: ['encrypted', 'unknown', 'image', 'unknown'],
    model: 'gpt-5.5-mini',
    usage: { inputTokens: 120, outputTokens: 61, cacheReadTokens: 4, cacheWriteTokens: 0 },
    upstreamRefusal: false,
  })
  const refusal = { output: [{ type: 'message', content: [{ type: 'refusal', refusal: 'canary' }] }] }
  expect(openaiResponses.readReply(refusal)).toMatchObject({
    texts: [{ place: 'refusal', text: 'canary' }],
    upstreamRefusal: true,
    usage: null,
  })
  const filtered = { output: [], incomplete_details: { reason: 'content_filter' } }
  expect(openaiResponses.readReply(filtered).upstreamRefusal).toBe(true)
})

test.each([null, [], 'x', {}, { output: 'x' }])('responses: what is no response is not served: %j', (json) => {
  expect(() => openaiResponses.readReply(json)).toThrow(expect.objectContaining({ code: 'upstream_invalid' }))
})

test('GW-17: responses: a fallback answer is the target’s own, with the member', () => {
  expect(JSON.parse(openaiResponses.servedByFallback({ value: answer, text: JSON.stringify(answer) }, notice))).toEqual(
    { ...answer, sluice: member },
  )
})

test.each([true, false])(
  'GW-17: responses: a fallback stream changes in its ending alone; with event lines: %s',
  async (named) => {
    const rewriter = openaiResponses.openFallbackStream(notice)
    const out = golden.map((event) =>
      rewriter.rewrite(named ? framed(event) : { ...framed(event), event: '' }, raw(event)),
    )
    expect(out.slice(0, -1)).toEqual(golden.slice(0, -1).map(raw))
    const last = golden.at(-1)!
    expect(events(out.at(-1)!)).toEqual([{ ...last, response: { ...(last.response as object), sluice: member } }])
    expect((await received(events(out.join('')))).output).toHaveLength(3)
    expect(rewriter.rewrite({ event: '', data: '' }, ': alive\n\n')).toBe(': alive\n\n')
  },
)

test('responses: for another model, only the model is replaced', () => {
  const document = readJson('{"temperature":1.0e0, "model":"a","input":"x"}')
  expect(
    openaiResponses.edit(document, {
      hop: { model: 'z', overrides: {} },
      prefill: null,
      stripFallbackBlocks: false,
    }),
  ).toBe('{"temperature":1.0e0,"model":"z","input":"x"}')
})

test('GW-7: responses: a comment keeps a connection alive at any time', () => {
  expect(openaiResponses.keepAlive()).toBe(': keep-alive\n\n')
})
