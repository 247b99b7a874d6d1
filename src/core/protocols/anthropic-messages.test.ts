import { BetaMessageStream } from '@anthropic-ai/sdk/lib/BetaMessageStream'
import type { BetaMessage, BetaRawMessageStreamEvent } from '@anthropic-ai/sdk/resources/beta/messages/messages'
import type { Message } from '@anthropic-ai/sdk/resources/messages'
import { expect, test } from 'vitest'
import { type AppealId, decisionIds } from '../base/ids.ts'
import type { Exchange, Usage } from '../conversation/exchange.ts'
import type { ComposeContext, Notice, SluiceMember, SseEvent } from './adapter.ts'
import { anthropicMessages } from './anthropic-messages.ts'
import { readJson } from './json.ts'
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
  requested_model: 'claude-fable-5',
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
  createdAtSeconds: 1,
  servedModel: 'claude-opus-4-8',
  declined: [
    { model: 'claude-fable-5', usage: { inputTokens: 5, outputTokens: 2, cacheReadTokens: 1, cacheWriteTokens: 3 } },
  ],
  credit: null,
}
const FALLBACK = 'server-side-fallback-2026-07-01'
const CREDIT = 'fallback-credit-2026-07-01'

function asked(beta = ''): Exchange {
  const document = readJson('{"model":"claude-fable-5","max_tokens":9,"messages":[]}')
  return anthropicMessages.decode(document, (name) => (name === 'anthropic-beta' ? beta : undefined))
}

type Event = BetaRawMessageStreamEvent & { sluice?: unknown }

function events(stream: string): Event[] {
  expect(stream.endsWith('\n\n')).toBe(true)
  return stream
    .slice(0, -2)
    .split('\n\n')
    .map((frame) => {
      const [event, data, ...rest] = frame.split('\n')
      const body = JSON.parse(data!.replace(/^data: /, '')) as Event
      expect([event, rest]).toEqual([`event: ${body.type}`, []])
      return body
    })
}

const documentOf = (value: object) => readJson(JSON.stringify(value))
const framed = (event: { readonly type: string }): SseEvent => ({ event: event.type, data: JSON.stringify(event) })
const raw = ({ type, ...body }: { readonly type: string }) => sseEvent(type, body)

const zero = { input_tokens: 0, output_tokens: 0, cache_creation_input_tokens: 0, cache_read_input_tokens: 0 }
const none = { output_tokens_details: null, server_tool_use: null, iterations: null, fallback_credit: null }
const ended = { container: null, context_management: null, diagnostics: null, stop_sequence: null }
const usage = { ...zero, ...none, cache_creation: null, service_tier: null, speed: null, inference_geo: null }
const plain = { type: 'refusal', category: 'bio', explanation: 'declined (bio)' } as const
const members = { fallback_credit_token: null, fallback_has_prefill_claim: null, recommended_model: null }
const block = <T extends object>(index: number, content_block: T) => ({
  type: 'content_block_start' as const,
  index,
  content_block,
})
const delta = <T extends object>(index: number, one: T) => ({ type: 'content_block_delta' as const, index, delta: one })
const stop = (index: number) => ({ type: 'content_block_stop' as const, index })

const golden: readonly BetaRawMessageStreamEvent[] = [
  {
    type: 'message_start',
    message: {
      ...{ id: 'msg_1', type: 'message', role: 'assistant', model: 'claude-opus-4-8', content: [], ...ended },
      ...{ stop_reason: null, stop_details: null, usage: { ...usage, input_tokens: 312, output_tokens: 1 } },
    },
  },
  block(0, { type: 'thinking' as const, thinking: '', signature: '' }),
  delta(0, { type: 'thinking_delta' as const, thinking: 'hm, ', estimated_tokens: null }),
  delta(0, { type: 'thinking_delta' as const, thinking: 'yes', estimated_tokens: null }),
  delta(0, { type: 'signature_delta' as const, signature: 'c2ln' }),
  stop(0),
  block(1, { type: 'text' as const, text: '', citations: null }),
  delta(1, { type: 'text_delta' as const, text: 'First, ' }),
  delta(1, { type: 'text_delta' as const, text: 'look.' }),
  stop(1),
  block(2, { type: 'tool_use' as const, id: 'toolu_1', name: 'read', input: {} }),
  delta(2, { type: 'input_json_delta' as const, partial_json: '{"p":"h\\u00' }),
  delta(2, { type: 'input_json_delta' as const, partial_json: '61rm"}' }),
  stop(2),
  block(3, { type: 'text' as const, text: '', citations: null }),
  delta(3, { type: 'text_delta' as const, text: 'Then.' }),
  stop(3),
  {
    type: 'message_delta',
    context_management: null,
    delta: { stop_reason: 'end_turn', stop_sequence: null, stop_details: null, container: null },
    usage: { ...zero, ...none, input_tokens: 312, output_tokens: 88 },
  },
  { type: 'message_stop' },
]

/** As the gateway says it: the tokens of the model that was stopped. */
function declinedBy({ usage }: { readonly usage: Usage | null }): ComposeContext {
  return { ...context, declined: usage === null ? [] : [{ model: 'claude-fable-5', usage }] }
}

/** What every client relies on: one start, blocks opened in order and closed once, one ending, and nothing after it. */
function assertValid(stream: readonly Event[]): void {
  const open = new Set<number>()
  let next = 0
  for (const [i, event] of stream.entries()) {
    expect(event.type === 'message_start').toBe(i === 0)
    expect(event.type === 'message_delta').toBe(i === stream.length - 2)
    expect(event.type === 'message_stop').toBe(i === stream.length - 1)
    expect('sluice' in event).toBe(event.type === 'message_delta' && 'sluice' in event)
    if (event.type === 'content_block_start') {
      expect(event.index).toBe(next++)
      open.add(event.index)
    } else if (event.type === 'content_block_delta') expect(open).toContain(event.index)
    else if (event.type === 'content_block_stop') expect(open.delete(event.index)).toBe(true)
    else if (event.type === 'message_delta') expect(open.size).toBe(0)
  }
}

/** What the official client makes of it. */
function received(stream: readonly object[]): Promise<BetaMessage> {
  const lines = stream.map((event) => `${JSON.stringify(event)}\n`).join('')
  return BetaMessageStream.fromReadableStream(new Response(lines).body!).finalMessage()
}

test('messages: a refusal has the members of the vendor’s type, those of fallback with a beta only', () => {
  const refusal = {
    ...{ id: `msg_${ULID}`, type: 'message', role: 'assistant', model: 'claude-fable-5', content: [], ...ended },
    ...{ stop_reason: 'refusal', stop_details: { ...plain, ...members }, usage },
  } satisfies BetaMessage
  const unbilled = { ...context, declined: [] }
  for (const beta of [FALLBACK, CREDIT])
    expect(JSON.parse(anthropicMessages.refusal(notice, asked(beta), unbilled))).toEqual({ ...refusal, sluice: member })
  const bare = { ...refusal, stop_details: plain }
  const typed: Message = bare
  expect(JSON.parse(anthropicMessages.refusal(notice, asked(), unbilled))).toEqual({ ...typed, sluice: member })
})

test('messages: a refused answer that a model did write is metered', () => {
  const body = JSON.parse(anthropicMessages.refusal(notice, asked(), context)) as Message
  expect(body.usage).toMatchObject({ input_tokens: 5, output_tokens: 2, cache_read_input_tokens: 1 })
  expect(body.content).toEqual([])
})

test('messages: a streamed refusal before output is start, delta, stop, with nothing billed', async () => {
  const start = {
    ...{
      id: `msg_${ULID}`,
      type: 'message' as const,
      role: 'assistant' as const,
      model: 'claude-fable-5',
      content: [],
    },
    ...{ ...ended, stop_reason: null, stop_details: null, usage },
  }
  const expected: readonly BetaRawMessageStreamEvent[] = [
    { type: 'message_start', message: start },
    {
      type: 'message_delta',
      context_management: null,
      delta: { stop_reason: 'refusal', stop_sequence: null, container: null, stop_details: { ...plain, ...members } },
      usage: { ...zero, ...none },
    },
    { type: 'message_stop' },
  ]
  const stream = events(anthropicMessages.refusalStream(notice, asked(CREDIT), declinedBy({ usage: null })))
  expect(stream).toEqual(
    expected.map((event) => (event.type === 'message_delta' ? { ...event, sluice: member } : event)),
  )
  expect(await received(stream)).toMatchObject({ stop_reason: 'refusal', stop_details: plain, content: [] })
})

test('GW-9: messages: a refusal after every number of released events ends a stream that clients accept', async () => {
  const ending = golden.findIndex(({ type }) => type === 'message_delta')
  assertValid(golden)
  for (let released = 0; released < ending; released++)
    for (const ahead of [0, 1, ending - released - 1]) {
      const reader = anthropicMessages.openStream(false)
      for (const event of golden.slice(0, released + ahead)) reader.read(framed(event))
      for (const event of golden.slice(0, released)) reader.released(framed(event))
      const tail = events(reader.refuse(notice, asked(CREDIT), declinedBy(reader)))
      const whole = [...golden.slice(0, released), ...tail]
      assertValid(whole)
      expect(tail.at(-2)).toMatchObject({
        delta: { stop_reason: 'refusal', stop_details: { ...plain, ...members } },
        usage: released + ahead === 0 ? zero : { ...zero, input_tokens: 312, output_tokens: 1 },
        sluice: member,
      })
      const message = await received(whole)
      expect(message).toMatchObject({ stop_reason: 'refusal', stop_details: plain })
      expect(message.content).toHaveLength(
        golden.slice(0, released).filter(({ type }) => type === 'content_block_start').length,
      )
    }
})

test('GW-9: messages: pings and comments that were released change nothing', () => {
  const reader = anthropicMessages.openStream(false)
  for (const event of [
    { event: 'ping', data: '{"type":"ping"}' },
    { event: '', data: '' },
  ])
    reader.released(event)
  expect(events(reader.refuse(notice, asked(), context))[0]?.type).toBe('message_start')
  expect(reader.read({ event: 'ping', data: '{"type":"ping"}' }).idle).toBe(true)
  expect(reader.read({ event: '', data: '{"type":"ping"}' }).idle).toBe(true)
})

test('messages: a ping is nothing whatever it comes with, unless it says something', () => {
  const read = (data: string) => anthropicMessages.openStream(false).read({ event: 'ping', data })
  for (const data of ['', '{}', '{ "n": 1, "x": [null] }', '{"type": "ping"}'])
    expect(read(data)).toMatchObject({ texts: [], uninspected: [], closes: [], terminal: false })
  expect(read('{"words":"canary"}')).toMatchObject({ texts: [{ text: 'canary' }], uninspected: ['unknown'] })
  expect(read('{"type":"ping","words":"canary"}').texts).toMatchObject([{ text: 'canary\n' }])
  expect(read('{"type":"error","error":{}}').terminal).toBe(true)
})

test('messages: a stream is read block by block, in channels that close once', () => {
  const reader = anthropicMessages.openStream(false)
  const facts = golden.map((event) => reader.read(framed(event)))
  const said = new Map<string, string>()
  for (const { channel, place, text } of facts.flatMap(({ texts }) => texts))
    said.set(`${channel} ${place}`, (said.get(`${channel} ${place}`) ?? '') + text)
  expect(Object.fromEntries(said)).toEqual({
    'block 0 reasoning': 'hm, yes',
    'block 1 text': 'First, look.',
    'block 2 tool_name': 'read\n',
    'block 2 tool_input': '{"p":"harm"}',
    'block 3 text': 'Then.',
  })
  expect(facts.flatMap(({ closes }) => closes)).toEqual(['block 0', 'block 1', 'block 2', 'block 3'])
  expect(facts.flatMap(({ uninspected }) => uninspected)).toEqual([])
  expect(facts.findIndex(({ terminal }) => terminal)).toBe(golden.length - 2)
  expect(reader).toMatchObject({ complete: true, failed: false, upstreamRefusal: false, model: 'claude-opus-4-8' })
  expect(reader.usage).toEqual({ inputTokens: 312, outputTokens: 88, cacheReadTokens: 0, cacheWriteTokens: 0 })
})

const text = (index: number, ...pieces: readonly string[]) => [
  { type: 'content_block_start', index, content_block: { type: 'text', text: '' } },
  ...pieces.map((one) => ({ type: 'content_block_delta', index, delta: { type: 'text_delta', text: one } })),
  { type: 'content_block_stop', index },
]

test('CL-10: blocks of text that follow each other are one running text, and their sources no words of it', () => {
  const cited = { type: 'citations_delta', citation: { cited_text: 'source' } }
  const events = [
    ...text(0, 'one '),
    { type: 'content_block_start', index: 1, content_block: { type: 'text', text: '' } },
    { type: 'content_block_delta', index: 1, delta: { type: 'text_delta', text: 'tw' } },
    { type: 'content_block_delta', index: 1, delta: cited },
    { type: 'content_block_stop', index: 1 },
    ...text(2, 'o'),
    { type: 'content_block_start', index: 3, content_block: { type: 'tool_use', id: 't', name: 'n', input: {} } },
    { type: 'content_block_stop', index: 3 },
    ...text(4, 'three'),
    { type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: {} },
  ]
  const reader = anthropicMessages.openStream(false)
  const facts = events.map((event) => reader.read(framed(event)))
  const said = new Map<string, string>()
  for (const one of facts.flatMap(({ texts }) => texts)) said.set(one.channel, (said.get(one.channel) ?? '') + one.text)
  expect(Object.fromEntries(said)).toEqual({
    ...{ 'block 0': 'one two', 'block 0 beside': 'source\n', 'block 3': 'n\n', 'block 4': 'three' },
  })
  expect(facts.flatMap(({ pauses = [] }) => pauses)).toEqual(['block 0', 'block 0', 'block 0', 'block 4'])
  expect(facts.flatMap(({ closes }) => closes)).toEqual(['block 0 beside', 'block 0', 'block 3', 'block 4'])
  const content = ['one ', 'tw', 'o'].map((one) => ({ type: 'text', text: one }))
  const whole = anthropicMessages.readReply({ content: [...content, { type: 'thinking' }, ...content] })
  expect(whole.texts.map(({ channel }) => channel)).toEqual([...Array(3).fill('block 0'), ...Array(3).fill('block 4')])
})

test.each([
  ['hidden thinking', block(0, { type: 'redacted_thinking', data: 'x' }), [], ['encrypted']],
  ['unknown block', block(0, { type: 'hologram', words: 'canary' }), ['hologram\ncanary'], ['unknown']],
  ['unknown delta', delta(0, { type: 'hologram_delta', words: 'canary' }), ['canary'], []],
  ['unknown event', { type: 'hologram', deep: { words: ['canary'] } }, ['hologram\ncanary'], ['unknown']],
  [
    'result of a server tool',
    block(0, { type: 'web_search_tool_result', content: [{ title: 'canary' }] }),
    ['web_search_tool_result\ncanary'],
    [],
  ],
  ['text given at the start', block(0, { type: 'text', text: 'canary' }), ['canary'], []],
  [
    'input given at the start',
    block(0, { type: 'tool_use', name: 'n', input: { a: 'canary' } }),
    ['n\n', 'a\ncanary'],
    [],
  ],
  [
    'a list of blocks',
    { type: 'content_block_start', content_block: [{ type: 'text', text: 'a' }, { x: 'canary' }] },
    ['a', 'canary\n'],
    [],
  ],
  ['a list of deltas', { type: 'content_block_delta', delta: [{ x: 'a' }, { x: 'canary' }] }, ['a', 'canary\n'], []],
  ['a list of messages', { type: 'message_start', message: [{ x: 'canary' }] }, ['canary\n'], []],
  ['an ending that is none', { type: 'message_delta', delta: 'canary' }, ['canary\n'], []],
  ['an error beside a block', { type: 'content_block_stop', error: { message: 'canary' } }, ['canary\n'], []],
  ['a fallback block', block(0, { type: 'fallback', from: { model: 'a' }, to: { model: 'b' } }), [], []],
])('messages: every text of an event is read before it may leave: %s', (_name, event, texts, uninspected) => {
  const facts = anthropicMessages.openStream(false).read(framed(event))
  expect(facts).toMatchObject({ uninspected, idle: false, terminal: false })
  expect(facts.texts.map(({ text }) => text)).toEqual(texts)
})

test('messages: the upstream’s own refusal and its own error are told apart', () => {
  const refused = anthropicMessages.openStream(false)
  refused.read(framed({ type: 'message_delta', delta: { stop_reason: 'refusal' }, usage: {} } as { type: string }))
  expect(refused).toMatchObject({ upstreamRefusal: true, failed: false, complete: true })
  const failed = anthropicMessages.openStream(false)
  const busy = '{"type":"error","error":{"type":"overloaded_error","message":"busy"},"request_id":"req_1"}'
  expect(failed.read({ event: 'error', data: busy })).toMatchObject({ texts: [], terminal: true })
  expect(failed).toMatchObject({ upstreamRefusal: false, failed: true, complete: false })
})

test.each(['', 'hello', '[]', '"x"', '{"type":'])(
  'messages: an event that is no object is not of the protocol: %s',
  (data) => {
    const read = () => anthropicMessages.openStream(false).read({ event: 'message_start', data })
    expect(read).toThrow(expect.objectContaining({ code: 'upstream_invalid' }))
  },
)

const answer = {
  ...{ id: 'msg_2', type: 'message', role: 'assistant', model: 'claude-opus-4-8' },
  content: [
    { type: 'thinking', thinking: 'canary 1', signature: 's' },
    { type: 'text', text: 'canary 2' },
    { type: 'tool_use', id: 't', name: 'canary 3', input: { a: ['canary 4'] } },
    { type: 'web_search_tool_result', content: [{ title: 'canary 5' }] },
    { type: 'redacted_thinking', data: 'x' },
    { type: 'hologram', words: 'canary 6' },
  ],
  stop_reason: 'end_turn',
  usage: { input_tokens: 412, output_tokens: 264, cache_read_input_tokens: 7, service_tier: 'standard' },
}

test('messages: a whole answer is read with its places, usage and model', () => {
  const reply = anthropicMessages.readReply(answer)
  expect(reply.texts.slice(0, 4)).toEqual([
    { channel: 'block 0', place: 'reasoning', text: 'canary 1' },
    { channel: 'block 1', place: 'text', text: 'canary 2' },
    { channel: 'block 2', place: 'tool_name', text: 'canary 3\n', toolUse: 't' },
    { channel: 'block 2', place: 'tool_input', text: 'a\ncanary 4' },
  ])
  const all = reply.texts.map(({ text }) => text).join('\n')
  for (let i = 1; i <= 6; i++) expect(all).toContain(`canary ${i}`)
  expect(reply).toMatchObject({
    uninspected: ['encrypted', 'unknown'],
    model: 'claude-opus-4-8',
    usage: { inputTokens: 412, outputTokens: 264, cacheReadTokens: 7, cacheWriteTokens: 0 },
    upstreamRefusal: false,
  })
  expect(anthropicMessages.readReply({ content: [], stop_reason: 'refusal' })).toMatchObject({
    upstreamRefusal: true,
    usage: null,
  })
})

test.each([null, [], 'x', {}, { content: 'x' }])('messages: what is no message is not served: %j', (json) => {
  expect(() => anthropicMessages.readReply(json)).toThrow(expect.objectContaining({ code: 'upstream_invalid' }))
})

const served = { input_tokens: 412, output_tokens: 264, cache_creation_input_tokens: 0, cache_read_input_tokens: 7 }
const declined = { input_tokens: 5, output_tokens: 2, cache_creation_input_tokens: 3, cache_read_input_tokens: 1 }
const seam = {
  ...{ type: 'fallback', from: { model: 'claude-fable-5' }, to: { model: 'claude-opus-4-8' } },
  trigger: { type: 'refusal', category: 'bio' },
} as const
const shown = (beta: string): Notice => ({ ...notice, disclosure: { block: beta === FALLBACK, sentence: false } })
const hops = (counts: typeof served) => [
  { type: 'message', model: 'claude-fable-5', ...declined, cache_creation: null },
  { type: 'fallback_message', model: 'claude-opus-4-8', ...counts, cache_creation: null },
]

test.each([
  ['', []],
  [CREDIT, []],
  [FALLBACK, [seam]],
])('GW-17: messages: a fallback answer names both models, with a block only where it parses: %s', (beta, first) => {
  const body = JSON.parse(anthropicMessages.servedByFallback(documentOf(answer), shown(beta), asked(beta), context))
  expect(body).toEqual({
    ...answer,
    content: [...first, ...answer.content],
    usage: { ...answer.usage, iterations: hops(served) },
    sluice: member,
  })
})

test('GW-17: messages: without the beta a fallback stream changes in its ending alone', async () => {
  const rewriter = anthropicMessages.openFallbackStream(notice, asked(CREDIT), context)
  const out = golden.map((event) => rewriter.rewrite(framed(event), raw(event)))
  const ending = golden.length - 2
  expect(out.toSpliced(ending, 1)).toEqual(golden.toSpliced(ending, 1).map(raw))
  expect(events(out[ending]!)).toEqual([
    {
      ...golden[ending],
      usage: {
        ...zero,
        ...none,
        input_tokens: 312,
        output_tokens: 88,
        iterations: hops({ ...zero, input_tokens: 312, output_tokens: 88 }),
      },
      sluice: member,
    },
  ])
  expect((await received(events(out.join('')))).content).toHaveLength(4)
})

test('GW-17: messages: with the beta the block comes first and the indices follow it', async () => {
  const rewriter = anthropicMessages.openFallbackStream(shown(FALLBACK), asked(FALLBACK), context)
  const stream = events(golden.map((event) => rewriter.rewrite(framed(event), raw(event))).join(''))
  assertValid(stream)
  expect(stream.slice(1, 3)).toEqual([block(0, seam), stop(0)])
  const message = await received(stream)
  expect(message.content.map(({ type }) => type)).toEqual(['fallback', 'thinking', 'text', 'tool_use', 'text'])
  expect(message.usage.iterations?.map(({ type }) => type)).toEqual(['message', 'fallback_message'])
})

test('GW-17: messages: pings, comments and a delta that ends nothing pass a rewriter as they came', () => {
  const rewriter = anthropicMessages.openFallbackStream(notice, asked(FALLBACK), context)
  const early = sseEvent('message_delta', { delta: { stop_reason: null }, usage: { output_tokens: 3 } })
  const [event] = events(early)
  expect(rewriter.rewrite({ event: '', data: '' }, ': alive\r\n\r\n')).toBe(': alive\r\n\r\n')
  expect(rewriter.rewrite({ event: 'ping', data: '{"type": "ping"}' }, 'RAW')).toBe('RAW')
  expect(rewriter.rewrite(framed(event!), early)).toBe(early)
})

test('messages: for another model, the model is replaced and the caller’s fallback list removed', () => {
  const document = readJson('{"model":"a", "max_tokens":1.0e2,"fallbacks":[{"model":"b"}],"messages":[]}')
  expect(
    anthropicMessages.edit(document, {
      hop: { model: 'z', overrides: {} },
      prefill: null,
      stripFallbackBlocks: false,
    }),
  ).toBe('{"model":"z","max_tokens":1.0e2,"messages":[]}')
})

test('messages: an entry’s output_config changes what it names, and nothing of the rest but that', () => {
  const edited = (own: string, output_config: unknown) =>
    anthropicMessages.edit(readJson(`{"model":"a","messages":[]${own}}`), {
      hop: { model: 'z', overrides: { output_config } },
      prefill: null,
      stripFallbackBlocks: false,
    })
  const own = ',"output_config":{"effort":"low", "format":{"schema":{"maximum":1234567890123456789}}}'
  expect(edited(own, { effort: null })).toBe(
    '{"model":"z","messages":[],"output_config":{"format":{"schema":{"maximum":1234567890123456789}}}}',
  )
  expect(edited(own, { effort: 'high', format: null })).toBe(
    '{"model":"z","messages":[],"output_config":{"effort":"high"}}',
  )
  expect(edited('', { effort: 'high' })).toBe('{"model":"z","messages":[],"output_config":{"effort":"high"}}')
})

test('GW-16: messages: the state of a credit token is all that changes, streamed or not', () => {
  const told = '"fallback_credit":{"status":{"type":"redeemed"}}'
  const document = readJson('{"n":1.0,"usage":{"input_tokens":3,"big":1234567890123456789},"content":[]}')
  expect(anthropicMessages.withCredit(document, { type: 'redeemed' })).toBe(
    `{"n":1.0,"usage":{"input_tokens":3,"big":1234567890123456789,${told}},"content":[]}`,
  )
  const event = (rest: string) => ({
    event: 'message_delta',
    data: `{"n":1.0,"type":"message_delta","usage":{"output_tokens":3,"big":1234567890123456789${rest}}}`,
  })
  const rewriter = anthropicMessages.openCreditStream({ type: 'redeemed' })
  expect(rewriter.rewrite(event(''), '')).toBe(`event: message_delta\ndata: ${event(`,${told}`).data}\n\n`)
})

test('GW-7: messages: a comment keeps a connection alive before the first event, a ping after it', () => {
  expect(anthropicMessages.keepAlive(false)).toBe(': keep-alive\n\n')
  expect(anthropicMessages.keepAlive(true)).toBe('event: ping\ndata: {"type":"ping"}\n\n')
})
