/** The two wire formats that the benchmarks speak. What a benchmark compares always speaks the same one. */
export type Shape = 'messages' | 'chat'

export interface Wire {
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  /** A request as JSON. Its model name tells the upstream of the benchmarks how many deltas a stream has, and how fast. */
  request(messages: readonly Message[], stream: Stream | null): string
  /** A whole answer. */
  answer(text: string): string
  /** The events of a stream, one chunk each. */
  events(pieces: readonly string[]): readonly string[]
}

export interface Message {
  readonly role: 'user' | 'assistant'
  readonly content: string
}

export interface Stream {
  readonly deltas: number
  /** One event every few milliseconds, as models send them; else as fast as the upstream can. */
  readonly paced: boolean
}

/** What every answer ends with: one that lacks it is an error, whatever its status. */
export const LAST_WORDS = ' No further change is needed.'

const modelName = (stream: Stream | null) =>
  stream === null ? 'bench-0' : `bench-${stream.deltas}${stream.paced ? '-paced' : ''}`

/** The pieces of a streamed answer, 16 characters each, its last words as one. */
export function piecesOf(deltas: number): readonly string[] {
  const text = SENTENCE.repeat(Math.ceil((deltas * 16) / SENTENCE.length))
  return Array.from({ length: deltas }, (_, i) => (i === deltas - 1 ? LAST_WORDS : text.slice(i * 16, (i + 1) * 16)))
}

const SENTENCE = 'The overflow is in parse_len: the length is read before it is checked against the buffer. '
/** About 0.9 KB as a whole answer. */
export const ANSWER = SENTENCE.repeat(7).trimEnd() + LAST_WORDS

const event = (type: string, body: object) => `event: ${type}\ndata: ${JSON.stringify({ type, ...body })}\n\n`
const data = (body: object) => `data: ${JSON.stringify(body)}\n\n`

const messageBase = { id: 'msg_bench', type: 'message', role: 'assistant', model: 'bench' }
const messageUsage = { input_tokens: 480, output_tokens: 160, cache_creation_input_tokens: 0 }
const chatBase = { id: 'chatcmpl-bench', created: 1_700_000_000, model: 'bench' }
const chatUsage = { prompt_tokens: 480, completion_tokens: 160, total_tokens: 640 }

export const wires: Readonly<Record<Shape, Wire>> = {
  messages: {
    path: '/v1/messages',
    headers: { 'content-type': 'application/json', 'x-api-key': 'bench', 'anthropic-version': '2023-06-01' },
    request: (messages, stream) =>
      JSON.stringify({
        ...{ model: modelName(stream), max_tokens: 1024 },
        ...(stream === null ? {} : { stream: true }),
        messages,
      }),
    answer: (text) =>
      JSON.stringify({
        ...messageBase,
        ...{ content: [{ type: 'text', text }], stop_reason: 'end_turn', stop_sequence: null, usage: messageUsage },
      }),
    events: (pieces) => [
      event('message_start', {
        message: { ...messageBase, content: [], stop_reason: null, stop_sequence: null, usage: messageUsage },
      }),
      event('content_block_start', { index: 0, content_block: { type: 'text', text: '' } }),
      ...pieces.map((text) => event('content_block_delta', { index: 0, delta: { type: 'text_delta', text } })),
      event('content_block_stop', { index: 0 }),
      event('message_delta', {
        ...{ delta: { stop_reason: 'end_turn', stop_sequence: null }, usage: { output_tokens: 160 } },
      }),
      event('message_stop', {}),
    ],
  },
  chat: {
    path: '/v1/chat/completions',
    headers: { 'content-type': 'application/json', authorization: 'Bearer bench' },
    request: (messages, stream) =>
      JSON.stringify({ model: modelName(stream), ...(stream === null ? {} : { stream: true }), messages }),
    answer: (text) =>
      JSON.stringify({
        ...{ ...chatBase, object: 'chat.completion' },
        choices: [{ index: 0, message: { role: 'assistant', content: text }, finish_reason: 'stop' }],
        usage: chatUsage,
      }),
    events: (pieces) => {
      const chunk = (delta: object, finish_reason: string | null) =>
        data({
          ...{ ...chatBase, object: 'chat.completion.chunk' },
          choices: [{ index: 0, delta, finish_reason }],
        })
      return [
        chunk({ role: 'assistant', content: '' }, null),
        ...pieces.map((content) => chunk({ content }, null)),
        chunk({}, 'stop'),
        'data: [DONE]\n\n',
      ]
    },
  },
}
