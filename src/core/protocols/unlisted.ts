import type { Part, Turn } from '../conversation/exchange.ts'
import { DOCUMENT, text } from './parts.ts'
import { isRecord, type Json, stringsIn } from './values.ts'

/**
 * What a body says in members that no decoder reads by name. Members are open lists, and a template of the upstream may
 * show any of them to its model: so everything is read but what a table says is no text.
 */

/** Adds what a model could read of a listed member to `out`. */
export type Reader = (value: unknown, out: string[]) => void

export type Listed = ReadonlyMap<string, Reader>

/** A value of an enumeration, an id, a signature. Prose has blanks, or letters beyond ASCII. */
const WORD = /^[!-~]*$/

export function listed(own: Readonly<Record<string, Reader>>): Listed {
  return new Map(Object.entries(own))
}

/** One reader for several names of a table. */
export function all(reader: Reader, ...names: readonly string[]): Readonly<Record<string, Reader>> {
  return Object.fromEntries(names.map((name) => [name, reader]))
}

/** Shown to no model, in whatever shape; or read by name. */
export const silent: Reader = () => undefined

/** Bytes and addresses: a string is no text, any other shape is. */
export const opaque: Reader = (value, out) => {
  if (Array.isArray(value)) for (const item of value) opaque(item, out)
  else if (typeof value !== 'string') stringsIn(value, out)
}

/** Enumerations and ids: one word is no text, or a list of them. */
export const word: Reader = options()

/** Settings: words under these names, at any depth. */
export function options(...names: readonly string[]): Reader {
  const inner = new Map<string, Reader>()
  const reader: Reader = (value, out) => {
    if (isRecord(value)) read(value, inner, out, [])
    else if (Array.isArray(value)) for (const item of value) reader(item, out)
    else if (typeof value === 'string' && !WORD.test(value)) out.push(value)
  }
  for (const name of names) inner.set(name, reader)
  return reader
}

/** One plain value is a name or a number, any other shape is text. */
export const name: Reader = (value, out) => {
  if (typeof value === 'object' && value !== null) stringsIn(value, out)
}

/** An object, by a table of its own. @param plain What reads a value that is none. */
export function members(own: Readonly<Record<string, Reader>>, plain: Reader = everything): Reader {
  const table = listed(own)
  return (value, out) => (isRecord(value) ? read(value, table, out, []) : plain(value, out))
}

/** The same of what no upstream gets: nothing unlisted is a setting of one, so every name of such a member is read. */
export function membersAll(own: Readonly<Record<string, Reader>>): Reader {
  const table = listed(own)
  return (value, out) => (isRecord(value) ? read(value, table, out, [], readNamed) : everything(value, out))
}

/** A list, item by item. */
export function each(reader: Reader): Reader {
  return (value, out) => {
    if (Array.isArray(value)) for (const item of value) reader(item, out)
    else everything(value, out)
  }
}

/** One of these words is no text, any other string is. */
export function oneOf(...words: readonly string[]): Reader {
  return (value, out) => {
    if (!words.includes(value as string)) stringsIn(value, out)
  }
}

/** The unlisted rest of an object as one untrusted part. @param known Members that the caller reads itself. */
export function unlisted(record: Json, table: Listed, ...known: readonly string[]): readonly Part[] {
  const out: string[] = []
  read(record, table, out, known)
  return out.length === 0 ? NO_PARTS : text(out.join('\n'), DOCUMENT)
}

/**
 * The unlisted rest of a body as a turn of its own; none where there is none. It is no system turn: whether a request
 * stands under a system prompt is nothing that such members say.
 */
export function unlistedTurn(body: Json, table: Listed): readonly Turn[] {
  const parts = unlisted(body, table)
  return parts.length === 0 ? [] : [{ role: 'user', parts }]
}

/** Every string value, and every key that is more than a word. */
export function valuesIn(value: unknown, out: string[] = []): string[] {
  if (typeof value === 'string') out.push(value)
  else if (Array.isArray(value)) for (const item of value) valuesIn(item, out)
  else if (isRecord(value))
    for (const key of Object.keys(value)) {
      if (!WORD.test(key)) out.push(key)
      valuesIn(value[key], out)
    }
  return out
}

type ReadUnlisted = (key: string, value: unknown, out: string[]) => void

function read(
  record: Json,
  table: Listed,
  out: string[],
  known: readonly string[],
  beyond: ReadUnlisted = readUnlisted,
): void {
  for (const key of Object.keys(record)) {
    if (known.includes(key)) continue
    const reader = table.get(key)
    if (reader !== undefined) reader(record[key], out)
    else beyond(key, record[key], out)
  }
}

/** A number or a flag is a setting of some upstream; its name is none of the caller's words unless it is prose. */
function readUnlisted(key: string, value: unknown, out: string[]): void {
  const said = stringsIn(value)
  const speaks = said.some((one) => one !== '')
  if (speaks || !WORD.test(key)) out.push(key)
  // One by one: a body may hold more strings than a call takes arguments.
  if (speaks) for (const one of said) out.push(one)
}

function readNamed(key: string, value: unknown, out: string[]): void {
  out.push(key)
  stringsIn(value, out)
}

/** Every string, whatever holds it. */
export function everything(value: unknown, out: string[]): void {
  stringsIn(value, out)
}

const NO_PARTS: readonly Part[] = []
