import { randomBytes } from 'node:crypto'
import { json, MESSAGE, type RecordingUpstream, startRecordingUpstream } from './recording-upstream.ts'

/**
 * One account at a vendor that keeps what was said, and gives it to whoever names its id: what Sluice's callers share when
 * they use the operator's credential. Every answer says all that it was continued from.
 */
export interface KeepingUpstream extends RecordingUpstream {
  /** Streams stop after their first event until this resolves. */
  held: Promise<void>
}

type Body = Readonly<Record<string, unknown>>
const id = (prefix: string) => `${prefix}${randomBytes(16).toString('hex')}`

export async function startKeepingUpstream(): Promise<KeepingUpstream> {
  const upstream = Object.assign(await startRecordingUpstream(), { held: Promise.resolve() }) as KeepingUpstream
  const kept = new Map<string, Body>()
  const keep = <T extends Body & { id: string }>(object: T): T => {
    kept.set(object.id, object)
    return object
  }
  /** Everything that is kept under a name that stands anywhere in the request. */
  const recalled = (text: string) =>
    [...kept].flatMap(([name, object]) => (text.includes(name) ? [JSON.stringify(object)] : [])).join()

  upstream.answer = async ({ method, url, body, headers }, response) => {
    const path = url.split('?')[0]!
    const text = body.toString()
    const asked = text.startsWith('{') ? (JSON.parse(text) as Body) : {}
    if (method === 'GET' && path === '/v1/files') {
      const data = [...kept.values()].filter(({ object }) => object === 'file')
      return json(response, 200, {
        object: 'list',
        data,
        first_id: data[0]?.id,
        last_id: data.at(-1)?.id,
        has_more: true,
      })
    }
    const ended = { type: 'message_batch', processing_status: 'ended', created_at: '2026-11-26T00:00:00Z' }
    const request_counts = { processing: 0, succeeded: 1, errored: 0, canceled: 0, expired: 0 }
    if (method === 'POST' && path === '/v1/messages/batches')
      return json(response, 200, { id: id('msgbatch_'), ...ended, request_counts, results_url: 'x' })
    if (path.endsWith('/results')) {
      const container = keep({ id: id('container_'), expires_at: '2027-01-01T00:00:00Z' })
      const message = { ...MESSAGE, container }
      return response.end(`${JSON.stringify({ custom_id: 'a', result: { type: 'succeeded', message } })}\n`)
    }
    if (method === 'GET') {
      const found = kept.get(path.slice('/v1/responses/'.length))
      return found === undefined ? json(response, 404, { error: { message: 'none' } }) : json(response, 200, found)
    }
    if (path === '/v1/files') return json(response, 200, keep({ id: id('file-'), object: 'file', filename: text }))
    if (path === '/v1/conversations')
      return json(response, 200, keep({ id: id('conv_'), object: 'conversation', metadata: asked.metadata ?? {} }))
    const said = `you said ${text}, after ${recalled(text)}`
    if (path === '/v1/messages/count_tokens') return json(response, 200, { input_tokens: said.length })
    if (path === '/v1/messages')
      return json(response, 200, {
        ...{ id: id('msg_'), type: 'message', role: 'assistant', model: 'm' },
        content: [{ type: 'text', text: said }],
        ...{ stop_reason: 'end_turn', stop_sequence: null, usage: { input_tokens: 1, output_tokens: 1 } },
        container: keep({ id: id('container_'), expires_at: '2027-01-01T00:00:00Z', files: said }),
      })
    if (path === '/v1/chat/completions') {
      const audio = keep({ id: id('audio_'), transcript: said, data: '', expires_at: 1 })
      const message = { role: 'assistant', content: null, refusal: null, audio }
      return json(response, 200, {
        ...{ id: id('chatcmpl-'), object: 'chat.completion', created: 1, model: 'm' },
        choices: [{ index: 0, finish_reason: 'stop', message }],
        usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 },
      })
    }
    const reasoning = keep({ id: id('rs_'), type: 'reasoning', summary: [], kept: said })
    const message = {
      ...{ id: id('msg_'), type: 'message', role: 'assistant', status: 'completed' },
      content: [{ type: 'output_text', text: said, annotations: [] }],
    }
    keep({ ...message, kept: said })
    const answer = keep({
      ...{ id: id('resp_'), object: 'response', created_at: 1, model: 'm', status: 'completed' },
      ...{ error: null, incomplete_details: null, instructions: null, metadata: {} },
      output: [{ id: reasoning.id, type: 'reasoning', summary: [] }, message],
      usage: { input_tokens: 1, output_tokens: 1, total_tokens: 2 },
    })
    if (asked.stream !== true) return json(response, 200, answer)
    response.writeHead(200, { 'content-type': 'text/event-stream', 'x-seen': String(headers['user-agent'] ?? '') })
    let sequence = 0
    const write = (type: string, more: Body) =>
      response.write(`event: ${type}\ndata: ${JSON.stringify({ type, sequence_number: sequence++, ...more })}\n\n`)
    write('response.created', { response: { ...answer, status: 'in_progress', output: [] } })
    await upstream.held
    for (const [output_index, item] of answer.output.entries()) {
      write('response.output_item.added', { output_index, item: { ...item, content: [] } })
      if (item === message)
        write('response.output_text.delta', {
          item_id: item.id,
          output_index,
          content_index: 0,
          delta: said,
          logprobs: [],
        })
      write('response.output_item.done', { output_index, item })
    }
    write('response.completed', { response: answer })
    response.end()
  }
  return upstream
}
