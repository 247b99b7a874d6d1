import { describe, expect, test } from 'vitest'
import { SseFrames } from '../../gateway/sse-frames.ts'
import type { Answer } from '../../io/rehearsal/answer.ts'
import { chatShape, messagesShape, responsesShape } from '../../io/rehearsal/shapes.ts'
import { piecesOf } from '../../io/rehearsal/words.ts'
import { type AppealId, decisionIds } from '../base/ids.ts'
import type { Exchange } from '../conversation/exchange.ts'
import type { ComposeContext, Notice, ProtocolAdapter, SluiceMember } from './adapter.ts'
import { anthropicMessages } from './anthropic-messages.ts'
import { readJson } from './json.ts'
import { openaiChat } from './openai-chat.ts'
import { openaiResponses } from './openai-responses.ts'

type Json = Record<string, unknown>
interface Event {
  readonly event: string
  readonly data: string
}

const ULID = '01M86NMK4JQECWWJJSPSMBYKZF'
const member = {
  v: 1,
  decision_id: decisionIds(ULID).decision,
  action: 'refuse',
  record: { receipt: 'sha256:x', index: null },
  appeal: { id: 'apl_x' as AppealId, url: 'u', respond_by: 't' },
} as unknown as SluiceMember
const notice: Notice = {
  explanation: 'declined (cyber)',
  category: 'cyber',
  reason: 'harm.cyber',
  member,
  disclosure: { block: false, sentence: false },
  mirror: false,
  credit: null,
  recommendedModel: null,
}
const context: ComposeContext = { ulid: ULID, createdAtSeconds: 1, servedModel: 'small', declined: [], credit: null }
const text = 'The festival opens on Saturday with music in the square. '.repeat(4)
const answer = (tool: string | null, choices = 1): Answer => ({
  ...{
    id: 'abc',
    createdAtSeconds: 1,
    model: 'small',
    stream: true,
    choices,
    includeUsage: true,
    text,
    pieces: piecesOf(text, 24),
  },
  ...{ stop: 'end', tool, inputTokens: 12, outputTokens: 34, delayMs: 0 },
})
const eventsOf = (stream: string): readonly Event[] =>
  new SseFrames().push(new TextEncoder().encode(stream)).filter((frame) => !frame.comment)
const parse = ({ data }: Event) => JSON.parse(data) as Json

/** What a client's parser would insist on; throws where a stream is not valid to its end. */
const validators: Record<string, (events: readonly Event[]) => void> = {
  messages(events) {
    const open = new Set<number>()
    let next = 0
    const bodies = events.map(parse)
    expect(bodies[0]!.type).toBe('message_start')
    for (const body of bodies) {
      if (body.type === 'content_block_start') {
        expect(body.index).toBe(next++)
        open.add(body.index as number)
      } else if (body.type === 'content_block_delta') expect(open.has(body.index as number)).toBe(true)
      else if (body.type === 'content_block_stop') expect(open.delete(body.index as number)).toBe(true)
      else if (body.type === 'message_delta') expect(open.size).toBe(0)
    }
    expect(bodies.filter(({ type }) => type === 'message_start')).toHaveLength(1)
    expect(bodies.slice(-2).map(({ type }) => type)).toEqual(['message_delta', 'message_stop'])
  },
  chat(events) {
    expect(events.at(-1)!.data).toBe('[DONE]')
    const finished = new Set<number>()
    const bodies = events.slice(0, -1).map(parse)
    expect(new Set(bodies.map(({ id }) => id)).size).toBe(1)
    for (const { choices } of bodies)
      for (const { index, finish_reason: reason } of choices as { index: number; finish_reason: string | null }[]) {
        expect(finished.has(index)).toBe(false)
        if (reason !== null) finished.add(index)
      }
    expect(finished.size).toBeGreaterThan(0)
  },
  responses(events) {
    const bodies = events.map(parse)
    expect(bodies.map((body) => body.sequence_number)).toEqual(bodies.map((_, i) => i))
    expect(events.map(({ event }) => event)).toEqual(bodies.map(({ type }) => type))
    expect(bodies[0]!.type).toBe('response.created')
    const count = (type: string) => bodies.filter((body) => body.type === type).length
    expect(count('response.content_part.added')).toBe(count('response.content_part.done'))
    const { response } = bodies.at(-1) as { response: { output: { id: string; content?: { type: string }[] }[] } }
    const done = bodies.filter(({ type }) => type === 'response.output_item.done').map(({ item }) => item)
    expect(response.output).toEqual(done)
  },
}

const surfaces: [
  name: string,
  adapter: ProtocolAdapter,
  shape: { events(answer: Answer): readonly string[] },
  body: Json,
][] = [
  ['messages', anthropicMessages, messagesShape, { messages: [] }],
  ['chat', openaiChat, chatShape, { messages: [], stream_options: { include_usage: true } }],
  ['responses', openaiResponses, responsesShape, { input: 'x' }],
]
const exchangeOf = (adapter: ProtocolAdapter, body: Json, headers: Json = {}): Exchange =>
  adapter.decode(
    readJson(JSON.stringify({ model: 'large', stream: true, ...body })),
    (name) => headers[name] as string | undefined,
  )

for (const [name, adapter, shape, body] of surfaces) {
  const valid = validators[name]!
  describe(name, () => {
    for (const tool of [null, 'lookup'])
      test(`a whole stream${tool === null ? '' : ' with a tool call'}: text, usage, model and ending are read`, () => {
        const reader = adapter.openStream()
        const facts = eventsOf(shape.events(answer(tool)).join('')).map((event) => reader.read(event))
        const said = facts.flatMap(({ texts }) => texts.map((one) => one.text)).join('')
        expect(said).toContain(text.trim())
        expect(reader.usage).toMatchObject({ inputTokens: 12, outputTokens: 34 })
        expect([reader.model, reader.complete, reader.failed, reader.upstreamRefusal]).toEqual([
          'small',
          true,
          false,
          false,
        ])
        expect(facts.filter(({ terminal }) => terminal)).toHaveLength(1)
        const channels = new Set(facts.flatMap(({ texts }) => texts.map(({ channel }) => channel)))
        expect(new Set(facts.flatMap(({ closes }) => closes))).toEqual(channels)
      })

    test('GW-9: a refusal after any number of released events ends a valid stream', () => {
      const exchange = exchangeOf(adapter, body)
      const golden = eventsOf(shape.events(answer(null)).join(''))
      const terminal = golden.findIndex((event) => adapter.openStream().read(event).terminal)
      valid(golden)
      for (let released = 0; released < terminal; released++) {
        const reader = adapter.openStream()
        golden.slice(0, terminal).forEach((event) => void reader.read(event))
        // A choice or response that has finished was decided before; from there on nothing is left to refuse.
        if (name === 'chat' && golden.slice(0, released).some(({ data }) => data.includes('"finish_reason":"stop"')))
          break
        if (name === 'responses' && golden[released - 1]?.event === 'response.output_item.done') break
        for (const event of golden.slice(0, released)) reader.released(event)
        const ending = eventsOf(reader.refuse(notice, exchange, context))
        valid([...golden.slice(0, released), ...ending])
        expect(ending.map(({ data }) => data).join()).toContain('declined (cyber)')
      }
    })

    test('a refusal before output, streamed and not, holds the sentence and the member', () => {
      const exchange = exchangeOf(adapter, body)
      const events = eventsOf(adapter.refusalStream(notice, exchange, context))
      valid(events)
      const whole = JSON.parse(adapter.refusal(notice, exchange, context)) as Json
      for (const text_ of [events.map(({ data }) => data).join(), JSON.stringify(whole)]) {
        expect(text_).toContain('declined (cyber)')
        expect(text_).toContain('"receipt":"sha256:x"')
      }
    })

    test('a fallback stream stays valid, and discloses at its end', () => {
      const headers = { 'anthropic-beta': 'server-side-fallback-2026-07-01' }
      for (const with_ of [{}, headers]) {
        const exchange = exchangeOf(adapter, body, with_)
        const rewriter = adapter.openFallbackStream(
          { ...notice, disclosure: { block: with_ === headers, sentence: false } },
          exchange,
          context,
        )
        const golden = shape.events(answer(null))
        const rewritten = eventsOf(
          golden
            .map((raw) =>
              eventsOf(raw)
                .map((event) => rewriter.rewrite(event, raw))
                .join(''),
            )
            .join(''),
        )
        valid(rewritten)
        const all = rewritten.map(({ data }) => data).join()
        expect(all.match(/"sluice":/g)).toHaveLength(1)
        expect(all.includes('"type":"fallback"')).toBe(name === 'messages' && with_ === headers)
        if (name === 'messages') expect(all).toContain('"type":"fallback_message"')
      }
    })
  })
}

describe('shapes', () => {
  test('stop_details has the fallback members exactly for callers that know them', () => {
    const details = (headers: Json) => {
      const exchange = exchangeOf(anthropicMessages, { messages: [] }, headers)
      return Object.keys(
        (JSON.parse(anthropicMessages.refusal(notice, exchange, context)) as { stop_details: Json }).stop_details,
      )
    }
    expect(details({})).toEqual(['type', 'category', 'explanation'])
    expect(details({ 'anthropic-beta': 'fallback-credit-2026-07-01' })).toHaveLength(6)
  })

  test('under a JSON schema a chat refusal finishes with stop; every choice is refused alike', () => {
    const exchange = exchangeOf(openaiChat, {
      messages: [],
      n: 3,
      response_format: { type: 'json_schema', json_schema: { name: 's' } },
    })
    const { choices } = JSON.parse(openaiChat.refusal(notice, exchange, context)) as {
      choices: { finish_reason: string; message: { refusal: string } }[]
    }
    expect(choices.map(({ finish_reason: reason, message }) => [reason, message.refusal])).toEqual(
      Array(3).fill(['stop', 'declined (cyber)']),
    )
    validators.chat!(eventsOf(openaiChat.refusalStream(notice, exchange, context)))
  })

  test('tool arguments are read through their escapes, also where an escape is cut', () => {
    const reader = openaiChat.openStream()
    const piece = (args: string) => ({
      event: '',
      data: JSON.stringify({
        id: 'c',
        choices: [
          { index: 0, delta: { tool_calls: [{ index: 0, function: { arguments: args } }] }, finish_reason: null },
        ],
      }),
    })
    const read = ['{"a":"z\\u00', '65bra \\', 'n \\"quoted\\""}']
      .flatMap((args) => reader.read(piece(args)).texts.map((one) => one.text))
      .join('')
    expect(read).toBe('{"a":"zebra \n "quoted""}')
  })

  test('no category of ours reaches a closed vocabulary of the vendor', () => {
    const category = (value: Notice['category']) => {
      const exchange = exchangeOf(anthropicMessages, { messages: [] })
      const body = JSON.parse(anthropicMessages.refusal({ ...notice, category: value }, exchange, context)) as {
        stop_details: { category: string | null }
      }
      return body.stop_details.category
    }
    expect([category('cyber'), category('bio'), category('weapons'), category(null)]).toEqual([
      'cyber',
      'bio',
      'general_harms',
      null,
    ])
  })
})
