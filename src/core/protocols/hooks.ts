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
import { all, everything, membersAll, name, type Reader, silent } from './unlisted.ts'
import { isRecord, type Json, MOST_MODEL_UNITS, stringOr, wordsIn } from './values.ts'

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
  readonly beside: Reader
  /** Where its words stand; absent, where those of its turn do. */
  readonly at?: Standpoint
}

/** @param names Members that name or number the block. */
function kind(says: readonly string[], names: readonly string[], at?: Standpoint): Kind {
  const beside = membersAll({ ...all(name, 'type', ...names), ...all(silent, ...says) })
  return { says, beside, ...(at === undefined ? {} : { at }) }
}

const KINDS: ReadonlyMap<unknown, Kind> = new Map<unknown, Kind>([
  ['text', kind(['text'], [])],
  ['attachment', kind(['file_name', 'media_type', 'text'], ['size_bytes'], DOCUMENT)],
  ['tool_use', kind(['tool_name', 'input'], ['id'])],
  ['tool_result', kind(['tool_name', 'content'], ['tool_use_id', 'is_error'], TOOL_RESULT)],
])

const BESIDE_MESSAGES = membersAll({
  ...all(name, 'type', 'request_id', 'tenant_id', 'session_id', 'model'),
  actor: membersAll(all(name, 'type', 'id', 'email_address')),
  source: membersAll(all(name, 'application')),
  messages: silent,
  metadata: everything,
})
const BESIDE_CONTENT = membersAll({ role: name, content: silent })

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
  const turns = asList(value.messages).map(turnOf)
  const roles = turns.map(({ role }) => role)
  const more = ambient(value, BESIDE_MESSAGES)
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
  const blocks = asList(message.content).flatMap((block) => blockParts(block, at))
  return { role, parts: [...blocks, ...ambient(message, BESIDE_CONTENT)] }
}

function blockParts(block: unknown, turn: Standpoint): readonly Part[] {
  if (!isRecord(block)) return text(wordsIn(block), turn)
  const known = KINDS.get(block.type)
  if (known === undefined) return unknown(block, turn)
  const { says, beside, at = turn } = known
  const words = says.map((one) => wordsIn(block[one])).filter((one) => one !== '')
  return [
    ...text(words.join('\n'), at),
    ...ambient(block, beside),
    ...(block.type === 'attachment' && wordsIn(block.text) === '' ? [unextracted(block, turn)] : []),
  ]
}

/** An attachment of which the vendor gives no text. */
function unextracted({ media_type }: Json, { trust }: Standpoint): Part {
  const media = stringOr(media_type, '')
  if (media.startsWith('image/')) return uninspected('image', { place: 'image', trust })
  return uninspected(media.startsWith('audio/') ? 'audio' : 'file', DOCUMENT)
}

/** What was not read by name, as text of no one's. */
function ambient(value: Json, reader: Reader): readonly Part[] {
  const out: string[] = []
  reader(value, out)
  return text(out.join('\n'), DOCUMENT)
}

/** A list, or the one thing that stands where a list should. */
function asList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : value === undefined ? [] : [value]
}
