import { sseEvent } from './sse.ts'
import { isRecord, type Json, numberOr, records, stringOr } from './values.ts'

interface OpenPart {
  readonly itemId: string
  readonly outputIndex: number
  readonly contentIndex: number
  text: string
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
    } else if (type === 'response.content_part.added') {
      const contentIndex = numberOr(body.content_index, 0)
      this.#part = { itemId: stringOr(body.item_id, ''), outputIndex: index, contentIndex, text: '' }
    } else if (type === 'response.output_text.delta' && this.#part !== null) this.#part.text += stringOr(body.delta, '')
    else if (type === 'response.content_part.done' && isRecord(body.part)) {
      this.#addPart(index, body.part)
      this.#part = null
    }
  }

  /** Items that are complete, in order. */
  finished(): readonly Json[] {
    return [...this.#items]
      .filter(([index]) => this.#done.has(index))
      .sort(([a], [b]) => a - b)
      .map(([, item]) => item)
  }

  /** The message item that is still open, or null. */
  openMessage(): { readonly item: Json; readonly outputIndex: number } | null {
    for (const [outputIndex, item] of this.#items)
      if (!this.#done.has(outputIndex) && item.type === 'message') return { item, outputIndex }
    return null
  }

  /** Events that close the part that is open, if there is one. @returns them, and the next sequence number. */
  closeOpenPart(sequence: number): { readonly events: string; readonly sequence: number } {
    const open = this.#part
    if (open === null) return { events: '', sequence }
    const { itemId: item_id, outputIndex: output_index, contentIndex: content_index, text } = open
    const part = { type: 'output_text', text, annotations: [] }
    const at = { item_id, output_index, content_index }
    this.#addPart(output_index, part)
    this.#part = null
    const events =
      sseEvent('response.output_text.done', { sequence_number: sequence, ...at, text, logprobs: [] }) +
      sseEvent('response.content_part.done', { sequence_number: sequence + 1, ...at, part })
    return { events, sequence: sequence + 2 }
  }

  #addPart(index: number, part: Json): void {
    const item = this.#items.get(index)
    if (item !== undefined) this.#items.set(index, { ...item, content: [...records(item.content), part] })
  }
}
