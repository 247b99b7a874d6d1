import { type Exchange, NO_USAGE, type Usage } from '../conversation/exchange.ts'
import type {
  ChannelText,
  ComposeContext,
  EventFacts,
  Notice,
  SseEvent,
  StreamReader,
  StreamRewriter,
} from './adapter.ts'
import { fallbackBlock, iterations, messageStart, refusalEnd } from './anthropic-compose.ts'
import { EscapeReader } from './escapes.ts'
import { ProtocolError } from './json.ts'
import { sseEvent } from './sse.ts'
import { anthropicUsage } from './usage.ts'
import { isRecord, type Json, numberOr, stringOr, stringValuesIn } from './values.ts'

const NOTHING: EventFacts = { texts: [], closes: [], uninspected: [], terminal: false, idle: true }

/** @throws {ProtocolError} `upstream_invalid`. */
export function parseEvent({ data }: SseEvent): Json {
  try {
    const value: unknown = JSON.parse(data)
    if (isRecord(value)) return value
  } catch {
    // Falls through: the parser's own message would quote the answer.
  }
  throw new ProtocolError('upstream_invalid', 'an event of the answer is not a JSON object')
}

/** Follows one streamed Messages answer. */
export class MessagesReader implements StreamReader {
  usage: Usage | null = null
  model: string | null = null
  upstreamRefusal = false
  failed = false
  complete = false
  readonly #escapes = new Map<string, EscapeReader>()
  /** What the caller has seen: the blocks that are open there, whether the message began, and its id. */
  readonly #open = new Set<number>()
  #started = false

  read(event: SseEvent): EventFacts {
    if (event.event === 'ping') return NOTHING
    const body = parseEvent(event)
    switch (body.type) {
      case 'ping':
        return NOTHING
      case 'message_start':
        return this.#start(isRecord(body.message) ? body.message : {})
      case 'content_block_start':
        return this.#blockStart(body)
      case 'content_block_delta':
        return this.#delta(body)
      case 'content_block_stop':
        return { ...NOTHING, closes: [channelOf(body)], idle: false }
      case 'message_delta': {
        const delta = isRecord(body.delta) ? body.delta : {}
        this.usage = anthropicUsage(body.usage, this.usage)
        this.upstreamRefusal = delta.stop_reason === 'refusal'
        this.complete = typeof delta.stop_reason === 'string'
        return { ...NOTHING, terminal: this.complete, idle: false }
      }
      case 'message_stop':
        return { ...NOTHING, idle: false }
      case 'error':
        this.failed = true
        return { ...NOTHING, terminal: true, idle: false }
      default:
        // A kind we do not know may carry text: it is read before it may leave.
        return {
          ...NOTHING,
          texts: texts('unknown', 'text', stringValuesIn(body).join('\n')),
          uninspected: ['unknown'],
          idle: false,
        }
    }
  }

  released(event: SseEvent): void {
    if (event.event === 'ping' || event.data === '') return
    const body = parseEvent(event)
    const index = numberOr(body.index, 0)
    if (body.type === 'message_start') this.#started = true
    else if (body.type === 'content_block_start') this.#open.add(index)
    else if (body.type === 'content_block_stop') this.#open.delete(index)
  }

  refuse(notice: Notice, exchange: Exchange, context: ComposeContext): string {
    const usage = this.usage ?? NO_USAGE
    const start = this.#started ? '' : messageStart(`msg_${context.ulid}`, exchange.model, usage)
    const closed = [...this.#open].map((index) => sseEvent('content_block_stop', { index })).join('')
    return start + closed + refusalEnd(notice, exchange, usage)
  }

  #start(message: Json): EventFacts {
    this.usage = anthropicUsage(message.usage)
    this.model = stringOr(message.model, null)
    return { ...NOTHING, idle: false }
  }

  #blockStart(body: Json): EventFacts {
    const block = isRecord(body.content_block) ? body.content_block : {}
    const channel = channelOf(body)
    const type = stringOr(block.type, '')
    const facts = { ...NOTHING, idle: false }
    if (type === 'text') return { ...facts, texts: texts(channel, 'text', stringOr(block.text, '')) }
    if (type === 'thinking') return { ...facts, texts: texts(channel, 'reasoning', stringOr(block.thinking, '')) }
    if (type === 'redacted_thinking') return { ...facts, uninspected: ['encrypted'] }
    if (type === 'fallback') return facts
    if (type.endsWith('tool_use')) {
      this.#escapes.set(channel, new EscapeReader())
      const given = stringValuesIn(block.input).join('\n')
      return {
        ...facts,
        texts: [
          ...texts(channel, 'tool_name', `${stringOr(block.name, '')}\n`),
          ...texts(channel, 'tool_input', given),
        ],
      }
    }
    const read = texts(channel, 'text', stringValuesIn(block).join('\n'))
    return type.endsWith('tool_result')
      ? { ...facts, texts: read }
      : { ...facts, texts: read, uninspected: ['unknown'] }
  }

  #delta(body: Json): EventFacts {
    const delta = isRecord(body.delta) ? body.delta : {}
    const channel = channelOf(body)
    const facts = { ...NOTHING, idle: false }
    switch (delta.type) {
      case 'text_delta':
        return { ...facts, texts: texts(channel, 'text', stringOr(delta.text, '')) }
      case 'thinking_delta':
        return { ...facts, texts: texts(channel, 'reasoning', stringOr(delta.thinking, '')) }
      case 'input_json_delta': {
        const json = stringOr(delta.partial_json, '')
        return { ...facts, texts: texts(channel, 'tool_input', this.#escapes.get(channel)?.push(json) ?? json) }
      }
      case 'signature_delta':
        return facts
      default:
        return { ...facts, texts: texts(channel, 'text', stringValuesIn(delta).join('\n')) }
    }
  }
}

function texts(channel: string, place: ChannelText['place'], text: string): readonly ChannelText[] {
  return text === '' ? [] : [{ channel, place, text }]
}

function channelOf(body: Json): string {
  return `block ${numberOr(body.index, 0)}`
}

/** Rewrites a target's stream: the fallback block at index 0 where it parses, iterations and `sluice` at the end. */
export class MessagesRewriter implements StreamRewriter {
  readonly #notice: Notice
  readonly #exchange: Exchange
  readonly #context: ComposeContext
  #start: Json = {}

  constructor(notice: Notice, exchange: Exchange, context: ComposeContext) {
    this.#notice = notice
    this.#exchange = exchange
    this.#context = context
  }

  rewrite(event: SseEvent, raw: string): string {
    if (event.data === '' || event.event === 'ping') return raw
    const body = parseEvent(event)
    const block = this.#exchange.wants.fallbackBlock
    if (body.type === 'message_start') {
      const message = isRecord(body.message) ? body.message : {}
      this.#start = isRecord(message.usage) ? message.usage : {}
      return block ? raw + this.#block() : raw
    }
    if (body.type === 'message_delta') {
      // There may be several; the last word rides on the one that ends the answer.
      if (!isRecord(body.delta) || typeof body.delta.stop_reason !== 'string') return raw
      const usage = { ...this.#start, ...(isRecord(body.usage) ? body.usage : {}) }
      const told = {
        ...(isRecord(body.usage) ? body.usage : {}),
        iterations: iterations(usage, this.#exchange, this.#context),
      }
      return sseEvent('message_delta', { ...body, usage: told, sluice: this.#notice.member })
    }
    if (block && typeof body.index === 'number') return sseEvent(String(body.type), { ...body, index: body.index + 1 })
    return raw
  }

  /** Whatever had been complete was written as it came. */
  end(): string {
    return ''
  }

  #block(): string {
    const block = fallbackBlock(this.#notice, this.#exchange, this.#context)
    return (
      sseEvent('content_block_start', { index: 0, content_block: block }) + sseEvent('content_block_stop', { index: 0 })
    )
  }
}
