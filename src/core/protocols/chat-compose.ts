import { type Exchange, NO_USAGE, type Usage } from '../conversation/exchange.ts'
import { type ComposeContext, lastUsage, type Notice } from './adapter.ts'
import { elementsIn, type JsonDocument, objectIn, replaceTopLevel } from './json.ts'
import { sseData } from './sse.ts'
import { isRecord, type Json } from './values.ts'

/** What Sluice writes on the Chat surface (wire.md §9). */

export const DONE = 'data: [DONE]\n\n'

/** `stop` under a JSON schema: there the client throws on `content_filter` and hides the text. */
export function finishReason({ wants }: Exchange): 'stop' | 'content_filter' {
  return wants.jsonSchema ? 'stop' : 'content_filter'
}

export function chatRefusal(notice: Notice, exchange: Exchange, context: ComposeContext): string {
  const content = notice.mirror ? notice.explanation : null
  const message = { role: 'assistant', content, refusal: notice.explanation, annotations: [] }
  const choice = (index: number) => ({ index, finish_reason: finishReason(exchange), logprobs: null, message })
  return JSON.stringify({
    id: `chatcmpl-${context.ulid}`,
    object: 'chat.completion',
    created: context.createdAtSeconds,
    model: exchange.model,
    choices: Array.from({ length: exchange.wants.choices }, (_, index) => choice(index)),
    usage: chatUsage(lastUsage(context)),
    sluice: notice.member,
  })
}

export function chatRefusalStream(notice: Notice, exchange: Exchange, context: ComposeContext): string {
  const base = chunkBase(`chatcmpl-${context.ulid}`, context.createdAtSeconds, exchange.model)
  const choices = Array.from({ length: exchange.wants.choices }, (_, index) => index)
  return refusalChunks(base, { opened: [], open: choices }, notice.explanation, notice, exchange, NO_USAGE)
}

/** The target's answer with `sluice`, and with the sentence in front of every choice's text where it is wanted. */
export function servedChat(document: JsonDocument, notice: Notice): string {
  const set = { sluice: notice.member }
  if (!notice.disclosure.sentence) return replaceTopLevel(document, { set })
  const values = document.value.choices as unknown[]
  const choices = elementsIn(document, 'choices').map((text, i) => {
    const value = values[i]
    const message = isRecord(value) ? objectIn({ value, text }, 'message') : null
    if (!isRecord(value) || typeof message?.value.content !== 'string') return text
    const content = `${notice.explanation}\n\n${message.value.content}`
    return replaceTopLevel({ value, text }, { raw: { message: replaceTopLevel(message, { set: { content } }) } })
  })
  return replaceTopLevel(document, { set, raw: { choices: `[${choices.join(',')}]` } })
}

export function chunkBase(id: string, created: number, model: string): Json {
  return { id, object: 'chat.completion.chunk', created, model }
}

/** The chunks that end a stream with a refusal. @param state `opened`: choices that began; `open`: not yet finished. */
export function refusalChunks(
  base: Json,
  state: { readonly opened: readonly number[]; readonly open: readonly number[] },
  words: string,
  notice: Notice,
  exchange: Exchange,
  usage: Usage,
): string {
  const chunk = (index: number, delta: Json, finish: string | null, more: Json = {}) =>
    sseData({ ...base, choices: [{ index, delta, finish_reason: finish, logprobs: null }], ...more })
  const last = state.open.at(-1)
  const ends = state.open.map((index) => {
    const start = state.opened.includes(index) ? '' : chunk(index, { role: 'assistant', content: '' }, null)
    const member = index === last ? { sluice: notice.member } : {}
    return (
      start +
      chunk(index, notice.mirror ? { content: words, refusal: words } : { refusal: words }, null) +
      chunk(index, {}, finishReason(exchange), member)
    )
  })
  const counted = exchange.wants.includeUsage ? sseData({ ...base, choices: [], usage: chatUsage(usage) }) : ''
  return ends.join('') + counted + DONE
}

export function chatUsage(usage: Usage): Json {
  const { inputTokens, outputTokens } = usage
  return { prompt_tokens: inputTokens, completion_tokens: outputTokens, total_tokens: inputTokens + outputTokens }
}
