import { utf8 } from './bytes.ts'
import { endOf, type Spanned, SpannedText, startOf } from './spanned.ts'

export type EscapeTrick = 'url' | 'html' | 'unicode-escape' | 'quoted-printable'

/** Fewer than this are what an honest text has: a link with a blank in it, a tab in a string. */
const FEWEST = 3

/** One escape read: the code point, or a byte of UTF-8, and how many code points it takes up. */
interface Escape {
  readonly trick: EscapeTrick
  readonly value: number
  readonly size: number
  readonly byte: boolean
}

/** The text with its escapes read, and which there were; null where there are next to none. Linear. */
export function unescaped(text: Spanned): { readonly tricks: ReadonlySet<EscapeTrick>; readonly text: Spanned } | null {
  const { points } = text
  const read = new SpannedText()
  const tricks = new Set<EscapeTrick>()
  let count = 0
  for (let i = 0; i < points.length; ) {
    let found = escapeAt(points, i)
    if (found === null) {
      read.copy(text, i++)
      continue
    }
    const bytes: number[] = []
    const starts: number[] = []
    const ends: number[] = []
    const from = i
    // Neighbours of one kind: the bytes of one character are only read together.
    for (const { trick } = found; found !== null && found.trick === trick && found.byte; found = escapeAt(points, i)) {
      bytes.push(found.value)
      starts.push(startOf(text, i, i + found.size - 1))
      ends.push(endOf(text, i, i + found.size - 1))
      i += found.size
    }
    if (bytes.length === 0) {
      count++
      tricks.add(found!.trick)
      read.merge(found!.value, text, i, i + found!.size - 1)
      i += found!.size
      continue
    }
    const trick = escapeAt(points, from)!.trick
    const decoded = utf8(bytes, starts, ends)
    const honest = decoded.points.every((point) => point >= 32 && point !== 0xfffd)
    // `x=10` is no quoted-printable: there, escapes stand together.
    if (!honest || (trick === 'quoted-printable' && bytes.length < 2)) {
      for (let k = from; k < i; k++) read.copy(text, k)
      continue
    }
    count += bytes.length
    tricks.add(trick)
    for (let k = 0; k < decoded.points.length; k++) read.copy(decoded, k)
  }
  return count >= FEWEST ? { tricks, text: read } : null
}

function escapeAt(points: readonly number[], i: number): Escape | null {
  switch (points[i]) {
    case 0x25:
      return byteEscape('url', points, i + 1, 1)
    case 0x3d:
      return byteEscape('quoted-printable', points, i + 1, 1)
    case 0x26:
      return points[i + 1] === 0x23 ? entity(points, i + 2) : null
    case 0x5c:
      return backslash(points, i + 1)
    default:
      return null
  }
}

function byteEscape(trick: EscapeTrick, points: readonly number[], from: number, before: number): Escape | null {
  const value = numberAt(points, from, 2, 16)
  return value === null ? null : { trick, value, size: before + 2, byte: true }
}

/** `&#105;`, `&#x69;`; the semicolon may be missing. */
function entity(points: readonly number[], from: number): Escape | null {
  const hex = (points[from]! | 32) === 0x78
  const first = hex ? from + 1 : from
  let end = first
  while (end < first + 7 && digitOf(points[end], hex ? 16 : 10) !== null) end++
  const value = end > first ? numberAt(points, first, end - first, hex ? 16 : 10) : null
  if (value === null || !isCharacter(value)) return null
  const closed = points[end] === 0x3b ? end + 1 : end
  return { trick: 'html', value, size: closed - from + 2, byte: false }
}

/** `\u0069`, `\u{69}`, `\U00000069`, `\x69`. */
function backslash(points: readonly number[], from: number): Escape | null {
  const trick = 'unicode-escape'
  const letter = points[from]
  if (letter === 0x78) return byteEscape(trick, points, from + 1, 2)
  if (letter === 0x75 && points[from + 1] === 0x7b) {
    let end = from + 2
    while (end < from + 8 && digitOf(points[end], 16) !== null) end++
    const value = end > from + 2 && points[end] === 0x7d ? numberAt(points, from + 2, end - from - 2, 16) : null
    return value !== null && isCharacter(value) ? { trick, value, size: end - from + 2, byte: false } : null
  }
  const size = letter === 0x75 ? 4 : letter === 0x55 ? 8 : 0
  const value = size === 0 ? null : numberAt(points, from + 1, size, 16)
  if (value === null) return null
  if (value >= 0xd800 && value <= 0xdbff && points[from + 5] === 0x5c && points[from + 6] === 0x75) {
    const low = numberAt(points, from + 7, 4, 16)
    if (low !== null && low >= 0xdc00 && low <= 0xdfff)
      return { trick, value: (value - 0xd800) * 0x400 + (low - 0xdc00) + 0x10000, size: 12, byte: false }
  }
  return isCharacter(value) ? { trick, value, size: size + 2, byte: false } : null
}

function numberAt(points: readonly number[], from: number, count: number, base: number): number | null {
  let value = 0
  for (let i = from; i < from + count; i++) {
    const digit = digitOf(points[i], base)
    if (digit === null) return null
    value = value * base + digit
  }
  return value
}

function digitOf(point: number | undefined, base: number): number | null {
  if (point === undefined) return null
  if (point >= 48 && point <= 57) return point - 48
  const letter = point | 32
  return base === 16 && point < 128 && letter >= 97 && letter <= 102 ? letter - 87 : null
}

function isCharacter(value: number): boolean {
  return value >= 9 && value <= 0x10ffff && !(value >= 0xd800 && value <= 0xdfff)
}
