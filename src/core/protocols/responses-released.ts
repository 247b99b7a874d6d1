import { sseEvent } from './sse.ts'
import { isRecord, type Json, numberOr, records, stringOr } from './values.ts'

type PartType = 'output_text' | 'refusal' | 'reasoning_text' | 'summary_text'

interface OpenPart {
  readonly type: PartType
  /** Which item, and which part of it: the routing members of its events. */
  readonly at: Json
  readonly outputIndex: number
  text: string
  /** The text was closed already, the part was not. */
  textDone: boolean
  readonly annotations: Json[]
}

/** Event that closes the text of a part, and event that closes the part. */
const CLOSING: Readonly<Record<PartType, readonly [string, string]>> = {
  output_text: ['response.output_text.done', 'response.content_part.done'],
  refusal: ['response.refusal.done', 'response.content_part.done'],
  reasoning_text: ['response.reasoning_text.done', 'response.content_part.done'],
  summary_text: ['response.reasoning_summary_text.done', 'response.reasoning_summary_part.done'],
}

/** What a caller has seen of a response so far: enough to end it validly at any point. */
export class ReleasedResponse {
  base: Json | null = null
  /** Next sequence number. */
  sequence = 0
  nextOutputIndex = 0
  readonly #items = new Map<number, Json>()
  readonly #done = new Set<number>()
  #part: OpenPart | null = null

  see(body: Json): void {
    const type = stringOr(body.type, '')
    this.sequence = numberOr(body.sequence_number, this.sequence) + 1
    const index = numberOr(body.output_index, 0)
    if (type === 'response.created' && isRecord(body.response)) {
      const { output: _output, status: _status, usage: _usage, ...base } = body.response
      this.base = base
    } else if (type === 'response.output_item.added' && isRecord(body.item)) {
      this.#items.set(index, body.item)
      this.nextOutputIndex = Math.max(this.nextOutputIndex, index + 1)
    } else if (type === 'response.output_item.done' && isRecord(body.item)) {
      this.#items.set(index, body.item)
      this.#done.add(index)
    } else this.#seePart(type, body, index)
  }

  /** Items that are complete, in order. */
  finished(): readonly Json[] {
    return [...this.#items]
      .filter(([index]) => this.#done.has(index))
      .sort(([a], [b]) => a - b)
      .map(([, item]) => item)
  }

  /** Every item that was begun, in order, with what it held when the answer broke off; what was open is `incomplete`. */
  soFar(): readonly Json[] {
    this.close(this.sequence)
    return [...this.#items]
      .sort(([a], [b]) => a - b)
      .map(([index, item]) => (this.#done.has(index) ? item : { ...item, status: 'incomplete' }))
  }

  /** The message item that is still open, or null. */
  openMessage(): { readonly item: Json; readonly outputIndex: number } | null {
    for (const [outputIndex, item] of this.#items)
      if (!this.#done.has(outputIndex) && item.type === 'message') return { item, outputIndex }
    return null
  }

  /**
   * Events that close the open part and a reasoning item that is open. A message stays open for the refusal; an open call
   * of a tool is never closed, because clients run a call that is closed.
   * @returns the events, and the next sequence number.
   */
  close(sequence: number): { readonly events: string; readonly sequence: number } {
    const events: string[] = []
    let next = sequence
    const add = (type: string, body: Json) => events.push(sseEvent(type, { sequence_number: next++, ...body }))
    const open = this.#part
    if (open !== null) {
      const { type, at, text, annotations } = open
      const said = type === 'refusal' ? { refusal: text } : { text }
      const part = { type, ...said, ...(type === 'output_text' ? { annotations } : {}) }
      const [textDone, partDone] = CLOSING[type]
      if (!open.textDone) add(textDone, { ...at, ...said, ...(type === 'output_text' ? { logprobs: [] } : {}) })
      add(partDone, { ...at, part })
      this.#addPart(open.outputIndex, part, at)
      this.#part = null
    }
    for (const [output_index, item] of this.#items) {
      if (this.#done.has(output_index) || item.type !== 'reasoning') continue
      const done = { ...item, status: 'incomplete' }
      add('response.output_item.done', { output_index, item: done })
      this.#items.set(output_index, done)
      this.#done.add(output_index)
    }
    return { events: events.join(''), sequence: next }
  }

  #seePart(type: string, body: Json, outputIndex: number): void {
    const { item_id, output_index, content_index, summary_index } = body
    if (type === 'response.content_part.added' || type === 'response.reasoning_summary_part.added') {
      const part = isRecord(body.part) ? body.part : {}
      const kind = part.type
      const at = { item_id, output_index, ...(summary_index === undefined ? { content_index } : { summary_index }) }
      const partType: PartType =
        typeof kind === 'string' && Object.hasOwn(CLOSING, kind) ? (kind as PartType) : 'output_text'
      // Usually empty; whatever it begins with has been seen.
      const text = stringOr(part.text, stringOr(part.refusal, ''))
      this.#part = {
        type: partType,
        at,
        outputIndex,
        text,
        textDone: false,
        annotations: [...records(part.annotations)],
      }
      return
    }
    if (type.endsWith('_part.done') && isRecord(body.part)) {
      this.#addPart(outputIndex, body.part, body)
      this.#part = null
      return
    }
    const open = this.#part
    if (open === null) return
    const [textDone] = CLOSING[open.type]
    if (type === textDone) {
      open.textDone = true
      open.text = stringOr(body.text, stringOr(body.refusal, open.text))
    } else if (type === textDone.replace(/done$/, 'delta')) open.text += stringOr(body.delta, '')
    else if (type === 'response.output_text.annotation.added' && isRecord(body.annotation))
      open.annotations.push(body.annotation)
  }

  #addPart(index: number, part: Json, { content_index, summary_index }: Json): void {
    const item = this.#items.get(index)
    if (item === undefined) return
    const list = part.type === 'summary_text' ? 'summary' : 'content'
    const parts = [...records(item[list])]
    // Some upstreams announce an item with its parts in it.
    parts.splice(numberOr(content_index ?? summary_index, parts.length), 1, part)
    this.#items.set(index, { ...item, [list]: parts })
  }
}
