import type { Exchange } from '../conversation/exchange.ts'
import type { ComposeContext, CreditStatus, Notice, SseEvent, StreamRewriter } from './adapter.ts'
import { creditUsage, fallbackBlock, iterations } from './anthropic-compose.ts'
import { type JsonDocument, objectIn, replaceIn, replaceTopLevel } from './json.ts'
import { parseEvent } from './parse-event.ts'
import { sseEvent, sseText } from './sse.ts'
import { isRecord, type Json, stringOr } from './values.ts'

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
