import { type Exchange, NO_USAGE, type Usage } from '../conversation/exchange.ts'
import { type ComposeContext, lastUsage, type Notice } from './adapter.ts'
import { sseEvent } from './sse.ts'
import { type Json, records } from './values.ts'

/** What Sluice writes on the Responses surface (wire.md §10). */

export function responsesRefusal(notice: Notice, exchange: Exchange, context: ComposeContext): string {
  const id = context.ulid
  const item = messageItem(`msg_${id}`, 'incomplete', [{ type: 'refusal', refusal: notice.explanation }])
  const start = responseBase(`resp_${id}`, context.createdAtSeconds, exchange.model)
  return JSON.stringify({ ...start, ...incomplete([item], lastUsage(context)), sluice: notice.member })
}

export function responsesRefusalStream(notice: Notice, exchange: Exchange, context: ComposeContext): string {
  const base = responseBase(`resp_${context.ulid}`, context.createdAtSeconds, exchange.model)
  const created = sseEvent('response.created', {
    sequence_number: 0,
    response: { ...base, status: 'in_progress', output: [] },
  })
  const item = messageItem(`msg_${context.ulid}`, 'in_progress', [])
  return (
    created +
    refusalItem(
      { sequence: 1, outputIndex: 0, item, isNew: true, base, before: [] },
      notice.explanation,
      notice,
      NO_USAGE,
    )
  )
}

export function responseBase(id: string, createdAt: number, model: string): Json {
  const nothing = { error: null, incomplete_details: null, instructions: null, metadata: {}, access_programs: null }
  const settings = { parallel_tool_calls: true, temperature: 1, top_p: 1, tool_choice: 'auto', tools: [] }
  return { id, object: 'response', created_at: createdAt, model, ...nothing, ...settings }
}

export function messageItem(id: string, status: string, content: readonly Json[]): Json {
  return { id, type: 'message', role: 'assistant', status, content }
}

export function incomplete(output: readonly Json[], usage: Usage): Json {
  return {
    status: 'incomplete',
    incomplete_details: { reason: 'content_filter' },
    output,
    usage: responsesUsage(usage),
  }
}

export interface RefusalPlace {
  readonly sequence: number
  readonly outputIndex: number
  /** The message item that takes the refusal, with the parts it already has. */
  readonly item: Json
  /** The item was not announced yet. */
  readonly isNew: boolean
  readonly base: Json
  /** Items that are complete. */
  readonly before: readonly Json[]
}

/** Events that put a refusal part into an item (opening it if it is new) and end the response. */
export function refusalItem(place: RefusalPlace, words: string, notice: Notice, usage: Usage): string {
  const { outputIndex: output_index, item } = place
  const parts = records(item.content)
  let sequence_number = place.sequence
  const event = (type: string, body: Json) => sseEvent(type, { sequence_number: sequence_number++, ...body })
  const at = { item_id: item.id, output_index, content_index: parts.length }
  const part = { type: 'refusal', refusal: words }
  const done = { ...item, status: 'incomplete', content: [...parts, part] }
  return [
    place.isNew ? event('response.output_item.added', { output_index, item }) : '',
    event('response.content_part.added', { ...at, part: { type: 'refusal', refusal: '' } }),
    event('response.refusal.delta', { ...at, delta: words }),
    event('response.refusal.done', { ...at, refusal: words }),
    event('response.content_part.done', { ...at, part }),
    event('response.output_item.done', { output_index, item: done }),
    event('response.incomplete', {
      response: { ...place.base, ...incomplete([...place.before, done], usage), sluice: notice.member },
    }),
  ].join('')
}

export function responsesUsage(usage: Usage): Json {
  const { inputTokens, outputTokens, cacheReadTokens, cacheWriteTokens } = usage
  return {
    input_tokens: inputTokens,
    input_tokens_details: { cached_tokens: cacheReadTokens, cache_write_tokens: cacheWriteTokens },
    output_tokens: outputTokens,
    output_tokens_details: { reasoning_tokens: 0 },
    total_tokens: inputTokens + outputTokens,
  }
}
