import { elementsAt, type Member, membersAt, skipBlanks } from './json-edit.ts'
import { endOfString, QUOTE } from './json-string.ts'
import { invalid } from './protocol-error.ts'

export { invalid, ProtocolError } from './protocol-error.ts'

/** A JSON object that means the same to every parser (wire.md §2), with the text it came from. */
export interface JsonDocument {
  readonly value: Readonly<Record<string, unknown>>
  readonly text: string
}

export const MAX_DEPTH = 128
export const MAX_NODES = 200_000

/** What a body is held to beyond being JSON that reads in one way. */
export interface JsonBounds {
  /** Levels of nesting. */
  readonly depth: number
  /** Values in all. */
  readonly nodes: number
  /** Escapes of half a surrogate pair pass: a text that was cut somewhere ends in one. */
  readonly halves: boolean
}

/** Of a body that goes on to another parser (wire.md §2). */
const FORWARDED: JsonBounds = { depth: MAX_DEPTH, nodes: MAX_NODES, halves: false }
/** Of one that ends here: some hundred milliseconds, and what recurses over its values stays far from the end of the stack. */
export const ONLY_READ: JsonBounds = { depth: 1_000, nodes: 400_000, halves: true }

const MANY_KEYS = 12

/**
 * Parses a body, and refuses what two parsers could read differently: a key twice in one object, lone surrogates, a
 * byte-order mark, anything after the value; and what only costs time: more than `bounds` of levels or values.
 *
 * One pass over the text for these, bodies of strings skipped by `indexOf`; then the platform's parser. Linear.
 * @throws {ProtocolError} `body_invalid`.
 */
export function readJson(text: string, bounds: JsonBounds = FORWARDED): JsonDocument {
  if (text.charCodeAt(0) === 0xfeff) throw invalid('body', 'wanted no byte-order mark')
  scan(text, bounds)
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    // The parser's own message quotes the text.
    throw invalid('body', text === '' ? 'is empty' : 'is not valid JSON')
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw invalid('body', 'wanted an object')
  return { value: value as Record<string, unknown>, text }
}

/** Keys seen in one open object; null for an array. */
type Keys = string[] | Set<string>

function scan(text: string, { depth, nodes: most, halves }: JsonBounds): void {
  const open: (Keys | null)[] = []
  let nodes = 0
  let key = false
  for (let i = 0; i < text.length; i++) {
    switch (text.charCodeAt(i)) {
      case QUOTE: {
        const end = endOfString(text, i, halves)
        if (key) {
          remember(open, text, i, end)
          key = false
        }
        i = end
        break
      }
      case 123: // {
      case 91: {
        // [
        const isObject = text.charCodeAt(i) === 123
        open.push(isObject ? [] : null)
        key = isObject
        if (open.length > depth) throw invalid('body', `is nested deeper than ${depth} levels`)
        if (++nodes > most) throw invalid('body', `has more than ${most} values`)
        break
      }
      case 125: // }
      case 93: // ]
        open.pop()
        key = false
        break
      case 44: // ,
        key = open.length > 0 && open[open.length - 1] !== null
        if (++nodes > most) throw invalid('body', `has more than ${most} values`)
        break
      default:
    }
  }
}

function remember(open: (Keys | null)[], text: string, start: number, end: number): void {
  const raw = text.slice(start + 1, end)
  const name = raw.includes('\\') ? unescaped(raw) : raw
  const keys = open[open.length - 1]
  if (keys === null || keys === undefined) return
  const seen = Array.isArray(keys) ? keys.includes(name) : keys.has(name)
  if (seen) throw invalid('body', 'holds the same key twice in one object')
  if (!Array.isArray(keys)) keys.add(name)
  else if (keys.push(name) > MANY_KEYS) open[open.length - 1] = new Set(keys)
}

function unescaped(raw: string): string {
  try {
    return JSON.parse(`"${raw}"`) as string
  } catch {
    throw invalid('body', 'is not valid JSON')
  }
}

export interface Edits {
  readonly set?: Readonly<Record<string, unknown>>
  /** The same, as JSON text. */
  readonly raw?: Readonly<Record<string, string>>
  readonly remove?: readonly string[]
}

/**
 * The document with some of its own members replaced, added or removed; every other member keeps its exact bytes, so
 * numbers keep their digits and strings their escapes.
 */
export function replaceTopLevel({ text }: JsonDocument, edits: Edits): string {
  const values = new Map(Object.entries(edits.raw ?? {}))
  for (const [name, value] of Object.entries(edits.set ?? {})) values.set(name, JSON.stringify(value))
  const members: string[] = []
  const written = new Set<string>()
  for (const { name, start, end } of membersAt(text, skipBlanks(text, 0))) {
    const value = values.get(name)
    // An answer may hold a key twice, and the second one would be the one that is read.
    if (edits.remove?.includes(name) || written.has(name)) continue
    members.push(value === undefined ? text.slice(start, end) : `${JSON.stringify(name)}:${value}`)
    if (value !== undefined) written.add(name)
  }
  for (const [name, value] of values) if (!written.has(name)) members.push(`${JSON.stringify(name)}:${value}`)
  return `{${members.join(',')}}`
}

/** The text of one member of the document, an object, with the same edits; of an empty one where there is none. */
export function replaceIn(document: JsonDocument, name: string, edits: Edits): string {
  return replaceTopLevel(objectIn(document, name) ?? { value: {}, text: '{}' }, edits)
}

/** The object that a member of the document is, with its own text; null where it is none. */
export function objectIn({ value, text }: JsonDocument, name: string): JsonDocument | null {
  const inner = value[name]
  if (typeof inner !== 'object' || inner === null || Array.isArray(inner)) return null
  const at = memberIn(text, name)
  return at === null ? null : { value: inner as Record<string, unknown>, text: text.slice(at.valueStart, at.end) }
}

/** The texts of the elements of a member of the document, in order; [] where it is no array. */
export function elementsIn({ text }: JsonDocument, name: string): string[] {
  const at = memberIn(text, name)
  return at === null ? [] : elementsAt(text, at.valueStart).map(({ start, end }) => text.slice(start, end))
}

/** Of a key that stands there twice, the last: the one whose value every parser gives. */
function memberIn(text: string, name: string): Member | null {
  return membersAt(text, skipBlanks(text, 0)).findLast((member) => member.name === name) ?? null
}
