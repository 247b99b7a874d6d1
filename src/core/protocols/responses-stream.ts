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
import { replaceIn, replaceTopLevel } from './json.ts'
import { parseEvent } from './parse-event.ts'
import { messageItem, refusalItem, responseBase, responsesUsage } from './responses-compose.ts'
import { ReleasedResponse } from './responses-released.ts'
import { ResponseTexts, type Said, SILENT } from './responses-texts.ts'
import { sseEvent, sseText } from './sse.ts'
import { openaiUsage } from './usage.ts'
import { isRecord, type Json, numberOr, stringOr, stringValuesIn } from './values.ts'

const TERMINAL: ReadonlySet<string> = new Set(['response.completed', 'response.incomplete', 'response.failed', 'error'])
/** Events that have no text of their own: a response, an item, or nothing but a state. */
const PLAIN =
  /^response\.(created|queued|in_progress|completed|incomplete|failed|output_item\.(added|done)|[a-z_]+_call\.(in_progress|searching|completed|generating|interpreting|failed))$/

/** Where the text of an event stands: in the content or the summary of its item, or in the item itself. */
interface Stem {
  readonly list: 'content' | 'summary' | null
  readonly member: string
  readonly place: ChannelText['place']
}
const stem = (list: Stem['list'], member: string, place: Stem['place']): Stem => ({ list, member, place })
const STEMS: Readonly<Record<string, Stem>> = {
  output_text: stem('content', 'text', 'text'),
  'output_text.annotation': stem('content', 'annotations', 'text'),
  refusal: stem('content', 'refusal', 'refusal'),
  content_part: stem('content', 'text', 'text'),
  reasoning_text: stem('content', 'text', 'reasoning'),
  reasoning_summary_text: stem('summary', 'text', 'reasoning'),
  reasoning_summary_part: stem('summary', 'text', 'reasoning'),
  function_call_arguments: stem(null, 'arguments', 'tool_input'),
  custom_tool_call_input: stem(null, 'input', 'tool_input'),
  mcp_call_arguments: stem(null, 'arguments', 'tool_input'),
  code_interpreter_call_code: stem(null, 'code', 'tool_input'),
}
const STANDING: ReadonlyMap<string, Stem> = new Map(
  Object.entries(STEMS).flatMap(([name, at]) =>
    ['added', 'delta', 'done'].map((verb) => [`response.${name}.${verb}`, at] as const),
  ),
)
const ITSELF: Stem = stem(null, 'delta', 'tool_input')

/** Follows one streamed Responses answer. */
export class ResponsesReader implements StreamReader {
  usage: Usage | null = null
  model: string | null = null
  upstreamRefusal = false
  readonly refusedCategory = null
  failed = false
  complete = false
  readonly #texts = new ResponseTexts()
  readonly #released = new ReleasedResponse()
  #begun = false

  read(event: SseEvent): EventFacts {
    const body = parseEvent(event)
    const type = stringOr(body.type, event.event)
    if (!this.#begun) this.#begin(body)
    const at = STANDING.get(type)
    const facts = { texts: [], closes: [], uninspected: [], terminal: TERMINAL.has(type), idle: false } as Heard
    if (at !== undefined || PLAIN.test(type)) this.#hear(body, at ?? ITSELF, facts)
    else if (type !== 'error') unknown(type, body, facts)
    if (facts.texts.some(({ place }) => place === 'refusal')) this.upstreamRefusal = true
    if (type === 'response.output_item.done') facts.closes.push(channelOf(body))
    if (facts.terminal) this.#end(type, body)
    return facts
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

  /** A stream that was taken up again does not begin at 0, and what Sluice writes instead of its first event neither. */
  #begin(body: Json): void {
    this.#begun = true
    this.#released.sequence = numberOr(body.sequence_number, 0)
  }

  /** Every text of an event that was not read before: what repeats the deltas is compared with them. */
  #hear(body: Json, { list, member, place }: Stem, facts: Heard): void {
    const index = numberOr(list === 'summary' ? body.summary_index : body.content_index, 0)
    const at = { channel: channelOf(body), base: list === null ? '' : `${list} ${index} `, place }
    for (const key of Object.keys(body)) {
      if (SILENT.has(key)) continue
      const value = body[key]
      if (key === 'delta') this.#texts.piece(at, member, value, facts)
      else if (key === 'item') this.#texts.item(numberOr(body.output_index, 0), value, facts)
      else if (key === 'part') this.#texts.part(at, value, facts)
      else if (key === 'annotation') this.#texts.annotation(at, numberOr(body.annotation_index, 0), value, facts)
      else if (key === 'response' && isRecord(value)) {
        this.model = stringOr(value.model, this.model)
        this.#texts.response(value, facts)
      } else this.#texts.member(at, key, value, facts)
    }
  }

  #end(type: string, body: Json): void {
    const response = isRecord(body.response) ? body.response : {}
    this.usage = openaiUsage(response.usage) ?? this.usage
    this.failed = type === 'error' || type === 'response.failed'
    this.complete = !this.failed
    const details = isRecord(response.incomplete_details) ? response.incomplete_details : {}
    if (details.reason === 'content_filter') this.upstreamRefusal = true
  }
}

type Heard = Said & Pick<EventFacts, 'terminal' | 'idle'>

/** A kind of event that we do not know may carry text anywhere; its deltas go on from each other, as all deltas do. */
function unknown(type: string, { type: _, delta, ...more }: Json, facts: Heard): void {
  const say = (channel: string, text: string) => {
    if (text !== '') facts.texts.push({ channel, place: 'text', text })
  }
  say(`unknown ${type}`, typeof delta === 'string' ? delta : stringValuesIn(delta).join('\n'))
  const words = stringValuesIn(more)
  if (words.length > 0) say('unknown', `${words.join('\n')}\n`)
  facts.uninspected.push('unknown')
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
