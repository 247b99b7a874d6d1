import type { ModerationWords, SseEvent, StreamRewriter } from './adapter.ts'
import { chunkBase } from './chat-compose.ts'
import { replaceTopLevel } from './json.ts'
import { OURS } from './moderation-wish.ts'
import { type Moderated, type ModeratedSide, type ModeratedSides, nativeResult, ownCategory } from './moderations.ts'
import { parseEvent } from './parse-event.ts'
import { sseData, sseEvent } from './sse.ts'
import { isRecord, type Json, numberOr, stringOr } from './values.ts'

/** Moderated completions (wire.md §9, §10): our own scores beside an answer, in the vendor's two shapes. */

export const chatModeration: ModerationWords = {
  whole: (text, sides) => withMember(text, chatMember(sides)),
  open: (sides) => new ChatModeration(sides),
}

export const responsesModeration: ModerationWords = {
  whole: (text, sides) => withMember(text, responsesMember(sides)),
  open: (sides) => new ResponsesModeration(sides),
}

function withMember(text: string, moderation: Json): string {
  return replaceTopLevel({ text, value: {} }, { set: { moderation } })
}

function chatMember({ input, output }: ModeratedSides): Json {
  const side = (one: ModeratedSide) =>
    'code' in one ? { type: 'error', ...one } : { type: 'moderation_results', model: OURS, results: [resultOf(one)] }
  return { input: side(input), output: side(output) }
}

function responsesMember({ input, output }: ModeratedSides): Json {
  const side = (one: ModeratedSide) => ('code' in one ? { type: 'error', ...one } : resultOf(one))
  return { input: side(input), output: side(output) }
}

function resultOf(found: Moderated): Json {
  const { uninspected: _, ...native } = nativeResult(found)
  const ours = ownCategory(found)
  return { type: 'moderation_result', model: OURS, ...native, ...('category' in ours ? { sluice: ours } : {}) }
}

/** One more chunk without choices, the last before the end of the stream. */
class ChatModeration implements StreamRewriter {
  readonly #sides: () => ModeratedSides
  #base: Json = chunkBase('', 0, '')
  #told = false

  constructor(sides: () => ModeratedSides) {
    this.#sides = sides
  }

  rewrite(event: SseEvent, raw: string): string {
    if (event.data === '[DONE]') return this.end() + raw
    if (event.data !== '' && this.#base.id === '') {
      const { id, created, model } = parseEvent(event)
      this.#base = chunkBase(stringOr(id, ''), numberOr(created, 0), stringOr(model, ''))
    }
    return raw
  }

  end(): string {
    if (this.#told) return ''
    this.#told = true
    return sseData({ ...this.#base, choices: [], moderation: chatMember(this.#sides()) })
  }
}

/** On the response that ends the stream. */
class ResponsesModeration implements StreamRewriter {
  readonly #sides: () => ModeratedSides

  constructor(sides: () => ModeratedSides) {
    this.#sides = sides
  }

  rewrite(event: SseEvent, raw: string): string {
    if (event.data === '') return raw
    const body = parseEvent(event)
    const type = stringOr(body.type, event.event)
    if (type !== 'response.completed' && type !== 'response.incomplete') return raw
    const response = isRecord(body.response) ? body.response : {}
    return sseEvent(type, { ...body, response: { ...response, moderation: responsesMember(this.#sides()) } })
  }

  end(): string {
    return ''
  }
}
