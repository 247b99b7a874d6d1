import type { ChannelText } from './adapter.ts'
import { readable } from './chat-decode.ts'
import { EscapeReader } from './escapes.ts'
import { ReadTexts } from './read-texts.ts'
import { isRecord, type Json, stringOr, stringsIn, stringValuesIn } from './values.ts'

type Place = ChannelText['place']

/** What an event or a whole response says that was not read before. */
export interface Said {
  readonly texts: ChannelText[]
  readonly closes: string[]
  readonly uninspected: string[]
}

/** Where a text stands: in which item, and in which part of it (`content 0 `, or nothing for the item itself). */
export interface At {
  readonly channel: string
  readonly base: string
  readonly place: Place
}

/**
 * Members of items, parts and events that hold no text: kinds, ids, states and places, the tokens of a text once more, and
 * what is sealed. The list is closed: a member that is not on it is read.
 */
export const SILENT: ReadonlySet<string> = new Set([
  ...['type', 'id', 'call_id', 'item_id', 'status', 'role', 'phase', 'logprobs', 'obfuscation', 'encrypted_content'],
  ...['sequence_number', 'output_index', 'content_index', 'summary_index', 'annotation_index'],
])
/** The same of a response: its state, and what it repeats of the request. */
const RESPONSE_SILENT: ReadonlySet<string> = new Set([
  ...['id', 'object', 'model', 'status', 'error', 'incomplete_details', 'usage', 'service_tier', 'billing'],
  ...['access_programs', 'content_filters', 'moderation', 'sluice'],
  ...['instructions', 'tools', 'tool_choice', 'text', 'reasoning', 'prompt', 'metadata', 'truncation', 'user'],
  ...['conversation', 'previous_response_id', 'prompt_cache_key', 'prompt_cache_retention', 'safety_identifier'],
])
/** Members that come in pieces as well. Those of one item are one running text: they follow each other on the screen. */
const RUNNING: ReadonlySet<string> = new Set(['text', 'refusal', 'content', 'arguments', 'input', 'code'])
/** Of these, those that are JSON or code inside a string. */
const ESCAPED: ReadonlySet<string> = new Set(['arguments', 'input', 'code'])
const PARTS: ReadonlyMap<unknown, Place> = new Map<unknown, Place>([
  ['output_text', 'text'],
  ['refusal', 'refusal'],
  ['reasoning_text', 'reasoning'],
  ['summary_text', 'reasoning'],
])

/** Reads one response, streamed or whole, each text of it once. */
export class ResponseTexts {
  readonly #read = new ReadTexts()
  readonly #escapes = new Map<string, EscapeReader>()
  /** The last text of each channel. */
  readonly #last = new Map<string, { readonly slot: string; readonly running: boolean }>()

  /** A piece of the running text at a member. */
  piece({ channel, base, place }: At, key: string, value: unknown, said: Said): void {
    const piece = typeof value === 'string' ? value : stringValuesIn(value).join('\n')
    const slot = `${channel} ${base}${key}`
    if (this.#last.get(channel)?.slot !== slot) this.#read.forget(slot)
    this.#read.add(slot, piece)
    this.#push(said, slot, channel, place, ESCAPED.has(key) ? this.#unescaped(slot, piece) : piece, true)
  }

  /** What stands at a member, whole. */
  member({ channel, base, place }: At, key: string, value: unknown, said: Said): void {
    const escaped = ESCAPED.has(key)
    const whole = typeof value === 'string' ? value : (escaped ? stringsIn : stringValuesIn)(value).join('\n')
    if (whole === '') return
    const slot = `${channel} ${base}${key}`
    const beyond = this.#read.beyond(slot, whole)
    if (beyond === null) return
    const fresh = beyond.goesOn && beyond.text.length === whole.length
    // What goes on where something else has been read since has lost its beginning.
    const goesOn = beyond.goesOn && (fresh || this.#last.get(channel)?.slot === slot)
    if (!goesOn) this.#escapes.delete(slot)
    const text = goesOn ? beyond.text : whole
    const words = !escaped ? text : fresh || !goesOn ? readable(value) : this.#unescaped(slot, text)
    // What says something else than its pieces did does not continue them.
    const running = goesOn && (RUNNING.has(key) || !fresh)
    if (key === 'name' && place === 'tool_input') this.#push(said, slot, channel, 'tool_name', `${words}\n`, fresh)
    else this.#push(said, slot, channel, key === 'refusal' ? key : place, words, running)
  }

  response(response: Json, said: Said): void {
    for (const key of Object.keys(response)) {
      if (RESPONSE_SILENT.has(key)) continue
      const value = response[key]
      if (key === 'output' && Array.isArray(value)) value.forEach((item, i) => void this.item(i, item, said))
      else {
        const before = said.texts.length
        this.member({ channel: 'response', base: '', place: 'text' }, key, value, said)
        // It is whole as it stands: nothing waits for more of it.
        if (said.texts.length > before) said.closes.push('response')
      }
    }
  }

  item(index: number, value: unknown, said: Said): void {
    const item = isRecord(value) ? value : { said: value }
    const type = stringOr(item.type, 'message')
    const place = type === 'message' ? 'text' : type === 'reasoning' ? 'reasoning' : 'tool_input'
    if (typeof item.encrypted_content === 'string') said.uninspected.push('encrypted')
    const drawn = type === 'image_generation_call'
    if (drawn) said.uninspected.push('image')
    else if (place === 'tool_input' && !type.endsWith('_call') && !type.endsWith('_output'))
      said.uninspected.push('unknown')
    const channel = `item ${index}`
    for (const key of Object.keys(item)) {
      const list = item[key]
      // The picture itself, as bytes.
      if (SILENT.has(key) || (drawn && key === 'result')) continue
      if ((key === 'content' || key === 'summary') && Array.isArray(list))
        list.forEach((part, i) => void this.part({ channel, base: `${key} ${i} `, place }, part, said))
      else this.member({ channel, base: '', place }, key, list, said)
    }
  }

  part({ channel, base, place }: At, value: unknown, said: Said): void {
    const part = isRecord(value) ? value : { said: value }
    const known = PARTS.get(part.type)
    if (known === undefined && place !== 'tool_input') said.uninspected.push('unknown')
    const at = { channel, base, place: known ?? place }
    for (const key of Object.keys(part)) {
      const list = part[key]
      if (SILENT.has(key)) continue
      if (key === 'annotations' && Array.isArray(list)) list.forEach((one, i) => void this.annotation(at, i, one, said))
      else this.member(at, key, list, said)
    }
  }

  /** Titles and addresses of sources: beside the text, not in it. */
  annotation({ channel, base }: At, index: number, value: unknown, said: Said): void {
    this.member({ channel: `${channel} annotations`, base, place: 'text' }, String(index), value, said)
  }

  #unescaped(slot: string, piece: string): string {
    let reader = this.#escapes.get(slot)
    if (reader === undefined) this.#escapes.set(slot, (reader = new EscapeReader()))
    return reader.push(piece)
  }

  /** What stands beside the running text begins a line of its own, and so does what follows it. */
  #push(said: Said, slot: string, channel: string, place: Place, text: string, running: boolean): void {
    if (text === '') return
    const last = this.#last.get(channel)
    const follows = last === undefined || (running && (last.running || last.slot === slot))
    if (last?.slot !== slot || last.running !== running) this.#last.set(channel, { slot, running })
    said.texts.push({ channel, place, text: follows ? text : `\n${text}` })
  }
}
