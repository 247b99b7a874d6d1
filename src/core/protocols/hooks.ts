import { type Exchange, NOTHING_WANTED, type Part, type Turn } from '../conversation/exchange.ts'
import { EscapeReader } from './escapes.ts'
import { type JsonDocument, ONLY_READ, ProtocolError, readJson } from './json.ts'
import {
  ASSISTANT,
  DOCUMENT,
  newestFrom,
  type Standpoint,
  TOOL_RESULT,
  text,
  USER,
  uninspected,
  unknown,
} from './parts.ts'
import { isRecord, type Json, MOST_MODEL_UNITS, stringOr, stringsIn, wordsIn } from './values.ts'

/** Inference hooks (wire.md §14): a vendor asks for a verdict on a request that it serves itself. */

/** What a vendor says of one request; everything it adds later is read as text. */
export interface PromptFrame {
  /** `unknown`: an event of another type, which is let by. `unreadable`: no JSON that reads in one way. */
  readonly event: 'prompt' | 'unknown' | 'unreadable'
  /** Who asks: names of the vendor's, joined; hashed before anything is stored. */
  readonly actor: string
  readonly tenant: string
  readonly document: JsonDocument
  readonly exchange: Exchange
}

export interface Verdict {
  readonly action: 'allow' | 'deny'
  /** ≤ 500 characters, for the person who asked. */
  readonly deny_reason?: string
  readonly reference_id?: string
}

/** What a block of one kind holds. Whatever else stands in it is read as well, as text of no one's. */
interface Kind {
  /** Members whose words are the block's, in order. */
  readonly says: readonly string[]
  /** Members that name or number the block. */
  readonly names: readonly string[]
  /** Where its words stand; absent, where those of its turn do. */
  readonly at?: Standpoint
}

const KINDS: ReadonlyMap<unknown, Kind> = new Map<unknown, Kind>([
  ['text', { says: ['text'], names: [] }],
  ['attachment', { says: ['file_name', 'media_type', 'text'], names: ['size_bytes'], at: DOCUMENT }],
  ['tool_use', { says: ['tool_name', 'input'], names: ['id'] }],
  ['tool_result', { says: ['tool_name', 'content'], names: ['tool_use_id', 'is_error'], at: TOOL_RESULT }],
])

/**
 * Reads a frame of any shape. It goes no further, so that the bounds of what is forwarded do not hold here; of what is no
 * frame at all the text is read as it stands. Every string is in the exchange, but for those that name: ids, types, the
 * model, who asks. Linear, at most 1,000 levels deep.
 */
export function decodeFrame(body: string): PromptFrame {
  let document: JsonDocument
  try {
    document = readJson(body, ONLY_READ)
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error
    return unreadable(body)
  }
  const { value } = document
  const turns = listed(value.messages).map(turnOf)
  const roles = turns.map(({ role }) => role)
  const ambient = [
    ...others(
      value,
      ['type', 'request_id', 'tenant_id', 'session_id', 'model'],
      ['actor', 'source', 'messages', 'metadata'],
    ),
    ...others(value.actor, ['type', 'id', 'email_address']),
    ...others(value.source, ['application']),
    ...stringsIn(value.metadata),
  ]
  const more = text(ambient.join('\n'), DOCUMENT)
  const { type, id, email_address } = isRecord(value.actor) ? value.actor : {}
  return {
    event: value.type === 'prompt' ? 'prompt' : 'unknown',
    actor: [type, id, email_address].filter((one) => typeof one === 'string').join(' '),
    tenant: stringOr(value.tenant_id, ''),
    document,
    exchange: {
      surface: 'hooks',
      // The record takes whole characters alone.
      model: stringOr(value.model, 'unknown').slice(0, MOST_MODEL_UNITS).toWellFormed(),
      stream: false,
      turns: more.length === 0 ? turns : [...turns, { role: 'system', parts: more }],
      newestFrom: newestFrom(roles),
      ...NOTHING_WANTED,
      session: stringOr(value.session_id, null),
    },
  }
}

/** Nobody's text, its escapes read as what they stand for. */
function unreadable(body: string): PromptFrame {
  const parts = text(new EscapeReader().push(body), DOCUMENT)
  return {
    event: 'unreadable',
    actor: '',
    tenant: '',
    document: { value: {}, text: body },
    exchange: {
      surface: 'hooks',
      model: 'unknown',
      stream: false,
      turns: [{ role: 'user', parts }],
      newestFrom: 0,
      ...NOTHING_WANTED,
      session: null,
    },
  }
}

function turnOf(message: unknown): Turn {
  if (!isRecord(message)) return { role: 'user', parts: text(wordsIn(message), USER) }
  const role = message.role === 'assistant' ? 'assistant' : 'user'
  const at = role === 'assistant' ? ASSISTANT : USER
  const beside = text(others(message, ['role'], ['content']).join('\n'), DOCUMENT)
  return { role, parts: [...listed(message.content).flatMap((block) => blockParts(block, at)), ...beside] }
}

function blockParts(block: unknown, turn: Standpoint): readonly Part[] {
  if (!isRecord(block)) return text(wordsIn(block), turn)
  const kind = KINDS.get(block.type)
  if (kind === undefined) return unknown(block, turn)
  const { says, names, at = turn } = kind
  const words = says.map((name) => wordsIn(block[name])).filter((one) => one !== '')
  const beside = others(block, ['type', ...names], says)
  return [
    ...text(words.join('\n'), at),
    ...text(beside.join('\n'), DOCUMENT),
    ...(block.type === 'attachment' && wordsIn(block.text) === '' ? [unextracted(block, turn)] : []),
  ]
}

/** An attachment of which the vendor gives no text. */
function unextracted({ media_type }: Json, { trust }: Standpoint): Part {
  const media = stringOr(media_type, '')
  if (media.startsWith('image/')) return uninspected('image', { place: 'image', trust })
  return uninspected(media.startsWith('audio/') ? 'audio' : 'file', DOCUMENT)
}

/**
 * Names and strings of the members of `value` that are not known.
 * @param names Members that are known, and plain: one that holds more than one plain value is not.
 * @param read Members that are read elsewhere.
 */
function others(value: unknown, names: readonly string[], read: readonly string[] = []): readonly string[] {
  if (!isRecord(value)) return stringsIn(value)
  const strings: string[] = []
  for (const [name, member] of Object.entries(value)) {
    if (read.includes(name) || (names.includes(name) && (typeof member !== 'object' || member === null))) continue
    strings.push(name)
    stringsIn(member, strings)
  }
  return strings
}

/** A list, or the one thing that stands where a list should. */
function listed(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : value === undefined ? [] : [value]
}
