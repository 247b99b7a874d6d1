import type { Exchange, Usage } from '../conversation/exchange.ts'
import {
  type ChannelText,
  type ComposeContext,
  type EventFacts,
  type Notice,
  type SseEvent,
  type StreamReader,
  type StreamRewriter,
  stoppedUsage,
  type WireError,
} from './adapter.ts'
import { parseEvent } from './anthropic-stream.ts'
import { EscapeReader } from './escapes.ts'
import { replaceIn, replaceTopLevel } from './json.ts'
import { messageItem, refusalItem, responseBase, responsesUsage } from './responses-compose.ts'
import { ReleasedResponse } from './responses-released.ts'
import { sseEvent, sseText } from './sse.ts'
import { openaiUsage } from './usage.ts'
import { isRecord, type Json, numberOr, stringOr, stringValuesIn } from './values.ts'

const NOTHING: EventFacts = { texts: [], closes: [], uninspected: [], terminal: false, idle: true }
const TERMINAL: ReadonlySet<string> = new Set(['response.completed', 'response.incomplete', 'response.failed', 'error'])
/** Events that repeat text already sent as deltas, or carry none. */
const REPEATS =
  /^response\.(created|queued|in_progress|content_part\.(added|done)|output_text\.done|refusal\.done|function_call_arguments\.done|custom_tool_call_input\.done|mcp_call_arguments\.done|code_interpreter_call_code\.done|reasoning_text\.done|reasoning_summary_(text|part)\.(done|added)|[a-z_]+_call\.(in_progress|searching|completed|generating|interpreting|failed))$/
const DELTAS: ReadonlyMap<string, ChannelText['place']> = new Map<string, ChannelText['place']>([
  ['response.output_text.delta', 'text'],
  ['response.refusal.delta', 'refusal'],
  ['response.reasoning_text.delta', 'reasoning'],
  ['response.reasoning_summary_text.delta', 'reasoning'],
  ['response.function_call_arguments.delta', 'tool_input'],
  ['response.custom_tool_call_input.delta', 'tool_input'],
  ['response.mcp_call_arguments.delta', 'tool_input'],
  ['response.code_interpreter_call_code.delta', 'tool_input'],
])

/** Items whose text came as deltas; an image is no text. */
const STREAMED: ReadonlySet<string> = new Set([
  'message',
  'reasoning',
  'function_call',
  'custom_tool_call',
  'image_generation_call',
])

/** Follows one streamed Responses answer. */
export class ResponsesReader implements StreamReader {
  usage: Usage | null = null
  model: string | null = null
  upstreamRefusal = false
  readonly refusedCategory = null
  failed = false
  complete = false
  readonly #escapes = new Map<string, EscapeReader>()
  readonly #released = new ReleasedResponse()

  read(event: SseEvent): EventFacts {
    const body = parseEvent(event)
    const type = stringOr(body.type, event.event)
    const place = DELTAS.get(type)
    if (place !== undefined) return this.#delta(body, place)
    if (TERMINAL.has(type)) return this.#end(type, body)
    if (type === 'response.created') {
      const response = isRecord(body.response) ? body.response : {}
      this.model = stringOr(response.model, null)
      return { ...NOTHING, idle: false }
    }
    if (type === 'response.output_item.added') return this.#itemAdded(body)
    if (type === 'response.output_item.done') return this.#itemDone(body)
    // Titles and addresses of sources; the text they belong to came as deltas.
    if (type === 'response.output_text.annotation.added') {
      const words = stringValuesIn(body.annotation).join('\n')
      const channel = `${channelOf(body)} annotations`
      return { ...NOTHING, texts: words === '' ? [] : [{ channel, place: 'text', text: words }], idle: false }
    }
    if (REPEATS.test(type)) return { ...NOTHING, idle: false }
    // A kind we do not know may carry text: it is read before it may leave.
    const words = stringValuesIn(body).join('\n')
    return {
      ...NOTHING,
      texts: words === '' ? [] : [{ channel: 'unknown', place: 'text', text: words }],
      uninspected: ['unknown'],
      idle: false,
    }
  }

  released(event: SseEvent): void {
    if (event.data !== '') this.#released.see(parseEvent(event))
  }

  /** There is no native word for a change of model in mid-answer. */
  seam(): null {
    return null
  }

  refuse(notice: Notice, exchange: Exchange, context: ComposeContext): string {
    const usage = stoppedUsage(context, this.usage)
    const released = this.#released
    const words = released.base === null ? notice.explanation : `\n\n${notice.explanation}`
    const base = released.base ?? responseBase(`resp_${context.ulid}`, context.createdAtSeconds, exchange.model)
    let { sequence } = released
    let out = ''
    if (released.base === null)
      out = sseEvent('response.created', {
        sequence_number: sequence++,
        response: { ...base, status: 'in_progress', output: [] },
      })
    const closed = released.close(sequence)
    out += closed.events
    const open = released.openMessage()
    const item = open?.item ?? messageItem(`msg_${context.ulid}`, 'in_progress', [])
    const outputIndex = open?.outputIndex ?? released.nextOutputIndex
    return (
      out +
      refusalItem(
        { sequence: closed.sequence, outputIndex, item, isNew: open === null, base, before: released.finished() },
        words,
        notice,
        usage,
      )
    )
  }

  /** An `error` event, then the response as far as it had come, failed. */
  fail({ message, code, param }: WireError, exchange: Exchange, context: ComposeContext): string {
    const released = this.#released
    const base = released.base ?? responseBase(`resp_${context.ulid}`, context.createdAtSeconds, exchange.model)
    const response = {
      ...base,
      status: 'failed',
      output: released.soFar(),
      error: { code: 'server_error', message },
      ...(this.usage === null ? {} : { usage: responsesUsage(this.usage) }),
    }
    const { sequence } = released
    return (
      sseEvent('error', { sequence_number: sequence, code, message, param: param ?? null }) +
      sseEvent('response.failed', { sequence_number: sequence + 1, response })
    )
  }

  #delta(body: Json, place: ChannelText['place']): EventFacts {
    const channel = channelOf(body)
    let text = stringOr(body.delta, '')
    if (place === 'refusal') this.upstreamRefusal = true
    if (place === 'tool_input') {
      if (!this.#escapes.has(channel)) this.#escapes.set(channel, new EscapeReader())
      text = this.#escapes.get(channel)!.push(text)
    }
    return { ...NOTHING, texts: text === '' ? [] : [{ channel, place, text }], idle: false }
  }

  #itemAdded(body: Json): EventFacts {
    const item = isRecord(body.item) ? body.item : {}
    const type = stringOr(item.type, 'message')
    if (type === 'message' || type === 'reasoning') return { ...NOTHING, idle: false }
    const name = stringOr(item.name, '')
    const texts: ChannelText[] =
      name === '' ? [] : [{ channel: channelOf(body), place: 'tool_name', text: `${name}\n` }]
    return { ...NOTHING, texts, uninspected: type === 'image_generation_call' ? ['image'] : [], idle: false }
  }

  /** Items of most kinds come without deltas: what they say stands in the item, which is complete only here. */
  #itemDone(body: Json): EventFacts {
    const item = isRecord(body.item) ? body.item : {}
    const channel = channelOf(body)
    const type = stringOr(item.type, 'message')
    const facts = { ...NOTHING, closes: [channel], idle: false }
    if (STREAMED.has(type)) return facts
    const words = stringValuesIn(item).join('\n')
    const known = type.endsWith('_call') || type.endsWith('_output')
    return { ...facts, texts: [{ channel, place: 'tool_input', text: words }], uninspected: known ? [] : ['unknown'] }
  }

  #end(type: string, body: Json): EventFacts {
    const response = isRecord(body.response) ? body.response : {}
    this.usage = openaiUsage(response.usage) ?? this.usage
    this.model = stringOr(response.model, this.model)
    this.failed = type === 'error' || type === 'response.failed'
    this.complete = !this.failed
    const details = isRecord(response.incomplete_details) ? response.incomplete_details : {}
    if (details.reason === 'content_filter') this.upstreamRefusal = true
    return { ...NOTHING, terminal: true, idle: false }
  }
}

/** Texts of one output item are read as one running text; its parts follow each other on the screen. */
function channelOf(body: Json): string {
  return `item ${numberOr(body.output_index, 0)}`
}

/** Passes a target's stream on with the `sluice` member on the response that ends it. */
export class ResponsesRewriter implements StreamRewriter {
  readonly #notice: Notice

  constructor(notice: Notice) {
    this.#notice = notice
  }

  /** Whatever had been complete was written as it came. */
  end(): string {
    return ''
  }

  rewrite(event: SseEvent, raw: string): string {
    if (event.data === '') return raw
    const body = parseEvent(event)
    // Clients go by the `type` of the data; not every upstream writes an `event:` line.
    const type = stringOr(body.type, event.event)
    if (!TERMINAL.has(type) || type === 'error') return raw
    const document = { value: body, text: event.data }
    const response = replaceIn(document, 'response', { set: { sluice: this.#notice.member } })
    return sseText(type, replaceTopLevel(document, { set: { type }, raw: { response } }))
  }
}
