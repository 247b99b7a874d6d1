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
export const MESSAGE_SILENT: ReadonlySet<string> = new Set([
  ...['id', 'type', 'role', 'model', 'provider', 'usage', 'sluice', 'context_management', 'diagnostics'],
  ...['stop_reason', 'stop_sequence', 'stop_details', 'container'],
])
export const EVENT_SILENT: ReadonlySet<string> = new Set([
  ...['type', 'index', 'usage', 'sluice', 'context_management', 'error', 'request_id'],
])
const BLOCK_SILENT: ReadonlySet<string> = new Set(['type', 'id', 'tool_use_id', 'caller', 'signature'])
/** Of a call: also what belongs to the tool rather than to the answer has a name that the model wrote. */
const CALLED: ReadonlySet<string> = new Set(['name', 'input'])
/** Of a change of model: names of models and a category. */
const SEAM: ReadonlySet<string> = new Set(['from', 'to', 'trigger'])
const SEALED: ReadonlySet<string> = new Set(['data'])
const NONE: ReadonlySet<string> = new Set()

/** Every text of a block, whole or as it begins. @param channel Of its running text. */
export function blockTexts(block: Json, channel: string): BlockTexts {
  const type = stringOr(block.type, '')
  switch (type) {
    case 'text':
      return inspected([...saying(channel, 'text', block.text), ...beside(channel, block, BLOCK_SILENT, TEXT)])
    case 'thinking':
      return inspected([
        ...saying(channel, 'reasoning', block.thinking),
        ...beside(channel, block, BLOCK_SILENT, THINKING),
      ])
    case 'redacted_thinking':
      return { texts: beside(channel, block, BLOCK_SILENT, SEALED), uninspected: ['encrypted'] }
    case 'fallback':
      return inspected(beside(channel, block, BLOCK_SILENT, SEAM))
    default:
  }
  if (type.endsWith('tool_use')) {
    const { id } = block
    const toolUse = typeof id === 'string' && id !== '' ? { toolUse: id } : {}
    return inspected([
      { channel, place: 'tool_name', text: `${wordsOf(block.name)}\n`, ...toolUse },
      ...saying(channel, 'tool_input', typeof block.input === 'string' ? block.input : stringsIn(block.input)),
      ...beside(channel, block, BLOCK_SILENT, CALLED),
    ])
  }
  const texts = saying(channel, 'text', stringValuesIn(block))
  return type.endsWith('tool_result') ? inspected(texts) : { texts, uninspected: ['unknown'] }
}

/**
 * What a record holds beside what is read of it by name: sources, and members that nobody knows. They are no part of the
 * running text, of which they would tear words apart.
 */
export function beside(
  channel: string,
  record: Json,
  silent: ReadonlySet<string>,
  read: ReadonlySet<string> = NONE,
): readonly ChannelText[] {
  const said: string[] = []
  for (const key of Object.keys(record)) if (!silent.has(key) && !read.has(key)) stringValuesIn(record[key], said)
  return said.length === 0 ? NO_TEXTS : saying(`${channel} beside`, 'beside', `${said.join('\n')}\n`)
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

const TEXT: ReadonlySet<string> = new Set(['text'])
const THINKING: ReadonlySet<string> = new Set(['thinking'])
const NO_TEXTS: readonly ChannelText[] = []
const NO_MEDIA: readonly string[] = []
