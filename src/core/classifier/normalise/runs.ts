import { textOfBytes } from './bytes.ts'
import { BLANK, kindOf } from './characters.ts'
import { LONG } from './scan.ts'
import { endOf, type Spanned, type SpannedText, startOf } from './spanned.ts'

/** An alphabet of 2^bits characters that carry bits each, most significant first. */
interface Alphabet {
  readonly trick: 'base64' | 'base32' | 'hex'
  readonly bits: number
  /** Value of each ASCII code; -1 where it is not of the alphabet. */
  readonly values: Int8Array
}

/** A run that was decoded, or one that nobody could: its place, and how much it looks like noise. */
export type RunFound =
  | { readonly kind: 'text'; readonly trick: Alphabet['trick']; readonly text: SpannedText }
  | { readonly kind: 'noise'; readonly start: number; readonly end: number }

const A_TO_Z = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ'
const HEX = alphabet('hex', 4, '0123456789abcdef', 'ABCDEF', 10)
const BASE32 = alphabet('base32', 5, `${A_TO_Z}234567`)
const BASE64 = alphabet('base64', 6, `${A_TO_Z}${A_TO_Z.toLowerCase()}0123456789+/`, '-_', 62)
const NARROW_FIRST = [HEX, BASE32, BASE64]
/** A line this long may go on in the next: mail and PEM wrap at 76 and 64. */
const WRAPPED_LINE = 40
const NOISE_LENGTH = 64
const NOISE_BITS = 4.5
const NEWLINE = 10
const RETURN = 13

/** Every run of one alphabet in the text, at least `LONG` long, with what it says. Linear. */
export function* runsIn(text: Spanned): Generator<RunFound> {
  const { points } = text
  for (let i = 0; i < points.length; ) {
    if (!isOf(BASE64, points[i]!)) {
      i++
      continue
    }
    const at: number[] = []
    let line = i
    while (i < points.length) {
      if (isOf(BASE64, points[i]!)) at.push(i++)
      else if (i - line >= WRAPPED_LINE && goesOn(points, i)) {
        while (points[i] === NEWLINE || points[i] === RETURN) i++
        line = i
      } else break
    }
    if (at.length >= LONG) yield* decoded(text, at)
  }
}

/** Codes apart: `69 67 6e`, `0x69,0x67`, `01101001 01100111`. At least eight in a row. */
export function* codesIn(text: Spanned): Generator<SpannedText> {
  const { points } = text
  let bytes: number[] = []
  let starts: number[] = []
  let ends: number[] = []
  let size = 0
  const close = (): SpannedText | null => {
    const found = bytes.length >= 8 ? textOfBytes(bytes, starts, ends) : null
    bytes = []
    starts = []
    ends = []
    return found
  }
  for (let i = 0; i <= points.length; i++) {
    if (i < points.length && isOf(BASE64, points[i]!)) {
      size++
      continue
    }
    if (size > 0) {
      const byte = byteOf(points, i - size, i)
      if (byte === null) {
        const found = close()
        if (found !== null) yield found
      } else {
        bytes.push(byte)
        starts.push(startOf(text, i - size, i - 1))
        ends.push(endOf(text, i - size, i - 1))
      }
    }
    size = 0
  }
  const found = close()
  if (found !== null) yield found
}

function byteOf(points: readonly number[], from: number, to: number): number | null {
  const code = String.fromCharCode(...points.slice(from, Math.min(to, from + 9)))
  if (/^(0x)?[0-9a-f]{2}$/i.test(code)) return Number.parseInt(code.slice(-2), 16)
  return /^[01]{8}$/.test(code) ? Number.parseInt(code, 2) : null
}

function* decoded(text: Spanned, at: readonly number[]): Generator<RunFound> {
  const whole = decodeRun(text, at)
  if (whole !== null) {
    yield whole
    return
  }
  // A path or a name in front of it is of the same alphabet: the pieces between such signs are tried alone.
  let found = false
  for (const piece of pieces(text.points, at)) {
    const one = piece.length >= LONG && piece.length < at.length ? decodeRun(text, piece) : null
    if (one === null) continue
    found = true
    yield one
  }
  if (!found && isNoise(text.points, at))
    yield { kind: 'noise', start: startOf(text, at[0]!, at.at(-1)!), end: endOf(text, at[0]!, at.at(-1)!) }
}

function decodeRun(text: Spanned, at: readonly number[]): RunFound | null {
  for (const one of NARROW_FIRST) {
    const prefixed = one === HEX && text.points[at[0]!] === 48 && (text.points[at[1]!]! | 32) === 120
    const run = prefixed ? at.slice(2) : at
    if (!run.every((i) => isOf(one, text.points[i]!))) continue
    const found = decodeWith(one, text, run)
    if (found !== null) return { kind: 'text', trick: one.trick, text: found }
  }
  return null
}

function decodeWith({ bits, values }: Alphabet, text: Spanned, at: readonly number[]): SpannedText | null {
  const bytes: number[] = []
  const starts: number[] = []
  const ends: number[] = []
  let held = 0
  let kept = 0
  /** The character that the next byte's first bit is in. */
  let first = 0
  for (let k = 0; k < at.length; k++) {
    held = ((held << bits) | values[text.points[at[k]!]!]!) & 0xffff
    kept += bits
    if (kept < 8) continue
    kept -= 8
    bytes.push((held >> kept) & 0xff)
    starts.push(startOf(text, at[first]!, at[k]!))
    ends.push(endOf(text, at[first]!, at[k]!))
    first = kept === 0 ? k + 1 : k
  }
  return textOfBytes(bytes, starts, ends)
}

function pieces(points: readonly number[], at: readonly number[]): readonly (readonly number[])[] {
  const found: number[][] = [[]]
  for (const i of at) {
    if (/[-_/]/.test(String.fromCharCode(points[i]!))) found.push([])
    else found.at(-1)!.push(i)
  }
  return found
}

/** Long, of all kinds of characters, and none much more frequent than the others. Digests in hex are not meant. */
function isNoise(points: readonly number[], at: readonly number[]): boolean {
  if (at.length < NOISE_LENGTH) return false
  const counts = new Map<number, number>()
  for (const i of at) counts.set(points[i]!, (counts.get(points[i]!) ?? 0) + 1)
  let bits = 0
  for (const count of counts.values()) bits -= (count / at.length) * Math.log2(count / at.length)
  const has = (pattern: RegExp) => [...counts.keys()].some((code) => pattern.test(String.fromCharCode(code)))
  return bits >= NOISE_BITS && has(/[a-z]/) && has(/[A-Z]/) && has(/[0-9]/)
}

function goesOn(points: readonly number[], i: number): boolean {
  if (kindOf(points[i]!) !== BLANK) return false
  let next = i
  while (next < i + 2 && (points[next] === NEWLINE || points[next] === RETURN)) next++
  return next > i && next < points.length && isOf(BASE64, points[next]!)
}

function isOf({ values }: Alphabet, point: number): boolean {
  return point < 128 && values[point]! >= 0
}

/** @param more Other characters, whose values count on from `moreFrom`. */
function alphabet(trick: Alphabet['trick'], bits: number, characters: string, more = '', moreFrom = 0): Alphabet {
  const values = new Int8Array(128).fill(-1)
  for (let i = 0; i < characters.length; i++) values[characters.charCodeAt(i)] = i
  for (let i = 0; i < more.length; i++) values[more.charCodeAt(i)] = moreFrom + i
  return { trick, bits, values }
}
