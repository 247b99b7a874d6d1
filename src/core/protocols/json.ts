import { CodedError } from '../base/errors.ts'

/** A body, or an answer, that is not of its protocol. The message says which member, and what was wanted. */
export class ProtocolError extends CodedError<'body_invalid' | 'upstream_invalid'> {}

/** A JSON object that means the same to every parser (wire.md §2), with the text it came from. */
export interface JsonDocument {
  readonly value: Readonly<Record<string, unknown>>
  readonly text: string
}

export const MAX_DEPTH = 128
export const MAX_NODES = 200_000

const QUOTE = 34
const BACKSLASH = 92
const MANY_KEYS = 12

/**
 * Parses a body, and refuses what two parsers could read differently: a key twice in one object, lone surrogates, a
 * byte-order mark, anything after the value; and what only costs time: more than 128 levels or 200,000 values.
 *
 * One pass over the text for these, bodies of strings skipped by `indexOf`; then the platform's parser. Linear.
 * @throws {ProtocolError} `body_invalid`.
 */
export function readJson(text: string): JsonDocument {
  if (text.charCodeAt(0) === 0xfeff) throw invalid('body', 'wanted no byte-order mark')
  scan(text)
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

export function invalid(field: string, expected: string): ProtocolError {
  return new ProtocolError('body_invalid', `body cannot be read: ${field} ${expected}`)
}

/** Keys seen in one open object; null for an array. */
type Keys = string[] | Set<string>

function scan(text: string): void {
  const open: (Keys | null)[] = []
  let nodes = 0
  let key = false
  for (let i = 0; i < text.length; i++) {
    switch (text.charCodeAt(i)) {
      case QUOTE: {
        const end = endOfString(text, i)
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
        if (open.length > MAX_DEPTH) throw invalid('body', `is nested deeper than ${MAX_DEPTH} levels`)
        if (++nodes > MAX_NODES) throw invalid('body', `has more than ${MAX_NODES} values`)
        break
      }
      case 125: // }
      case 93: // ]
        open.pop()
        key = false
        break
      case 44: // ,
        key = open.length > 0 && open[open.length - 1] !== null
        if (++nodes > MAX_NODES) throw invalid('body', `has more than ${MAX_NODES} values`)
        break
      default:
    }
  }
}

/** Index of the closing quote of the string that opens at `start`; checks the escapes on the way. Linear in the string. */
function endOfString(text: string, start: number): number {
  const quote = text.indexOf('"', start + 1)
  if (quote < 0) throw invalid('body', 'is not valid JSON')
  // Searched within the string alone: without a backslash in it, the search would run to the end of the body each time.
  const slash = text.slice(start + 1, quote).indexOf('\\')
  if (slash < 0) return quote
  for (let i = start + 1 + slash; i < text.length; ) {
    const unit = text.charCodeAt(i)
    if (unit === QUOTE) return i
    i = unit === BACKSLASH ? afterEscape(text, i) : i + 1
  }
  throw invalid('body', 'is not valid JSON')
}

/** Index after the escape at `slash`. @throws {ProtocolError} half of a surrogate pair. */
function afterEscape(text: string, slash: number): number {
  if (text.charCodeAt(slash + 1) !== 117) return slash + 2
  const unit = hexUnit(text, slash)
  if (unit < 0xd800 || unit > 0xdfff) return slash + 6
  const low =
    unit <= 0xdbff && text.charCodeAt(slash + 6) === BACKSLASH && text.charCodeAt(slash + 7) === 117
      ? hexUnit(text, slash + 6)
      : 0
  if (low < 0xdc00 || low > 0xdfff) throw invalid('body', 'holds half of a surrogate pair')
  return slash + 12
}

function hexUnit(text: string, slash: number): number {
  return Number.parseInt(text.slice(slash + 2, slash + 6), 16)
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

/**
 * The document with some of its own members replaced or removed; every other member keeps its exact bytes, so numbers
 * keep their digits and strings their escapes.
 */
export function replaceTopLevel(
  document: JsonDocument,
  edits: { readonly set?: Readonly<Record<string, unknown>>; readonly remove?: readonly string[] },
): string {
  const set = new Map(Object.entries(edits.set ?? {}))
  const members: string[] = []
  for (const { name, raw } of topLevelMembers(document.text)) {
    if (edits.remove?.includes(name)) continue
    if (!set.has(name)) members.push(raw)
    else members.push(`${JSON.stringify(name)}:${JSON.stringify(set.get(name))}`)
    set.delete(name)
  }
  for (const [name, value] of set) members.push(`${JSON.stringify(name)}:${JSON.stringify(value)}`)
  return `{${members.join(',')}}`
}

/** Members of the outermost object, each as the text it has. The text is known to be valid. */
function topLevelMembers(text: string): { readonly name: string; readonly raw: string }[] {
  const members: { name: string; raw: string }[] = []
  let depth = 0
  let start = -1
  let nameEnd = -1
  const close = (end: number) => {
    if (start >= 0)
      members.push({
        name: JSON.parse(text.slice(start, nameEnd + 1)) as string,
        raw: text.slice(start, end).trimEnd(),
      })
    start = -1
  }
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    if (unit === QUOTE) {
      const end = endOfString(text, i)
      if (depth === 1 && start < 0) {
        start = i
        nameEnd = end
      }
      i = end
    } else if (unit === 123 || unit === 91) depth++
    else if (unit === 125 || unit === 93) {
      if (depth === 1) close(i)
      depth--
    } else if (unit === 44 && depth === 1) close(i)
  }
  return members
}
