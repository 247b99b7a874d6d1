import { type Exchange, NO_USAGE, type Usage, type VendorCategory } from '../conversation/exchange.ts'
import type {
  ChannelText,
  ComposeContext,
  EventFacts,
  Notice,
  Seam,
  SseEvent,
  StreamReader,
  WireError,
} from './adapter.ts'
import { messageStart, refusalEnd } from './anthropic-compose.ts'
import { MessagesRewriter } from './anthropic-rewrite.ts'
import { EscapeReader } from './escapes.ts'
import { parseEvent } from './parse-event.ts'
import { refusedCategory } from './refused-category.ts'
import { sseEvent } from './sse.ts'
import { anthropicUsage } from './usage.ts'
import { isRecord, type Json, numberOr, stringOr, stringValuesIn } from './values.ts'
import { wireErrorBody } from './wire-errors.ts'

const NOTHING: EventFacts = { texts: [], closes: [], uninspected: [], terminal: false, idle: true }

/** Follows one streamed Messages answer. */
export class MessagesReader implements StreamReader {
  usage: Usage | null = null
  model: string | null = null
  upstreamRefusal = false
  refusedCategory: VendorCategory | null = null
  failed = false
  complete = false
  readonly #escapes = new Map<string, EscapeReader>()
  /** What the caller has seen: the blocks that are open there, the next index, and whether the message began. */
  readonly #open = new Set<number>()
  #next = 0
  #started: boolean

  constructor(resumed = false) {
    this.#started = resumed
  }

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
        this.refusedCategory = refusedCategory(delta.stop_details)
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
    else if (body.type === 'content_block_start') {
      this.#open.add(index)
      this.#next = Math.max(this.#next, index + 1)
    } else if (body.type === 'content_block_stop') this.#open.delete(index)
  }

  refuse(notice: Notice, exchange: Exchange, context: ComposeContext): string {
    const usage = this.usage ?? NO_USAGE
    const start = this.#started ? '' : messageStart(`msg_${context.ulid}`, exchange.model, usage)
    return start + this.#closed() + refusalEnd(notice, exchange, context)
  }

  fail(error: WireError, _exchange: Exchange, { ulid }: ComposeContext): string {
    return `event: error\ndata: ${wireErrorBody('anthropic', error, `req_${ulid}`)}\n\n`
  }

  seam(notice: Notice, exchange: Exchange, context: ComposeContext, said: string): Seam {
    const events = this.#closed()
    const rewriter = new MessagesRewriter(notice, exchange, context, { next: this.#next, said })
    return { events: events + rewriter.opening(), rewriter }
  }

  #closed(): string {
    return [...this.#open].map((index) => sseEvent('content_block_stop', { index })).join('')
  }

  #start(message: Json): EventFacts {
    this.usage = anthropicUsage(message.usage)
    this.model = stringOr(message.model, null)
    // Empty, but for an upstream that begins with a part of its answer.
    return {
      ...NOTHING,
      texts: texts(channelOf({ index: 0 }), 'text', stringValuesIn(message.content).join('\n')),
      idle: false,
    }
  }

  #blockStart(body: Json): EventFacts {
    const block = isRecord(body.content_block) ? body.content_block : {}
    const channel = channelOf(body)
    const type = stringOr(block.type, '')
    const facts = { ...NOTHING, idle: false }
    if (type === 'text')
      return { ...facts, texts: [...texts(channel, 'text', stringOr(block.text, '')), ...besideText(channel, block)] }
    if (type === 'thinking') return { ...facts, texts: texts(channel, 'reasoning', stringOr(block.thinking, '')) }
    if (type === 'redacted_thinking') return { ...facts, uninspected: ['encrypted'] }
    if (type === 'fallback') return facts
    if (type.endsWith('tool_use')) {
      this.#escapes.set(channel, new EscapeReader())
      const given = stringValuesIn(block.input).join('\n')
      return {
        ...facts,
        texts: [
          { channel, place: 'tool_name', text: `${stringOr(block.name, '')}\n`, ...toolUse(block) },
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

/** The id of a tool call, for the text that it begins with. */
export function toolUse({ id }: Json): Pick<ChannelText, 'toolUse'> {
  return typeof id === 'string' && id !== '' ? { toolUse: id } : {}
}

/** What a block of text holds beside it: the words of its sources. */
export function besideText(channel: string, { type: _, text: __, ...more }: Json): readonly ChannelText[] {
  return texts(channel, 'text', stringValuesIn(more).join('\n'))
}

function texts(channel: string, place: ChannelText['place'], text: string): readonly ChannelText[] {
  return text === '' ? [] : [{ channel, place, text }]
}

function channelOf(body: Json): string {
  return `block ${numberOr(body.index, 0)}`
}
