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
import { chunkBase, DONE, refusalChunks } from './chat-compose.ts'
import { readable } from './chat-decode.ts'
import { choicesOf, readBeside, readChoice, type Say } from './chat-texts.ts'
import { EscapeReader } from './escapes.ts'
import { type JsonDocument, replaceTopLevel } from './json.ts'
import { parseEvent } from './parse-event.ts'
import { ReadTexts } from './read-texts.ts'
import { sseData, sseText } from './sse.ts'
import { openaiUsage } from './usage.ts'
import { isRecord, type Json, numberOr, records, stringOr } from './values.ts'
import { wireErrorBody } from './wire-errors.ts'

const DONE_FACTS: EventFacts = { texts: [], closes: [], uninspected: [], terminal: true, idle: false }

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
  readonly #read = new ReadTexts()
  readonly #unfinished = new Set<number>()
  /** What the caller has seen. */
  readonly #opened = new Set<number>()
  readonly #finished = new Set<number>()
  #base: Json | null = null

  read(event: SseEvent): EventFacts {
    if (event.data === '[DONE]') return DONE_FACTS
    const body = parseEvent(event)
    if (body.error !== undefined && body.error !== null) this.failed = true
    this.model = stringOr(body.model, this.model)
    if (isRecord(body.usage)) this.usage = openaiUsage(body.usage)
    const heard: Heard = { texts: [], closes: [], uninspected: [], terminal: this.failed, idle: false }
    for (const choice of choicesOf(body)) this.#choice(choice, heard)
    readBeside(body, (key, place, words) => {
      const channel = `beside ${key}`
      // It is whole as it stands: nothing waits for more of it.
      if (this.#beyond(channel, place, words, heard)) heard.closes.push(channel)
    })
    return heard
  }

  released(event: SseEvent): void {
    if (event.data === '' || event.data === '[DONE]') return
    const body = parseEvent(event)
    this.#base ??= chunkBase(stringOr(body.id, ''), numberOr(body.created, 0), stringOr(body.model, ''))
    for (const choice of records(body.choices)) {
      const index = numberOr(choice.index, 0)
      this.#opened.add(index)
      if (isFinished(choice)) this.#finished.add(index)
    }
  }

  /** There is no native word for a change of model in mid-answer. */
  seam(): null {
    return null
  }

  refuse(notice: Notice, exchange: Exchange, context: ComposeContext): string {
    const all = Array.from({ length: exchange.wants.choices }, (_, index) => index)
    const unfinished = all.filter((index) => !this.#finished.has(index))
    // Text after the end of its choice is refused as well, and a refusal is never silent.
    const open = unfinished.length > 0 ? unfinished : all
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

  #choice(choice: Json, heard: Heard): void {
    const index = numberOr(choice.index, 0)
    let channels = this.#channels.get(index)
    if (channels === undefined) {
      this.#channels.set(index, (channels = new Set()))
      this.#unfinished.add(index)
      this.complete = false
    }
    const before = heard.texts.length
    readChoice(choice, this.#saying(`choice ${index} `, heard), (channel, value) =>
      typeof value === 'string' ? this.#unescaped(`${index} ${channel}`, value) : readable(value),
    )
    for (let i = before; i < heard.texts.length; i++) channels.add(heard.texts[i]!.channel)
    if (isRecord(choice.delta) && isRecord(choice.delta.audio)) heard.uninspected.push('audio')
    if (!isFinished(choice)) return
    if (choice.finish_reason === 'content_filter') this.upstreamRefusal = true
    heard.closes.push(...channels)
    this.#unfinished.delete(index)
    this.complete = this.#unfinished.size === 0
  }

  /** A delta goes on where the last one ended; a message, where an upstream sends one, holds all that was said so far. */
  #saying(choice: string, heard: Heard): { readonly delta: Say; readonly message: Say } {
    return {
      delta: (channel, place, text) => {
        if (text === '') return
        if (place === 'refusal') this.upstreamRefusal = true
        heard.texts.push({ channel: choice + channel, place, text })
      },
      message: (channel, place, text) => void this.#beyond(`${choice}message ${channel}`, place, text, heard),
    }
  }

  /** Reads what a text that comes again and again says for the first time. */
  #beyond(channel: string, place: ChannelText['place'], whole: string, heard: Heard): boolean {
    const beyond = this.#read.beyond(`${channel} ${place}`, whole)
    if (beyond === null) return false
    heard.texts.push({ channel, place, text: beyond.goesOn ? beyond.text : `\n${beyond.text}` })
    return true
  }

  #unescaped(channel: string, piece: string): string {
    let reader = this.#escapes.get(channel)
    if (reader === undefined) this.#escapes.set(channel, (reader = new EscapeReader()))
    return reader.push(piece)
  }
}

/** Some upstreams write an empty reason on every chunk but the last. */
function isFinished({ finish_reason }: Json): boolean {
  return typeof finish_reason === 'string' && finish_reason !== ''
}

interface Heard extends EventFacts {
  readonly texts: ChannelText[]
  readonly closes: string[]
  readonly uninspected: string[]
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
    const finishes = choices.some(isFinished)
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
    const last = ending.findLastIndex(({ value }) => records(value.choices).some(isFinished))
    const told = (one: JsonDocument) => replaceTopLevel(one, { set: { sluice: this.#notice.member } })
    return ending.map((one, i) => sseText('', i === last ? told(one) : one.text)).join('') + DONE
  }
}
