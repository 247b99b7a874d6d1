import { closingQuote, QUOTE } from './json-string.ts'

/** Editing JSON as text: what is not edited keeps its exact bytes, so numbers keep their digits and strings their escapes. */

/** Start and end of one value in a text, half-open, without the blanks around it. */
export interface Slice {
  readonly start: number
  readonly end: number
}

export interface Member extends Slice {
  readonly name: string
  /** Where the member's value begins; `start` is that of its name. */
  readonly valueStart: number
}

/**
 * Members of the object that opens at `at`, in order. The text is known to be valid JSON.
 * @returns [] when there is no object there.
 */
export function membersAt(text: string, at: number): Member[] {
  if (text[at] !== '{') return []
  return slicesAt(text, at).map(({ start, end }) => {
    const nameEnd = closingQuote(text, start) + 1
    const valueStart = skipBlanks(text, text.indexOf(':', nameEnd) + 1)
    return { name: JSON.parse(text.slice(start, nameEnd)) as string, start, end, valueStart }
  })
}

/** Elements of the array that opens at `at`, in order; [] when there is no array there. */
export function elementsAt(text: string, at: number): Slice[] {
  return text[at] === '[' ? slicesAt(text, at) : []
}

/** What stands between the commas of the object or array that opens at `at`. Linear; strings are skipped whole. */
function slicesAt(text: string, at: number): Slice[] {
  const slices: Slice[] = []
  let depth = 0
  let start = at + 1
  const close = (end: number) => {
    const from = skipBlanks(text, start)
    let to = end
    while (to > from && isBlank(text.charCodeAt(to - 1))) to--
    if (to > from) slices.push({ start: from, end: to })
    start = end + 1
  }
  for (let i = at; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    if (unit === QUOTE) i = closingQuote(text, i)
    else if (unit === 123 || unit === 91) depth++
    else if (unit === 125 || unit === 93) {
      if (--depth > 0) continue
      close(i)
      return slices
    } else if (unit === 44 && depth === 1) close(i)
  }
  return slices
}

function isBlank(unit: number): boolean {
  return unit === 32 || unit === 10 || unit === 13 || unit === 9
}

/** Index of the first character at or after `at` that is no blank. */
export function skipBlanks(text: string, at: number): number {
  let i = at
  while (i < text.length && isBlank(text.charCodeAt(i))) i++
  return i
}
