import type { ChannelText } from './adapter.ts'
import { isRecord, type Json, stringOr, stringsIn, stringValuesIn } from './values.ts'

/** What a block of an answer says. */
export interface BlockTexts {
  readonly texts: readonly ChannelText[]
  readonly uninspected: readonly string[]
}

/**
 * Members that hold no text of the answer: kinds, ids, states, the vendor's own verdicts, and what is sealed. The lists are
 * closed: a member that is not on its list is read.
 */
const ENDING = ['stop_reason', 'stop_sequence', 'stop_details', 'container']
/** Of a message; its content is read by itself. */
export const MESSAGE_SILENT: ReadonlySet<string> = new Set([
  ...['id', 'type', 'role', 'model', 'provider', 'usage', 'sluice', 'context_management', 'diagnostics', 'content'],
  ...ENDING,
])
/** Of what an answer ends with. */
export const ENDING_SILENT: ReadonlySet<string> = new Set(ENDING)
const EVENT = ['type', 'index', 'usage', 'sluice', 'context_management', 'request_id']
export const EVENT_SILENT: ReadonlySet<string> = new Set(EVENT)
/** The same of events of which one member is read by itself, or is the upstream's own word for what failed. */
export const CARRIER_SILENT: ReadonlyMap<unknown, ReadonlySet<string>> = new Map(
  Object.entries({
    message_start: 'message',
    content_block_start: 'content_block',
    content_block_delta: 'delta',
    message_delta: 'delta',
    error: 'error',
  }).map(([type, member]) => [type, new Set([...EVENT, member])]),
)
const BLOCK = ['type', 'id', 'tool_use_id', 'caller', 'signature']
const TEXT: ReadonlySet<string> = new Set([...BLOCK, 'text'])
const THINKING: ReadonlySet<string> = new Set([...BLOCK, 'thinking'])
const SEALED: ReadonlySet<string> = new Set([...BLOCK, 'data'])
const CALL: ReadonlySet<string> = new Set([...BLOCK, 'name', 'input'])
/** Of a change of model: names of models and a category. */
const SEAM: ReadonlySet<string> = new Set([...BLOCK, 'from', 'to', 'trigger'])

/** Every text of a block, whole or as it begins. @param channel Of its running text. */
export function blockTexts(block: Json, channel: string, fresh: Fresh = ALL): BlockTexts {
  const type = stringOr(block.type, '')
  switch (type) {
    case 'text':
      return inspected([...saying(channel, 'text', block.text), ...beside(channel, block, TEXT, fresh)])
    case 'thinking':
      return inspected([...saying(channel, 'reasoning', block.thinking), ...beside(channel, block, THINKING, fresh)])
    case 'redacted_thinking':
      return { texts: beside(channel, block, SEALED, fresh), uninspected: ['encrypted'] }
    case 'fallback':
      return inspected(beside(channel, block, SEAM, fresh))
    default:
  }
  if (type.endsWith('tool_use')) {
    const { id } = block
    const toolUse = typeof id === 'string' && id !== '' ? { toolUse: id } : {}
    return inspected([
      { channel, place: 'tool_name', text: `${wordsOf(block.name)}\n`, ...toolUse },
      ...saying(channel, 'tool_input', typeof block.input === 'string' ? block.input : stringsIn(block.input)),
      ...beside(channel, block, CALL, fresh),
    ])
  }
  const texts = saying(channel, 'text', stringValuesIn(block))
  return type.endsWith('tool_result') ? inspected(texts) : { texts, uninspected: ['unknown'] }
}

/** What of a text that stands at `place` is to be read: all of it, or what was not read there before. */
export type Fresh = (place: string, text: string) => string

/**
 * What a record holds beside what is silent in it or read by itself: sources, and members that nobody knows. They are no
 * part of the running text, of which they would tear words apart.
 */
export function beside(
  channel: string,
  record: Json,
  silent: ReadonlySet<string>,
  fresh: Fresh = ALL,
): readonly ChannelText[] {
  let said = ''
  // As JSON was parsed: every key is its own.
  for (const key in record) {
    if (silent.has(key)) continue
    const text = wordsOf(record[key])
    if (text !== '') said += fresh(`${channel} ${key}`, `${text}\n`)
  }
  return said === '' ? NO_TEXTS : [{ channel: `${channel} beside`, place: 'beside', text: said }]
}

/** A text as a string, or as whatever a lenient upstream makes of it. */
export function saying(channel: string, place: ChannelText['place'], value: unknown): readonly ChannelText[] {
  const text = wordsOf(value)
  return text === '' ? NO_TEXTS : [{ channel, place, text }]
}

/** The content of a message as a list of blocks; a lenient upstream also gives a lone one, or bare strings. */
export function blocksOf(content: unknown): readonly Json[] {
  if (content === undefined || content === null) return []
  const list: readonly unknown[] = Array.isArray(content) ? content : [content]
  return list.map((one) => (isRecord(one) ? one : { type: 'text', text: one }))
}

function wordsOf(value: unknown): string {
  return typeof value === 'string' ? value : stringValuesIn(value).join('\n')
}

function inspected(texts: readonly ChannelText[]): BlockTexts {
  return { texts, uninspected: NO_MEDIA }
}

const ALL: Fresh = (_place, text) => text
const NO_TEXTS: readonly ChannelText[] = []
const NO_MEDIA: readonly string[] = []
