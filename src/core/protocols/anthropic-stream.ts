import { type Exchange, NO_USAGE, type Usage, type VendorCategory } from '../conversation/exchange.ts'
import type {
  ChannelText,
  ComposeContext,
  CreditStatus,
  EventFacts,
  Notice,
  Seam,
  SseEvent,
  StreamReader,
  StreamRewriter,
  WireError,
} from './adapter.ts'
import { creditUsage, fallbackBlock, iterations, messageStart, refusalEnd } from './anthropic-compose.ts'
import { EscapeReader } from './escapes.ts'
import { type JsonDocument, objectIn, ProtocolError, replaceIn, replaceTopLevel } from './json.ts'
import { refusedCategory } from './refused-category.ts'
import { sseEvent, sseText } from './sse.ts'
import { anthropicUsage } from './usage.ts'
import { isRecord, type Json, numberOr, stringOr, stringValuesIn } from './values.ts'
import { wireErrorBody } from './wire-errors.ts'

const NOTHING: EventFacts = { texts: [], closes: [], uninspected: [], terminal: false, idle: true }

/** @throws {ProtocolError} `upstream_invalid`. */
export function parseEvent(event: SseEvent): Json {
  if (event.parsed !== undefined) return event.parsed
  try {
    const value: unknown = JSON.parse(event.data)
    if (isRecord(value)) {
      event.parsed = value
      return value
    }
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

/**
 * Rewrites a target's stream: the fallback block and the sentence before its first block where they are wanted,
 * iterations and `sluice` at the end. In mid-answer the target's own start is swallowed, since the message has begun; its
 * blocks continue the count, and its tokens are told at the end.
 */
export class MessagesRewriter implements StreamRewriter {
  readonly #notice: Notice
  readonly #exchange: Exchange
  readonly #context: ComposeContext
  readonly #midway: boolean
  #shift: number
  #start: Json = {}
  /** Blanks that the text before the seam ended with: the target, which went on without them, may say them again. */
  #blanks: string

  /** @param midway Index of the next block, and the text of the answer so far; null before the answer has begun. */
  constructor(
    notice: Notice,
    exchange: Exchange,
    context: ComposeContext,
    midway: { readonly next: number; readonly said: string } | null = null,
  ) {
    this.#notice = notice
    this.#exchange = exchange
    this.#context = context
    this.#midway = midway !== null
    this.#shift = midway?.next ?? 0
    this.#blanks = midway === null ? '' : midway.said.slice(midway.said.trimEnd().length)
  }

  /** The blocks that show the change of model; the target's own blocks are counted after them. */
  opening(): string {
    const { block, sentence } = this.#notice.disclosure
    const text = this.#notice.explanation
    return (
      (block ? this.#block(fallbackBlock(this.#notice, this.#exchange, this.#context), null) : '') +
      (sentence ? this.#block({ type: 'text', text: '', citations: null }, { type: 'text_delta', text }) : '')
    )
  }

  rewrite(event: SseEvent, raw: string): string {
    if (event.data === '' || event.event === 'ping') return raw
    const body = parseEvent(event)
    if (body.type === 'message_start') {
      const message = isRecord(body.message) ? body.message : {}
      this.#start = isRecord(message.usage) ? message.usage : {}
      return this.#midway ? '' : raw + this.opening()
    }
    if (body.type === 'message_delta') {
      // There may be several; the last word rides on the one that ends the answer.
      if (!isRecord(body.delta) || typeof body.delta.stop_reason !== 'string') return raw
      const document = { value: body, text: event.data }
      const own = isRecord(body.usage) ? body.usage : {}
      const untold = countsWithout(own, this.#start)
      const told = { iterations: iterations({ ...own, ...untold }, this.#context), ...creditUsage(this.#context) }
      const usage = replaceIn(document, 'usage', { set: this.#midway ? { ...untold, ...told } : told })
      return sseText(
        'message_delta',
        replaceTopLevel(document, { set: { sluice: this.#notice.member }, raw: { usage } }),
      )
    }
    if (this.#shift === 0 || typeof body.index !== 'number') return raw
    const document = { value: body, text: event.data }
    const set = { index: body.index + this.#shift }
    const delta = this.#blanks === '' ? null : this.#unrepeated(document)
    return sseText(String(body.type), replaceTopLevel(document, delta === null ? { set } : { set, raw: { delta } }))
  }

  /** Whatever had been complete was written as it came. */
  end(): string {
    return ''
  }

  /** A delta of text without the blanks that stand there already; null where it begins with none of them. */
  #unrepeated(document: JsonDocument): string | null {
    const delta = objectIn(document, 'delta')
    if (delta?.value.type !== 'text_delta') return null
    const text = stringOr(delta.value.text, '')
    let n = 0
    while (n < text.length && text[n] === this.#blanks[n]) n++
    // A delta of nothing else leaves the rest of them to the next one.
    this.#blanks = n === text.length ? this.#blanks.slice(n) : ''
    return n === 0 ? null : replaceTopLevel(delta, { set: { text: text.slice(n) } })
  }

  #block(content_block: Json, delta: Json | null): string {
    const index = this.#shift++
    return (
      sseEvent('content_block_start', { index, content_block }) +
      (delta === null ? '' : sseEvent('content_block_delta', { index, delta })) +
      sseEvent('content_block_stop', { index })
    )
  }
}

const COUNTS = ['input_tokens', 'output_tokens', 'cache_creation_input_tokens', 'cache_read_input_tokens']

/** The counts of an answer's start that its ending leaves out. */
function countsWithout(ending: Json, start: Json): Json {
  const left = COUNTS.filter((name) => typeof ending[name] !== 'number' && typeof start[name] === 'number')
  return Object.fromEntries(left.map((name) => [name, start[name]]))
}

/** Passes a stream of the model asked on, with the state of the caller's credit token on its last event. */
export class CreditRewriter implements StreamRewriter {
  readonly #credit: CreditStatus

  constructor(credit: CreditStatus) {
    this.#credit = credit
  }

  rewrite(event: SseEvent, raw: string): string {
    if (event.event !== 'message_delta' && !event.data.includes('message_delta')) return raw
    const body = parseEvent(event)
    if (body.type !== 'message_delta' || !isRecord(body.usage)) return raw
    const document = { value: body, text: event.data }
    const usage = replaceIn(document, 'usage', { set: creditUsage({ credit: this.#credit }) })
    return sseText('message_delta', replaceTopLevel(document, { raw: { usage } }))
  }

  end(): string {
    return ''
  }
}
