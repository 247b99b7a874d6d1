/** Three surfaces, with the least that a request and a streamed answer of each consist of. */
export type Path = '/v1/messages' | '/v1/chat/completions' | '/v1/responses'

type Body = Readonly<Record<string, unknown>>

interface Wire {
  readonly ask: Body
  /** First events of a stream, one event of text, and the events that end it. */
  readonly start: string
  text(words: string): string
  readonly end: string
  readonly whole: Body
  /** What an error that ends a stream looks like. */
  readonly error: RegExp
}

const named = (type: string, body: Body) => `event: ${type}\ndata: ${JSON.stringify({ type, ...body })}\n\n`
const message = { id: 'msg_1', type: 'message', role: 'assistant', model: 'model-x', stop_reason: null }
const chunk = (delta: Body, finish_reason: string | null = null) =>
  `data: ${JSON.stringify({ id: 'c', object: 'chat.completion.chunk', created: 1, model: 'model-x', choices: [{ index: 0, delta, finish_reason }] })}\n\n`
const response = {
  id: 'resp_1',
  object: 'response',
  created_at: 1,
  model: 'model-x',
  status: 'in_progress',
  output: [],
}
const at = { item_id: 'm', output_index: 0, content_index: 0, sequence_number: 1 }
const hello = [{ role: 'user', content: 'Please fix this code' }]

export const WIRES: Readonly<Record<Path, Wire>> = {
  '/v1/messages': {
    ask: { model: 'model-x', max_tokens: 100, messages: hello },
    start:
      named('message_start', { message: { ...message, content: [], usage: { input_tokens: 5, output_tokens: 1 } } }) +
      named('content_block_start', { index: 0, content_block: { type: 'text', text: '' } }),
    text: (text) => named('content_block_delta', { index: 0, delta: { type: 'text_delta', text } }),
    end:
      named('content_block_stop', { index: 0 }) +
      named('message_delta', { delta: { stop_reason: 'end_turn', stop_sequence: null }, usage: { output_tokens: 9 } }) +
      named('message_stop', {}),
    whole: {
      ...message,
      stop_reason: 'end_turn',
      content: [{ type: 'text', text: 'fine' }],
      usage: { input_tokens: 5, output_tokens: 1 },
    },
    error: /event: error\ndata: \{"type":"error",.*\}\n\n$/,
  },
  '/v1/chat/completions': {
    ask: { model: 'model-x', messages: hello },
    start: chunk({ role: 'assistant', content: '' }),
    text: (content) => chunk({ content }),
    end: `${chunk({}, 'stop')}data: [DONE]\n\n`,
    whole: {
      ...{ id: 'c', object: 'chat.completion', created: 1, model: 'model-x' },
      choices: [{ index: 0, message: { role: 'assistant', content: 'fine' }, finish_reason: 'stop' }],
    },
    error: /data: \{"error":\{.*\}\}\n\ndata: \[DONE\]\n\n$/,
  },
  '/v1/responses': {
    ask: { model: 'model-x', input: 'Please fix this code' },
    start: named('response.created', { response, sequence_number: 0 }),
    text: (delta) => named('response.output_text.delta', { ...at, delta }),
    end: named('response.completed', { response: { ...response, status: 'completed' }, sequence_number: 2 }),
    whole: { ...response, status: 'completed' },
    error: /event: error\ndata: .*\n\nevent: response\.failed\ndata: .*\n\n$/s,
  },
}

export const PATHS = Object.keys(WIRES) as Path[]
/** A key that both dialects read. */
export const KEY = { 'content-type': 'application/json', 'x-api-key': 'k', authorization: 'Bearer k' }

/** Asks a gateway one question. */
export function post(gateway: string, path: Path, more: Body = {}, signal?: AbortSignal): Promise<Response> {
  const { authorization, 'x-api-key': key, 'content-type': type } = KEY
  return fetch(gateway + path, {
    method: 'POST',
    headers: { 'content-type': type, ...(path === '/v1/messages' ? { 'x-api-key': key } : { authorization }) },
    body: JSON.stringify({ ...WIRES[path].ask, ...more }),
    ...(signal === undefined ? {} : { signal }),
  })
}
