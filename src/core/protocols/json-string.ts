import { invalid } from './protocol-error.ts'

export const QUOTE = 34
const BACKSLASH = 92

/**
 * Index of the closing quote of the string that opens at `start`; checks the escapes on the way. Linear in the string.
 * @param halves Whether half of a surrogate pair may be written as an escape.
 */
export function endOfString(text: string, start: number, halves = false): number {
  const quote = text.indexOf('"', start + 1)
  if (quote < 0) throw invalid('body', 'is not valid JSON')
  // Searched within the string alone: without a backslash in it, the search would run to the end of the body each time.
  const slash = text.slice(start + 1, quote).indexOf('\\')
  if (slash < 0) return quote
  for (let i = start + 1 + slash; i < text.length; ) {
    const unit = text.charCodeAt(i)
    if (unit === QUOTE) return i
    i = unit !== BACKSLASH ? i + 1 : halves ? i + 2 : afterEscape(text, i)
  }
  throw invalid('body', 'is not valid JSON')
}

/** The same in a text that is known to be JSON: its escapes are the writer's business. */
export function closingQuote(text: string, start: number): number {
  for (let quote = text.indexOf('"', start + 1); quote >= 0; quote = text.indexOf('"', quote + 1)) {
    let slashes = 0
    while (text.charCodeAt(quote - 1 - slashes) === BACKSLASH) slashes++
    if (slashes % 2 === 0) return quote
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
