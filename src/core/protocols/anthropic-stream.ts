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
import {
  beside,
  blocksOf,
  blockTexts,
  CARRIER_SILENT,
  ENDING_SILENT,
  EVENT_SILENT,
  type Fresh,
  MESSAGE_SILENT,
  saying,
} from './anthropic-texts.ts'
import { EscapeReader } from './escapes.ts'
import { parseEvent } from './parse-event.ts'
import { ReadTexts } from './read-texts.ts'
import { refusedCategory } from './refused-category.ts'
import { sseEvent } from './sse.ts'
import { anthropicUsage } from './usage.ts'
import { isRecord, type Json, numberOr, stringOr, stringValuesIn } from './values.ts'
import { wireErrorBody } from './wire-errors.ts'

const NOTHING: EventFacts = { texts: [], closes: [], uninspected: [], terminal: false, idle: true }
const SAYING: EventFacts = { ...NOTHING, idle: false }

/** Follows one streamed Messages answer. */
export class MessagesReader implements StreamReader {
  usage: Usage | null = null
  model: string | null = null
  upstreamRefusal = false
  refusedCategory: VendorCategory | null = null
  failed = false
  complete = false
  readonly #escapes = new Map<string, EscapeReader>()
  readonly #read = new ReadTexts()
  /** Some upstreams say the same beside each piece of text: an id, the model, the sources so far. */
  readonly #fresh: Fresh = (place, text) => this.#read.beyond(place, text)?.text ?? ''
  /** Blocks of text that are open, and the channel of each: blocks that follow each other are one running text. */
  readonly #texts = new Map<string, string>()
  /** The running text whose last block has ended, while nothing else has begun. */
  #ended: string | null = null
  /** What the caller has seen: the blocks that are open there, the next index, and whether the message began. */
  readonly #open = new Set<number>()
  #next = 0
  #started: boolean

  constructor(resumed = false) {
    this.#started = resumed
  }

  read(event: SseEvent): EventFacts {
    const isPing = event.event === 'ping'
    if (isPing && (event.data === PING || event.data === '')) return NOTHING
    const body = parseEvent(event)
    if (isPing && stringValuesIn(body).length === 0) return NOTHING
    const facts = this.#known(body)
    if (facts === null)
      // A kind we do not know may carry text: it is read before it may leave.
      return { ...SAYING, texts: saying('unknown', 'text', stringValuesIn(body)), uninspected: ['unknown'] }
    const more = beside('event', body, CARRIER_SILENT.get(body.type) ?? EVENT_SILENT, this.#fresh)
    const rest = restOf(body)
    const unread = rest === null ? NOTHING.texts : beside('event', { rest }, NONE_SILENT, this.#fresh)
    const texts = more.length + unread.length === 0 ? facts.texts : [...facts.texts, ...more, ...unread]
    if (!texts.some(isBeside)) return facts
    // It is whole as it stands: nothing waits for more of it.
    const whole = texts.filter(isBeside).map(({ channel }) => channel)
    const read = { ...facts, texts, closes: [...facts.closes, ...whole], idle: false }
    return body.type === 'message_stop' ? { ...read, bare: sseEvent('message_stop', {}) } : read
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

  #known(body: Json): EventFacts | null {
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
        return this.#blockStop(channelOf(body))
      case 'message_delta':
        return this.#messageDelta(body)
      case 'message_stop':
        return SAYING
      case 'error':
        this.failed = true
        return { ...SAYING, terminal: true }
      default:
        return null
    }
  }

  #start(message: Json): EventFacts {
    this.usage = anthropicUsage(message.usage)
    this.model = stringOr(message.model, null)
    // Empty, but for an upstream that begins with a part of its answer.
    const begun = blocksOf(message.content).map((block, index) => blockTexts(block, channelOf({ index }), this.#fresh))
    return {
      ...SAYING,
      texts: [...begun.flatMap(({ texts }) => texts), ...beside('message', message, MESSAGE_SILENT, this.#fresh)],
      uninspected: begun.flatMap(({ uninspected }) => uninspected),
    }
  }

  #blockStart(body: Json): EventFacts {
    const [block = {}] = blocksOf(body.content_block)
    const own = channelOf(body)
    const closes = this.#ended !== null && block.type !== 'text' ? [this.#ended] : []
    const channel = (block.type === 'text' ? this.#ended : null) ?? own
    this.#ended = null
    if (block.type === 'text') this.#texts.set(own, channel)
    else if (stringOr(block.type, '').endsWith('tool_use')) this.#escapes.set(own, new EscapeReader())
    return { ...SAYING, ...blockTexts(block, channel, this.#fresh), closes }
  }

  #delta(body: Json): EventFacts {
    const [delta = {}] = blocksOf(body.delta)
    const own = channelOf(body)
    const channel = this.#texts.get(own) ?? own
    switch (delta.type) {
      case 'text_delta':
        return { ...SAYING, texts: this.#piece(channel, 'text', 'text', delta) }
      case 'thinking_delta':
        return { ...SAYING, texts: this.#piece(channel, 'reasoning', 'thinking', delta) }
      case 'input_json_delta':
        return { ...SAYING, texts: this.#piece(channel, 'tool_input', 'partial_json', delta) }
      case 'signature_delta':
      case 'citations_delta':
        return { ...SAYING, texts: beside(channel, delta, DELTA_SILENT, this.#fresh) }
      default:
        return { ...SAYING, texts: saying(channel, 'text', unnamed(delta)) }
    }
  }

  /** A piece of running text, and what else its delta says. */
  #piece(
    channel: string,
    place: ChannelText['place'],
    member: keyof typeof PIECES,
    delta: Json,
  ): readonly ChannelText[] {
    const value = delta[member]
    const escapes = place === 'tool_input' && typeof value === 'string' ? this.#escapes.get(channel) : undefined
    const said = saying(channel, place, escapes === undefined ? value : escapes.push(value as string))
    const more = beside(channel, delta, PIECES[member], this.#fresh)
    return more.length === 0 ? said : [...said, ...more]
  }

  #blockStop(own: string): EventFacts {
    const channel = this.#texts.get(own)
    if (channel === undefined) return { ...SAYING, closes: [own] }
    this.#texts.delete(own)
    this.#ended = channel
    return { ...SAYING, pauses: [channel] }
  }

  #messageDelta(body: Json): EventFacts {
    const delta = isRecord(body.delta) ? body.delta : {}
    this.usage = anthropicUsage(body.usage, this.usage)
    this.upstreamRefusal = delta.stop_reason === 'refusal'
    this.refusedCategory = refusedCategory(delta.stop_details)
    this.complete = typeof delta.stop_reason === 'string'
    const closes = this.complete && this.#ended !== null ? [this.#ended] : []
    return { ...SAYING, texts: beside('message', delta, ENDING_SILENT, this.#fresh), closes, terminal: this.complete }
  }
}

/** All but its kind, which would stand between the words of one delta and those of the next. */
function unnamed({ type: _, ...said }: Json): Json {
  return said
}

/** What an event carries in another shape than is read by name: all but the first of a list, and what is no message. */
function restOf({ type, message, content_block: block, delta }: Json): unknown {
  switch (type) {
    case 'message_start':
      return isRecord(message) ? null : message
    case 'content_block_start':
      return Array.isArray(block) ? block.slice(1) : null
    case 'content_block_delta':
      return Array.isArray(delta) ? delta.slice(1) : null
    case 'message_delta':
      return isRecord(delta) ? null : delta
    default:
      return null
  }
}

function isBeside({ place }: ChannelText): boolean {
  return place === 'beside'
}

function channelOf(body: Json): string {
  return `block ${numberOr(body.index, 0)}`
}

const NONE_SILENT: ReadonlySet<string> = new Set()
const DELTA_SILENT: ReadonlySet<string> = new Set(['type', 'signature'])
/** The same of deltas of running text, by the member that it comes in. */
const PIECES = {
  text: new Set(['type', 'text']),
  thinking: new Set(['type', 'thinking']),
  partial_json: new Set(['type', 'partial_json']),
} as const
const PING = '{"type":"ping"}'
