import type { Answer } from './answer.ts'

/** Answers in the three wire formats, whole and as events. The shapes are the vendors' own; nothing of Sluice's is in them. */

type Json = Record<string, unknown>
const event = (type: string, body: Json) => `event: ${type}\ndata: ${JSON.stringify({ type, ...body })}\n\n`
const data = (body: unknown) => `data: ${JSON.stringify(body)}\n\n`

const STOPS = {
  messages: { end: 'end_turn', length: 'max_tokens', refusal: 'refusal' },
  chat: { end: 'stop', length: 'length', refusal: 'content_filter' },
} as const

export interface Shape {
  whole(answer: Answer): Json
  events(answer: Answer): readonly string[]
}

const anthropicUsage = ({ inputTokens, outputTokens }: Answer, output = outputTokens): Json => ({
  input_tokens: inputTokens,
  output_tokens: output,
  cache_creation_input_tokens: 0,
  cache_read_input_tokens: 0,
})

export const messagesShape: Shape = {
  whole(answer) {
    const { id, model, text, tool, stop } = answer
    const block =
      tool === null
        ? { type: 'text', text, citations: null }
        : { type: 'tool_use', id: `toolu_${id}`, name: tool, input: { text } }
    const stop_details =
      stop === 'refusal' ? { type: 'refusal', category: null, explanation: 'the rehearsal model declined' } : null
    return {
      ...messageBase(id, model),
      content: stop === 'refusal' ? [] : [block],
      stop_reason: tool === null ? STOPS.messages[stop] : 'tool_use',
      stop_sequence: null,
      stop_details,
      usage: anthropicUsage(answer),
    }
  },
  events(answer) {
    const { id, model, pieces, tool, stop } = answer
    const start = {
      ...messageBase(id, model),
      content: [],
      stop_reason: null,
      stop_sequence: null,
      stop_details: null,
      usage: anthropicUsage(answer, 1),
    }
    const block =
      tool === null
        ? { type: 'text', text: '', citations: null }
        : { type: 'tool_use', id: `toolu_${id}`, name: tool, input: {} }
    const inputs = tool === null ? [] : split(JSON.stringify({ text: answer.text }), 24)
    const deltas =
      tool === null
        ? pieces.map((text) => ({ type: 'text_delta', text }))
        : inputs.map((partial_json) => ({ type: 'input_json_delta', partial_json }))
    const stop_details =
      stop === 'refusal' ? { type: 'refusal', category: null, explanation: 'the rehearsal model declined' } : null
    const delta = {
      stop_reason: tool === null ? STOPS.messages[stop] : 'tool_use',
      stop_sequence: null,
      stop_details,
      container: null,
    }
    const content = [
      event('content_block_start', { index: 0, content_block: block }),
      event('ping', {}),
      ...deltas.map((one) => event('content_block_delta', { index: 0, delta: one })),
      event('content_block_stop', { index: 0 }),
    ]
    return [
      event('message_start', { message: start }),
      ...(stop === 'refusal' ? [] : content),
      event('message_delta', { delta, usage: anthropicUsage(answer) }),
      event('message_stop', {}),
    ]
  },
}

function messageBase(id: string, model: string): Json {
  return { id: `msg_${id}`, type: 'message', role: 'assistant', model, container: null, diagnostics: null }
}

const chatUsage = ({ inputTokens, outputTokens }: Answer): Json => ({
  prompt_tokens: inputTokens,
  completion_tokens: outputTokens,
  total_tokens: inputTokens + outputTokens,
})

export const chatShape: Shape = {
  whole(answer) {
    const { id, createdAtSeconds: created, model, text, tool, stop, choices } = answer
    const call = { id: `call_${id}`, type: 'function', function: { name: tool, arguments: JSON.stringify({ text }) } }
    const said =
      stop === 'refusal' ? { content: null, refusal: 'the rehearsal model declined' } : { content: text, refusal: null }
    const message =
      tool === null
        ? { role: 'assistant', ...said, annotations: [] }
        : { role: 'assistant', content: null, refusal: null, tool_calls: [call] }
    const finish_reason = tool === null ? STOPS.chat[stop] : 'tool_calls'
    const all = Array.from({ length: choices }, (_, index) => ({ index, message, finish_reason, logprobs: null }))
    return { id: `chatcmpl-${id}`, object: 'chat.completion', created, model, choices: all, usage: chatUsage(answer) }
  },
  events(answer) {
    const { id, createdAtSeconds: created, model, pieces, tool, stop, choices, text } = answer
    const base = { id: `chatcmpl-${id}`, object: 'chat.completion.chunk', created, model }
    const chunk = (index: number, delta: Json, finish_reason: string | null = null) =>
      data({ ...base, choices: [{ index, delta, finish_reason, logprobs: null }] })
    const all = Array.from({ length: choices }, (_, index) => index)
    const called = (piece: string, first: boolean): Json => ({
      tool_calls: [
        {
          index: 0,
          ...(first ? { id: `call_${id}`, type: 'function' } : {}),
          function: { ...(first ? { name: tool } : {}), arguments: piece },
        },
      ],
    })
    const deltas: Json[] =
      stop === 'refusal'
        ? [{ refusal: 'the rehearsal model declined' }]
        : tool === null
          ? pieces.map((content) => ({ content }))
          : split(JSON.stringify({ text }), 24).map((piece, i) => called(piece, i === 0))
    return [
      ...all.map((index) => chunk(index, { role: 'assistant', content: '' })),
      ...deltas.flatMap((delta) => all.map((index) => chunk(index, delta))),
      ...all.map((index) => chunk(index, {}, tool === null ? STOPS.chat[stop] : 'tool_calls')),
      ...(answer.includeUsage ? [data({ ...base, choices: [], usage: chatUsage(answer) })] : []),
      'data: [DONE]\n\n',
    ]
  },
}

const responsesUsage = ({ inputTokens, outputTokens }: Answer): Json => ({
  input_tokens: inputTokens,
  input_tokens_details: { cached_tokens: 0, cache_write_tokens: 0 },
  output_tokens: outputTokens,
  output_tokens_details: { reasoning_tokens: 0 },
  total_tokens: inputTokens + outputTokens,
})

export const responsesShape: Shape = {
  whole(answer) {
    const { stop } = answer
    const status = stop === 'end' ? 'completed' : 'incomplete'
    const reason = stop === 'length' ? 'max_output_tokens' : 'content_filter'
    return {
      ...responseBase(answer),
      status,
      incomplete_details: stop === 'end' ? null : { reason },
      output: [outputItem(answer, status)],
      usage: responsesUsage(answer),
    }
  },
  events(answer) {
    const { tool, stop, text, pieces } = answer
    let sequence_number = 0
    const next = (type: string, body: Json) => event(type, { sequence_number: sequence_number++, ...body })
    const item = outputItem(answer, stop === 'end' ? 'completed' : 'incomplete')
    const open =
      tool === null
        ? { ...item, status: 'in_progress', content: [] }
        : { ...item, status: 'in_progress', arguments: '' }
    const start = { ...responseBase(answer), status: 'in_progress', incomplete_details: null, output: [] }
    const at = { item_id: item.id, output_index: 0, content_index: 0 }
    const part = { type: 'output_text', text, annotations: [] }
    const said = () => [
      next('response.content_part.added', { ...at, part: { ...part, text: '' } }),
      ...pieces.map((delta) => next('response.output_text.delta', { ...at, delta, logprobs: [] })),
      next('response.output_text.done', { ...at, text, logprobs: [] }),
      next('response.content_part.done', { ...at, part }),
    ]
    const call = () => {
      const json = JSON.stringify({ text })
      const where = { item_id: item.id, output_index: 0 }
      const deltas = split(json, 24).map((delta) => next('response.function_call_arguments.delta', { ...where, delta }))
      return [...deltas, next('response.function_call_arguments.done', { ...where, name: tool, arguments: json })]
    }
    const refused = () => {
      const refusal = 'the rehearsal model declined'
      return [
        next('response.content_part.added', { ...at, part: { type: 'refusal', refusal: '' } }),
        next('response.refusal.delta', { ...at, delta: refusal }),
        next('response.refusal.done', { ...at, refusal }),
        next('response.content_part.done', { ...at, part: { type: 'refusal', refusal } }),
      ]
    }
    const head = [
      next('response.created', { response: start }),
      next('response.in_progress', { response: start }),
      next('response.output_item.added', { output_index: 0, item: open }),
    ]
    const body = stop === 'refusal' ? refused() : tool === null ? said() : call()
    const done = next('response.output_item.done', { output_index: 0, item })
    const end = stop === 'end' ? 'response.completed' : 'response.incomplete'
    return [...head, ...body, done, next(end, { response: responsesShape.whole(answer) })]
  },
}

function responseBase({ id, createdAtSeconds, model }: Answer): Json {
  const settings = { parallel_tool_calls: true, temperature: 1, top_p: 1, tool_choice: 'auto', tools: [], metadata: {} }
  return {
    id: `resp_${id}`,
    object: 'response',
    created_at: createdAtSeconds,
    model,
    error: null,
    instructions: null,
    access_programs: null,
    ...settings,
  }
}

function outputItem({ id, tool, text, stop }: Answer, status: string): Json {
  if (tool !== null)
    return {
      id: `fc_${id}`,
      type: 'function_call',
      status,
      call_id: `call_${id}`,
      name: tool,
      arguments: JSON.stringify({ text }),
    }
  const refusal = { type: 'refusal', refusal: 'the rehearsal model declined' }
  const content = stop === 'refusal' ? [refusal] : [{ type: 'output_text', text, annotations: [], logprobs: [] }]
  return { id: `msg_${id}`, type: 'message', role: 'assistant', status, content }
}

function split(text: string, size: number): readonly string[] {
  return Array.from({ length: Math.ceil(text.length / size) }, (_, i) => text.slice(i * size, (i + 1) * size))
}
