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
import { chunkBase, DONE, refusalChunks } from './chat-compose.ts'
import { EscapeReader } from './escapes.ts'
import { type JsonDocument, replaceTopLevel } from './json.ts'
import { sseData, sseText } from './sse.ts'
import { openaiUsage } from './usage.ts'
import { isRecord, type Json, numberOr, records, stringOr, stringValuesIn } from './values.ts'
import { wireErrorBody } from './wire-errors.ts'

const NOTHING: EventFacts = { texts: [], closes: [], uninspected: [], terminal: false, idle: true }
/** Members of a delta, or of a message, that are read by name or carry no text of the answer. */
export const QUIET: ReadonlySet<string> = new Set([
  'role',
  'content',
  'refusal',
  'reasoning_content',
  'reasoning',
  'tool_calls',
  'function_call',
  'annotations',
  'audio',
])

/** Follows one streamed Chat answer, all choices of it. */
export class ChatReader implements StreamReader {
  usage: Usage | null = null
  model: string | null = null
  upstreamRefusal = false
  readonly refusedCategory = null
  failed = false
  complete = false
  readonly #channels = new Map<number, Set<string>>()
  readonly #escapes = new Map<string, EscapeReader>()
  readonly #unfinished = new Set<number>()
  /** What the caller has seen. */
  readonly #opened = new Set<number>()
  readonly #finished = new Set<number>()
  #base: Json | null = null

  read(event: SseEvent): EventFacts {
    if (event.data === '[DONE]') return { ...NOTHING, terminal: true, idle: false }
    const body = parseEvent(event)
    if (body.error !== undefined) {
      this.failed = true
      return { ...NOTHING, terminal: true, idle: false }
    }
    this.model = stringOr(body.model, this.model)
    if (isRecord(body.usage)) this.usage = openaiUsage(body.usage)
    const texts: ChannelText[] = []
    const closes: string[] = []
    const uninspected: string[] = []
    for (const choice of records(body.choices)) {
      const index = numberOr(choice.index, 0)
      if (!this.#channels.has(index)) {
        this.#unfinished.add(index)
        this.complete = false
      }
      const channels = this.#channels.get(index) ?? new Set()
      this.#channels.set(index, channels)
      const delta = isRecord(choice.delta) ? choice.delta : {}
      if (isRecord(delta.audio)) uninspected.push('audio')
      for (const one of this.#delta(index, delta)) {
        channels.add(one.channel)
        texts.push(one)
      }
      if (typeof choice.finish_reason !== 'string') continue
      if (choice.finish_reason === 'content_filter') this.upstreamRefusal = true
      closes.push(...channels)
      this.#unfinished.delete(index)
      this.complete = this.#unfinished.size === 0
    }
    return { texts, closes, uninspected, terminal: false, idle: false }
  }

  released(event: SseEvent): void {
    if (event.data === '' || event.data === '[DONE]') return
    const body = parseEvent(event)
    this.#base ??= chunkBase(stringOr(body.id, ''), numberOr(body.created, 0), stringOr(body.model, ''))
    for (const choice of records(body.choices)) {
      const index = numberOr(choice.index, 0)
      this.#opened.add(index)
      if (typeof choice.finish_reason === 'string') this.#finished.add(index)
    }
  }

  /** There is no native word for a change of model in mid-answer. */
  seam(): null {
    return null
  }

  refuse(notice: Notice, exchange: Exchange, context: ComposeContext): string {
    const all = Array.from({ length: exchange.wants.choices }, (_, index) => index)
    const open = all.filter((index) => !this.#finished.has(index))
    const base = this.#base ?? chunkBase(`chatcmpl-${context.ulid}`, context.createdAtSeconds, exchange.model)
    // Clients append the refusal to what is already on the screen: it starts on a line of its own.
    const words = this.#base === null ? notice.explanation : `\n\n${notice.explanation}`
    return refusalChunks(
      base,
      { opened: [...this.#opened], open },
      words,
      notice,
      exchange,
      stoppedUsage(context, this.usage),
    )
  }

  fail(error: WireError, _exchange: Exchange, { ulid }: ComposeContext): string {
    return `data: ${wireErrorBody('openai', error, `req_${ulid}`)}\n\n${DONE}`
  }

  #delta(index: number, delta: Json): ChannelText[] {
    const texts: ChannelText[] = []
    const add = (channel: string, place: ChannelText['place'], text: string) => {
      if (text !== '') texts.push({ channel: `choice ${index} ${channel}`, place, text })
    }
    add('text', 'text', stringOr(delta.content, ''))
    const refusal = stringOr(delta.refusal, '')
    if (refusal !== '') this.upstreamRefusal = true
    add('refusal', 'refusal', refusal)
    add('reasoning', 'reasoning', stringOr(delta.reasoning_content, stringOr(delta.reasoning, '')))
    const calls = [
      ...records(delta.tool_calls),
      ...(isRecord(delta.function_call) ? [{ index: 0, function: delta.function_call }] : []),
    ]
    for (const call of calls) {
      const channel = `tool ${numberOr(call.index, 0)}`
      const called = isRecord(call.function) ? call.function : isRecord(call.custom) ? call.custom : {}
      const name = stringOr(called.name, '')
      add(channel, 'tool_name', name === '' ? '' : `${name}\n`)
      const key = `${index} ${channel}`
      if (!this.#escapes.has(key)) this.#escapes.set(key, new EscapeReader())
      add(channel, 'tool_input', this.#escapes.get(key)!.push(stringOr(called.arguments, stringOr(called.input, ''))))
    }
    if (isRecord(delta.audio)) add('audio', 'text', stringOr(delta.audio.transcript, ''))
    for (const key of Object.keys(delta))
      if (!QUIET.has(key)) add('unknown', 'text', stringValuesIn(delta[key]).join('\n'))
    return texts
  }
}

/**
 * Passes a target's stream on; the chunk that finishes the last choice waits for the end of the stream, because the
 * `sluice` member rides on it and names the receipt.
 */
export class ChatRewriter implements StreamRewriter {
  readonly #notice: Notice
  readonly #opened = new Set<number>()
  #ending: JsonDocument[] = []

  constructor(notice: Notice) {
    this.#notice = notice
  }

  rewrite(event: SseEvent, raw: string): string {
    if (event.data === '') return raw
    if (event.data === '[DONE]') return this.end()
    const body = parseEvent(event)
    const choices = records(body.choices)
    const finishes = choices.some((choice) => typeof choice.finish_reason === 'string')
    if (finishes || this.#ending.length > 0) {
      this.#ending.push({ value: body, text: event.data })
      return ''
    }
    return this.#notice.disclosure.sentence ? this.#told(body, choices) + raw : raw
  }

  /** The sentence, as the first words of each choice. */
  #told(body: Json, choices: readonly Json[]): string {
    const fresh = choices.map((choice) => numberOr(choice.index, 0)).filter((index) => !this.#opened.has(index))
    for (const index of fresh) this.#opened.add(index)
    const content = `${this.#notice.explanation}\n\n`
    const first = (index: number) => ({
      index,
      delta: { role: 'assistant', content },
      finish_reason: null,
      logprobs: null,
    })
    const base = chunkBase(stringOr(body.id, ''), numberOr(body.created, 0), stringOr(body.model, ''))
    return fresh.map((index) => sseData({ ...base, choices: [first(index)] })).join('')
  }

  end(): string {
    const ending = this.#ending
    this.#ending = []
    const last = ending.findLastIndex(({ value }) =>
      records(value.choices).some((choice) => typeof choice.finish_reason === 'string'),
    )
    const told = (one: JsonDocument) => replaceTopLevel(one, { set: { sluice: this.#notice.member } })
    return ending.map((one, i) => sseText('', i === last ? told(one) : one.text)).join('') + DONE
  }
}
