import type { ServerResponse } from 'node:http'
import { type Recorded, type RecordingUpstream, startRecordingUpstream } from './recording-upstream.ts'

/** What one model does when it is asked. */
export interface Act {
  /** Of a stream: extra members of the message that it begins with; what follows comes a moment later. */
  readonly start?: Readonly<Record<string, unknown>>
  /** Of a stream: a block of thinking before the text. */
  readonly thinking?: string
  readonly text?: string
  /** Of a stream: a second block of text, which comes a moment after the first has ended. */
  readonly second?: string
  /** Deltas of a stream, in characters. */
  readonly piece?: number
  /** Holds the stream for a moment after so many characters: what came before has been read by then. */
  readonly pauseAfter?: number
  readonly refuses?: string | null
  /** The stream breaks off after its text. */
  readonly breaksOff?: boolean
  readonly status?: number
  /** Extra members of the answer, or of the stream's last event. */
  readonly more?: Readonly<Record<string, unknown>>
}

export interface ModelUpstream extends RecordingUpstream {
  readonly models: Record<string, Act>
  /** Models in the order they were asked. */
  asked(): string[]
  bodies(): Record<string, unknown>[]
  /** What was asked, and what its models are to do. */
  forget(): void
}

/** A Messages API with a few models, over a real socket: each says what the test wants. */
export async function startModelUpstream(): Promise<ModelUpstream> {
  const upstream = await startRecordingUpstream()
  const models: Record<string, Act> = {}
  const bodyOf = ({ body }: Recorded) => JSON.parse(body.toString()) as Record<string, unknown>
  upstream.answer = (request, response) => {
    const { model, stream } = bodyOf(request) as { model: string; stream?: boolean }
    const act = models[model] ?? { text: `${model} answers.` }
    if (act.status !== undefined) return error(response, act.status)
    return stream === true ? void streamed(response, model, act) : whole(response, model, act)
  }
  return Object.assign(upstream, {
    models,
    asked: () => upstream.requests.map((request) => String(bodyOf(request).model)),
    bodies: () => upstream.requests.map(bodyOf),
    forget() {
      upstream.requests.length = 0
      for (const name of Object.keys(models)) delete models[name]
    },
  })
}

const usage = (text: string) => ({ input_tokens: 312, output_tokens: Math.ceil(text.length / 4) })

function end({ refuses, more }: Act) {
  const details = { type: 'refusal', category: refuses ?? null, explanation: 'by the provider' }
  return refuses === undefined
    ? { delta: { stop_reason: 'end_turn', stop_sequence: null, stop_details: null }, ...more }
    : { delta: { stop_reason: 'refusal', stop_sequence: null, stop_details: details }, ...more }
}

function whole(response: ServerResponse, model: string, act: Act): void {
  const { text = '' } = act
  const { delta, ...more } = end(act)
  const content = text === '' ? [] : [{ type: 'text', text, citations: null }]
  response.writeHead(200, { 'content-type': 'application/json', 'request-id': 'req_up' })
  response.end(
    JSON.stringify({
      id: 'msg_up',
      type: 'message',
      role: 'assistant',
      model,
      content,
      ...delta,
      usage: usage(text),
      ...more,
    }),
  )
}

async function streamed(response: ServerResponse, model: string, act: Act): Promise<void> {
  const { text = '', piece = 16, pauseAfter = Number.POSITIVE_INFINITY } = act
  const { delta, ...more } = end(act)
  const event = (type: string, body: object) =>
    response.write(`event: ${type}\ndata: ${JSON.stringify({ type, ...body })}\n\n`)
  response.writeHead(200, { 'content-type': 'text/event-stream', 'request-id': 'req_up' })
  const message = {
    id: 'msg_up',
    type: 'message',
    role: 'assistant',
    model,
    content: [],
    stop_reason: null,
    stop_sequence: null,
  }
  event('message_start', { message: { ...message, usage: { input_tokens: 312, output_tokens: 1 }, ...act.start } })
  if (act.start !== undefined) await new Promise((resolve) => setTimeout(resolve, 100))
  let index = 0
  if (act.thinking !== undefined) {
    event('content_block_start', { index, content_block: { type: 'thinking', thinking: '', signature: '' } })
    event('content_block_delta', { index, delta: { type: 'thinking_delta', thinking: act.thinking } })
    event('content_block_stop', { index: index++ })
  }
  if (text !== '') {
    event('content_block_start', { index, content_block: { type: 'text', text: '', citations: null } })
    let paused = false
    for (let at = 0; at < text.length; at += piece) {
      if (!paused && at >= pauseAfter) {
        paused = true
        await new Promise((resolve) => setTimeout(resolve, 100))
      }
      event('content_block_delta', { index, delta: { type: 'text_delta', text: text.slice(at, at + piece) } })
    }
    if (act.breaksOff === true) return void response.end()
    event('content_block_stop', { index: index++ })
  }
  if (act.second !== undefined) {
    await new Promise((resolve) => setTimeout(resolve, 100))
    event('content_block_start', { index, content_block: { type: 'text', text: '', citations: null } })
    event('content_block_delta', { index, delta: { type: 'text_delta', text: act.second } })
    event('content_block_stop', { index })
  }
  event('message_delta', { delta, usage: { output_tokens: Math.ceil(text.length / 4) }, ...more })
  event('message_stop', {})
  response.end()
}

function error(response: ServerResponse, status: number): void {
  response.writeHead(status, { 'content-type': 'application/json', 'request-id': 'req_up' })
  response.end(
    JSON.stringify({ type: 'error', error: { type: 'overloaded_error', message: 'busy' }, request_id: 'req_up' }),
  )
}
