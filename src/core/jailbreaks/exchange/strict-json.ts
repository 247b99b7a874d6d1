import { CodedError } from '../../base/errors.ts'

/** A text that two readers could understand differently, or no JSON at all. Never carries the text itself. */
export class StrictJsonError extends CodedError<'not_json' | 'repeated_key' | 'too_deep'> {}

const MOST_LEVELS = 64

/**
 * JSON in which no object names a member twice: of two values of one name every reader picks its own, and the signed
 * text would mean two things. Names are compared as read, so that `a` written as an escape is still `a`.
 * @throws {StrictJsonError} with the offset, in UTF-16 units.
 */
export function parseStrictJson(text: string): unknown {
  assertNamesOnce(text)
  try {
    return JSON.parse(text) as unknown
  } catch (cause) {
    throw new StrictJsonError('not_json', 'wanted JSON', { cause })
  }
}

/** Walks the text as if it were JSON; what is none is left to the parser to refuse. One pass, no recursion. */
function assertNamesOnce(text: string): void {
  const open: (Set<string> | null)[] = []
  let at = 0
  while (at < text.length) {
    const character = text[at]!
    if (character === '{' || character === '[') {
      open.push(character === '{' ? new Set() : null)
      if (open.length > MOST_LEVELS)
        throw new StrictJsonError('too_deep', `nested deeper than ${MOST_LEVELS} levels (at ${at})`)
    } else if (character === '}' || character === ']') open.pop()
    if (character !== '"') {
      at++
      continue
    }
    const end = endOfString(text, at)
    const names = open.at(-1)
    if (names && isName(text, end)) {
      const name = nameAt(text, at, end)
      if (names.has(name))
        throw new StrictJsonError('repeated_key', `a member is named twice in one object (at ${at}); leave one`)
      names.add(name)
    }
    at = end
  }
}

function endOfString(text: string, start: number): number {
  let at = start + 1
  while (at < text.length && text[at] !== '"') at += text[at] === '\\' ? 2 : 1
  return at + 1
}

function isName(text: string, end: number): boolean {
  let at = end
  while (text[at] === ' ' || text[at] === '\n' || text[at] === '\r' || text[at] === '\t') at++
  return text[at] === ':'
}

function nameAt(text: string, start: number, end: number): string {
  const raw = text.slice(start, end)
  if (!raw.includes('\\')) return raw
  try {
    return JSON.stringify(JSON.parse(raw))
  } catch {
    // Not JSON: the parser says so.
    return raw
  }
}
