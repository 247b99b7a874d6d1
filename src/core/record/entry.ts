import { strictJson } from '../base/strict-json.ts'
import { utf8Bytes, utf8Text } from '../base/utf8.ts'
import { type EntryKind, isEntryKind, isHashName, isTime, wrongMember } from './entry-kinds.ts'
import { RecordError } from './record-error.ts'

/** Far below what a bundle could hold: entries point to documents, they do not carry them. */
export const MOST_ENTRY_BYTES = 4096

/**
 * One entry of the record (record.md §2). Never holds a prompt, an answer, a name or an address: ids, hashes and salted
 * commitments only. Its place is not part of it.
 */
export interface Entry {
  readonly v: 1
  readonly k: EntryKind
  /** RFC 3339, UTC, milliseconds. */
  readonly at: string
  /** `authority:…`, `system:…` or `org:…`; people are pseudonyms. */
  readonly who: string
  /** Id of the thing. */
  readonly about: string
  /** Hash of the document that the entry points to. */
  readonly h?: string
  /** What its kind allows, and nothing else. */
  readonly d: Readonly<Record<string, unknown>>
  /** Leaf hashes of entries that this one corrects, ends or answers. */
  readonly prev?: readonly string[]
  /** Members of a later version: kept as they came, after the others. */
  readonly [unknown: string]: unknown
}

const ORDER = ['v', 'k', 'at', 'who', 'about', 'h', 'd', 'prev'] as const
const WHO = /^(?:authority|system|org):\S{1,200}$/
const MOST_ABOUT = 256
const MOST_PREV = 16

/**
 * The bytes of an entry: UTF-8 JSON, its members in their order and what it does not know after them, no white space.
 * @throws {RecordError} `malformed`, with the member; `too_large`.
 */
export function entryBytes(entry: Entry): Uint8Array {
  assertEntry(entry)
  const known = ORDER.filter((name) => entry[name] !== undefined).map((name) => [name, entry[name]])
  const unknown = Object.entries(entry).filter(([name]) => !(ORDER as readonly string[]).includes(name))
  const bytes = utf8Bytes(JSON.stringify(Object.fromEntries([...known, ...unknown])))
  assertSize(bytes)
  return bytes
}

/**
 * An entry from its bytes. Reads only what `entryBytes` writes: another way to write the same is refused.
 * @throws {RecordError} `malformed`, with the member; `too_large`.
 */
export function parseEntry(bytes: Uint8Array): Entry {
  assertSize(bytes)
  const text = utf8Text(bytes)
  const value = text === null ? undefined : strictJson(text)
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw malformed('wanted one JSON object')
  assertEntry(value as Entry)
  if (JSON.stringify(value) !== text || !isOrdered(Object.keys(value)))
    throw malformed('wanted its members in order, and no white space')
  return value as Entry
}

function assertEntry(entry: Entry): void {
  const { v, k, at, who, about, h, d, prev } = entry as Readonly<Record<string, unknown>>
  if (v !== 1) throw malformed('v: wanted 1')
  if (!isEntryKind(k)) throw malformed('k: wanted a kind of entry')
  if (!isTime(at)) throw malformed('at: wanted a time in UTC with milliseconds')
  if (typeof who !== 'string' || !WHO.test(who)) throw malformed('who: wanted `authority:…`, `system:…` or `org:…`')
  if (typeof about !== 'string' || about === '' || about.length > MOST_ABOUT) throw malformed('about: wanted an id')
  if (h !== undefined && !isHashName(h)) throw malformed('h: wanted `sha256:` and 64 hex digits')
  if (typeof d !== 'object' || d === null || Array.isArray(d)) throw malformed('d: wanted an object')
  const wrong = wrongMember(k, d as Readonly<Record<string, unknown>>)
  if (wrong !== null) throw malformed(`d.${wrong.slice(0, 80)}: not as an entry of kind \`${k}\` has it`)
  if (prev !== undefined && !(Array.isArray(prev) && prev.length <= MOST_PREV && prev.every(isHashName)))
    throw malformed(`prev: wanted at most ${MOST_PREV} hashes`)
}

/** Known members first, in their order. A number for a name would be sorted before them by any parser. */
function isOrdered(names: readonly string[]): boolean {
  const known = ORDER.filter((name) => names.includes(name))
  return known.every((name, i) => names[i] === name)
}

function assertSize({ length }: Uint8Array): void {
  if (length > MOST_ENTRY_BYTES)
    throw new RecordError('too_large', `entry: wanted at most ${MOST_ENTRY_BYTES} bytes, not ${length}`)
}

function malformed(what: string): RecordError {
  return new RecordError('malformed', `entry: ${what}`)
}
