import { ChatCompletionStream } from 'openai/lib/ChatCompletionStream'
import type { ChatCompletion, ChatCompletionChunk } from 'openai/resources/chat/completions'
import { expect, test } from 'vitest'
import { type AppealId, decisionIds } from '../base/ids.ts'
import type { Exchange } from '../conversation/exchange.ts'
import type { ComposeContext, Notice, SluiceMember, SseEvent } from './adapter.ts'
import { readJson } from './json.ts'
import { openaiChat } from './openai-chat.ts'

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
const SCHEMA = { response_format: { type: 'json_schema', json_schema: { name: 'x', schema: {} } } }

function asked(body: object = {}): Exchange {
  return openaiChat.decode(readJson(JSON.stringify({ model: 'gpt-5.5', messages: [], ...body })), () => undefined)
}

type Chunk = ChatCompletionChunk & { readonly sluice?: unknown }

/** The chunks of a stream, which ends with `[DONE]`. */
function chunks(stream: string): Chunk[] {
  expect(stream.endsWith('\n\n')).toBe(true)
  const lines = stream.slice(0, -2).split('\n\n')
  expect(lines.pop()).toBe('data: [DONE]')
  return lines.map((line) => {
    expect(line).toMatch(/^data: \{.*\}$/)
    return JSON.parse(line.slice(6)) as Chunk
  })
}

const framed = (chunk: object | string): SseEvent => ({
  event: '',
  data: typeof chunk === 'string' ? chunk : JSON.stringify(chunk),
})
const raw = (chunk: object | string) => `data: ${framed(chunk).data}\n\n`

const base = { id: 'c1', object: 'chat.completion.chunk', created: 7, model: 'gpt-5.5' } as const
type Choice = ChatCompletionChunk.Choice
const part = (
  index: number,
  delta: Choice['delta'],
  finish_reason: Choice['finish_reason'] = null,
): ChatCompletionChunk => ({
  ...base,
  choices: [{ index, delta, finish_reason, logprobs: null }],
})
const call = (args: string, name?: string): Choice['delta'] => ({
  tool_calls: [
    name === undefined
      ? { index: 0, function: { arguments: args } }
      : { index: 0, id: 'call_1', type: 'function', function: { name, arguments: args } },
  ],
})

/** Two choices in turn: a text, and a text with a call of a tool. */
const golden: readonly ChatCompletionChunk[] = [
  part(0, { role: 'assistant', content: '' }),
  part(0, { content: 'First, ' }),
  part(1, { role: 'assistant', content: '' }),
  part(0, { content: 'look.' }),
  part(1, { content: 'Then' }),
  part(0, {}, 'stop'),
  part(1, call('', 'read')),
  part(1, call('{"p":"h\\u00')),
  part(1, call('61rm"}')),
  part(1, {}, 'tool_calls'),
]
const counted: ChatCompletionChunk = {
  ...base,
  choices: [],
  usage: { prompt_tokens: 120, completion_tokens: 61, total_tokens: 181, prompt_tokens_details: { cached_tokens: 4 } },
}

/** What every client relies on: each choice begins with its role, ends once, and says nothing after it. */
function assertValid(stream: readonly Chunk[], choices: number): void {
  const begun = new Set<number>()
  const finished = new Set<number>()
  for (const chunk of stream) {
    expect(chunk).toMatchObject({ id: stream[0]!.id, object: 'chat.completion.chunk', created: expect.any(Number) })
    for (const { index, delta, finish_reason: reason } of chunk.choices) {
      expect(finished).not.toContain(index)
      expect(delta.role === 'assistant').toBe(!begun.has(index))
      begun.add(index)
      if (reason !== null) finished.add(index)
    }
  }
  expect([...finished].sort()).toEqual([...Array(choices).keys()])
}

/** What the official client makes of it. */
function received(stream: readonly object[]): Promise<ChatCompletion> {
  const lines = stream.map((chunk) => `${JSON.stringify(chunk)}\n`).join('')
  return ChatCompletionStream.fromReadableStream(new Response(lines).body!).finalChatCompletion()
}

test('chat: a refusal has the members of the vendor’s type', () => {
  const expected = {
    ...{ id: `chatcmpl-${ULID}`, object: 'chat.completion', created: 1_782_896_400, model: 'gpt-5.5' },
    choices: [
      {
        ...{ index: 0, finish_reason: 'content_filter', logprobs: null },
        message: { role: 'assistant', content: null, refusal: 'declined (bio)', annotations: [] },
      },
    ],
    usage: { prompt_tokens: 0, completion_tokens: 0, total_tokens: 0 },
  } satisfies ChatCompletion
  expect(JSON.parse(openaiChat.refusal(notice, asked(), context))).toEqual({ ...expected, sluice: member })
})

test.each([
  [{}, 1, 'content_filter'],
  [{ n: 3 }, 3, 'content_filter'],
  [SCHEMA, 1, 'stop'],
  [{ ...SCHEMA, n: 2 }, 2, 'stop'],
  [{ response_format: { type: 'json_object' } }, 1, 'content_filter'],
] as const)('chat: every choice is refused alike, with `stop` under a schema: %j', async (body, n, finish) => {
  const { choices } = JSON.parse(openaiChat.refusal(notice, asked(body), context)) as ChatCompletion
  expect(choices.map(({ index }) => index)).toEqual([...Array(n).keys()])
  for (const choice of choices)
    expect(choice).toMatchObject({ finish_reason: finish, message: { refusal: 'declined (bio)' } })
  const stream = chunks(openaiChat.refusalStream(notice, asked(body), context))
  assertValid(stream, n)
  const completion = await received(stream)
  for (const choice of completion.choices)
    expect(choice).toMatchObject({ finish_reason: finish, message: { refusal: 'declined (bio)' } })
  // One member for the whole answer, on the chunk that ends it.
  expect(stream.filter((chunk) => 'sluice' in chunk)).toEqual([stream.at(-1)])
  expect(stream.at(-1)).toMatchObject({ choices: [{ index: n - 1, delta: {}, finish_reason: finish }], sluice: member })
})

test('chat: a refused answer that a model did write is metered', () => {
  const declined = [{ model: 'm', usage: { inputTokens: 5, outputTokens: 2, cacheReadTokens: 0, cacheWriteTokens: 0 } }]
  const { usage } = JSON.parse(openaiChat.refusal(notice, asked(), { ...context, declined })) as ChatCompletion
  expect(usage).toEqual({ prompt_tokens: 5, completion_tokens: 2, total_tokens: 7 })
})

test.each([false, true])(
  'GW-9: chat: a refusal after every number of released chunks ends a stream that clients accept; usage asked for: %s',
  async (includeUsage) => {
    const exchange = asked({ n: 2, stream_options: { include_usage: includeUsage } })
    for (let released = 0; released < golden.length; released++) {
      const reader = openaiChat.openStream()
      for (const chunk of [...golden, counted]) reader.read(framed(chunk))
      for (const chunk of golden.slice(0, released)) reader.released(framed(chunk))
      const tail = chunks(reader.refuse(notice, exchange, context))
      const last = includeUsage ? tail.pop() : undefined
      if (includeUsage)
        expect(last).toEqual({
          ...base,
          id: tail[0]!.id,
          created: tail[0]!.created,
          choices: [],
          usage: { prompt_tokens: 120, completion_tokens: 61, total_tokens: 181 },
        })
      const whole: Chunk[] = [...golden.slice(0, released), ...tail]
      assertValid(whole, 2)
      expect(whole.filter((chunk) => 'sluice' in chunk)).toEqual([tail.at(-1)])
      expect(tail.at(-1)).toMatchObject({ choices: [{ finish_reason: 'content_filter' }], sluice: member })
      const { choices } = await received(whole)
      const words = released === 0 ? 'declined (bio)' : '\n\ndeclined (bio)'
      expect(choices[1]).toMatchObject({ finish_reason: 'content_filter', message: { refusal: words } })
      expect(choices[0]!.finish_reason).toBe(released > 5 ? 'stop' : 'content_filter')
      expect(choices[0]!.message.refusal ?? null).toBe(released > 5 ? null : words)
    }
  },
)

test('chat: a stream is read choice by choice, in channels that close with their choice', () => {
  const reader = openaiChat.openStream()
  const facts = [...golden, counted].map((chunk) => reader.read(framed(chunk)))
  expect(reader.complete).toBe(true)
  facts.push(reader.read(framed('[DONE]')))
  const said = new Map<string, string>()
  for (const { channel, place, text } of facts.flatMap(({ texts }) => texts))
    said.set(`${channel} ${place}`, (said.get(`${channel} ${place}`) ?? '') + text)
  expect(Object.fromEntries(said)).toEqual({
    'choice 0 text text': 'First, look.',
    'choice 1 text text': 'Then',
    'choice 1 tool 0 tool_name': 'read\n',
    'choice 1 tool 0 tool_input': '{"p":"harm"}',
  })
  expect(facts[5]?.closes).toEqual(['choice 0 text'])
  expect(facts[9]?.closes).toEqual(['choice 1 text', 'choice 1 tool 0'])
  expect(facts.findIndex(({ terminal }) => terminal)).toBe(facts.length - 1)
  expect(reader).toMatchObject({ failed: false, upstreamRefusal: false, model: 'gpt-5.5' })
  expect(reader.usage).toEqual({ inputTokens: 120, outputTokens: 61, cacheReadTokens: 4, cacheWriteTokens: 0 })
})

test('chat: an answer is complete when every choice that began has ended', () => {
  const reader = openaiChat.openStream()
  const complete = [part(0, {}, 'stop'), part(1, { content: 'a' }), part(1, {}, 'stop')].map((chunk) => {
    reader.read(framed(chunk))
    return reader.complete
  })
  expect(complete).toEqual([true, false, true])
})

test('GW-9: chat: an empty reason ends no choice; nothing is complete, or closes, with it', () => {
  const reader = openaiChat.openStream()
  const none = '' as never
  const closes = [part(0, { content: 'a' }, none), part(0, { content: 'b' }, none), part(0, {}, 'stop')].map(
    (chunk) => {
      const facts = reader.read(framed(chunk))
      return [facts.closes.length, reader.complete]
    },
  )
  expect(closes).toEqual([
    [0, false],
    [0, false],
    [1, true],
  ])
})

test.each<[string, object, string[], string[]]>([
  ['reasoning_content', { reasoning_content: 'canary' }, ['canary'], []],
  ['reasoning', { reasoning: 'canary' }, ['canary'], []],
  ['refusal', { refusal: 'canary' }, ['canary'], []],
  [
    'old function call',
    { function_call: { name: 'n', arguments: '{"a":"c\\u0061nary"}' } },
    ['n\n', '{"a":"canary"}'],
    [],
  ],
  ['custom tool', { tool_calls: [{ index: 1, custom: { name: 'n', input: 'C:\\users' } }] }, ['n\n', 'C:\\users'], []],
  ['audio', { audio: { data: 'AAAA', transcript: 'canary' } }, ['canary'], ['audio']],
  ['unknown member', { hologram: [{ words: 'canary' }] }, ['canary'], []],
])('chat: every text of a delta is read before it may leave: %s', (_name, delta, texts, uninspected) => {
  const facts = openaiChat.openStream().read(framed({ ...base, choices: [{ index: 0, delta }] }))
  expect(facts).toMatchObject({ uninspected, idle: false, terminal: false })
  expect(facts.texts.map(({ text }) => text)).toEqual(texts)
})

test('chat: the upstream’s own refusal and its own error are told apart', () => {
  for (const chunk of [part(0, { refusal: 'no' }), part(0, {}, 'content_filter')]) {
    const reader = openaiChat.openStream()
    reader.read(framed(chunk))
    expect(reader).toMatchObject({ upstreamRefusal: true, failed: false })
  }
  const failed = openaiChat.openStream()
  expect(failed.read(framed({ error: { message: 'x' } })).terminal).toBe(true)
  expect(failed).toMatchObject({ upstreamRefusal: false, failed: true, complete: false })
  const garbage = () => openaiChat.openStream().read(framed('<html>'))
  expect(garbage).toThrow(expect.objectContaining({ code: 'upstream_invalid' }))
})

const answer = {
  ...{ id: 'c2', object: 'chat.completion', created: 7, model: 'gpt-5.5-mini' },
  choices: [
    {
      ...{ index: 0, finish_reason: 'tool_calls' },
      message: {
        ...{ role: 'assistant', content: 'canary 1', reasoning_content: 'canary 2', refusal: null },
        tool_calls: [
          { type: 'function', function: { name: 'canary 3', arguments: '{"a":"c\\u0061nary 4","a":1}' } },
          { type: 'custom', custom: { name: 'x', input: 'canary 5' } },
        ],
        ...{ audio: { data: 'AAAA', transcript: 'canary 6' }, hologram: { words: 'canary 7' } },
      },
    },
    {
      index: 1,
      finish_reason: 'stop',
      message: { content: [{ type: 'text', text: 'canary 8' }], reasoning: 'canary 9' },
    },
  ],
  usage: { prompt_tokens: 12, completion_tokens: 34, prompt_tokens_details: { cached_tokens: 5 } },
}

test('chat: a whole answer is read with its places, usage and model', () => {
  const reply = openaiChat.readReply(answer)
  const all = reply.texts.map(({ text }) => text).join('\n')
  for (let i = 1; i <= 9; i++) expect(all).toContain(`canary ${i}`)
  expect(reply.texts).toContainEqual({ channel: 'choice 0 text', place: 'text', text: 'canary 1' })
  expect(reply.texts).toContainEqual({ channel: 'choice 0 reasoning', place: 'reasoning', text: 'canary 2' })
  expect(reply).toMatchObject({
    uninspected: ['audio'],
    model: 'gpt-5.5-mini',
    usage: { inputTokens: 12, outputTokens: 34, cacheReadTokens: 5, cacheWriteTokens: 0 },
    upstreamRefusal: false,
  })
  for (const choice of [{ finish_reason: 'content_filter' }, { message: { refusal: 'no' } }])
    expect(openaiChat.readReply({ choices: [choice] })).toMatchObject({
      upstreamRefusal: true,
      usage: null,
      model: null,
    })
})

test.each([null, [], 'x', {}, { choices: {} }])('chat: what is no completion is not served: %j', (json) => {
  expect(() => openaiChat.readReply(json)).toThrow(expect.objectContaining({ code: 'upstream_invalid' }))
})

test('GW-17: chat: a fallback answer is the target’s own, with the member', () => {
  expect(JSON.parse(openaiChat.servedByFallback({ value: answer, text: JSON.stringify(answer) }, notice))).toEqual({
    ...answer,
    sluice: member,
  })
})

test('GW-17: chat: the sentence comes before each choice’s text, and everything else keeps its bytes', () => {
  const text =
    '{"n":1.0,"choices":[{"index":0,"n":1.0,"message":{"role":"assistant","content":"fine","n":1234567890123456789}}, 7,{"message":{"content":null}}]}'
  const shown = { ...notice, disclosure: { block: false, sentence: true } }
  const [head, tail] = text.split('"fine"')
  const answer = openaiChat.servedByFallback(readJson(text), shown)
  const told = `${head}${JSON.stringify(`${notice.explanation}\n\nfine`)}${tail}`.replace('}, 7', '},7')
  expect(answer).toBe(`${told.slice(0, -1)},"sluice":${JSON.stringify(member)}}`)
})

test('GW-17: chat: in a fallback stream the member rides on the last chunk that ends a choice', async () => {
  const rewriter = openaiChat.openFallbackStream(notice)
  const out = [...golden, counted, '[DONE]'].map((chunk) => rewriter.rewrite(framed(chunk), raw(chunk)))
  expect(out.slice(0, 5)).toEqual(golden.slice(0, 5).map(raw))
  expect(rewriter.rewrite({ event: '', data: '' }, ': alive\n\n')).toBe(': alive\n\n')
  const stream = chunks(out.join(''))
  expect(stream).toEqual([...golden.slice(0, -1), { ...golden.at(-1), sluice: member }, counted])
  expect((await received(stream)).choices.map(({ finish_reason: reason }) => reason)).toEqual(['stop', 'tool_calls'])
})

test('chat: for another model, only the model is replaced', () => {
  const document = readJson('{"temperature":1.0e0, "model":"a","messages":[]}')
  expect(
    openaiChat.edit(document, {
      hop: { model: 'z', overrides: {} },
      prefill: null,
      stripFallbackBlocks: false,
    }),
  ).toBe('{"temperature":1.0e0,"model":"z","messages":[]}')
})

test('GW-7: chat: a comment keeps a connection alive at any time', () => {
  expect(openaiChat.keepAlive()).toBe(': keep-alive\n\n')
})
