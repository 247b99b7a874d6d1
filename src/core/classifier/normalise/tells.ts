import { mayBeEncoded, RUN } from './encoded-run.ts'
import { NATO_WORDS, TURNED_WORDS } from './markers.ts'

/**
 * One pass that says which of the expressions of the first look could match: each needs one of the conditions below, so
 * whose bit is not set does not match (kept true by test). Most texts set none, and the pass costs a fraction of what
 * the expressions do.
 */
export const LEET = 1
export const ESCAPED = 2
export const CODES = 4
export const MORSE = 8
export const SINGLES = 16
export const TURNED = 32
export const CAPITAL_LAST = 64
export const LONG_RUN = 128
export const STYLED = 256
export const UNSEEN = 512
export const ALIKE = 1024
export const SOUNDS = 2048
export const WIDE_SINGLES = 4096
export const KANA = 8192

const LOWER = 1
const UPPER = 2
const DIGIT = 3
const OTHER = 0

const KIND = Uint8Array.from({ length: 128 }, (_, code) =>
  code >= 97 && code <= 122 ? LOWER : code >= 65 && code <= 90 ? UPPER : code >= 48 && code <= 57 ? DIGIT : OTHER,
)
const HEX = Uint8Array.from({ length: 128 }, (_, code) => Number(/[0-9a-fA-F]/.test(String.fromCharCode(code))))

/** Of all beyond ASCII: what a character tells by itself, and whether it stands for text where it stands alone. */
const TEXT = 1 << 15
const WIDE = new Uint16Array(65_536)
const ranges: readonly [bits: number, ...ranges: (readonly [number, number])[]][] = [
  [TEXT, [0x80, 0x9f], [0xa1, 0x1fff], [0x2070, 0x2fff], [0x3001, 0xffff]],
  [STYLED, [0xdb40, 0xdb40], [0xd835, 0xd835], [0xd83c, 0xd83c], [0x2460, 0x24ff], [0x1d00, 0x1d2f], [0xff10, 0xff5a]],
  [UNSEEN, [0xad, 0xad], [0x34f, 0x34f], [0x115f, 0x1160], [0x180b, 0x180f], [0x200b, 0x200f], [0x202a, 0x202e]],
  [UNSEEN, [0x2060, 0x2064], [0x3164, 0x3164], [0xfe00, 0xfe0f], [0xfeff, 0xfeff], [0xffa0, 0xffa0], [0xfff9, 0xfffb]],
  [ALIKE, [0x370, 0x3ff], [0x400, 0x52f], [0x560, 0x588]],
  [SOUNDS, [0xff9e, 0xff9f], [0x3099, 0x309a], [0x301c, 0x301c], [0xff5e, 0xff5e], [0x3030, 0x3030]],
  [KANA, [0x3040, 0x309f]],
]
for (const [bits, ...some] of ranges)
  for (const [from, to] of some) for (let code = from; code <= to; code++) WIDE[code]! |= bits

const BITS = 8
/** Hashes of the words that tell: a small table first, which every twentieth other word passes, and then the set. */
const FILTER = 4095
const maybeTelling = new Uint8Array(FILTER + 1)
const telling = new Set<number>()
for (const word of [...TURNED_WORDS, ...NATO_WORDS]) {
  let hash = 0
  for (let i = 0; i < word.length; i++) hash = (Math.imul(hash, 31) + word.charCodeAt(i)) | 0
  maybeTelling[hash & FILTER] = 1
  telling.add(hash)
}

/** @returns the bits of what `text` may hold; 0 for plain text. */
export function tellsIn(text: string): number {
  let tells = 0
  // The run of letters and digits that is open: its length, hash, what its characters are, and what stood before it.
  let length = 0
  let hash = 0
  let hexes = true
  let binary = 0
  let digitsAfterLetter = false
  let lettersAfterDigit = false
  let last = OTHER
  let beforeLast = OTHER
  let thirdLast = OTHER
  let spaceBefore = false
  // Runs in a row that are single characters, or pairs of hex digits, with little between them.
  let singles = 0
  let pairs = 0
  let gap = 9
  let previous = 0
  /** Place of the last character beyond ASCII that is text. */
  let lastWide = -9
  for (let i = 0; i <= text.length; i++) {
    let code = i < text.length ? text.charCodeAt(i) : 32
    let kind = OTHER
    if (code < 128) kind = KIND[code]!
    else {
      const wide = WIDE[code]!
      tells |= wide & ~TEXT
      if ((wide & TEXT) !== 0) {
        if (i - lastWide === 2) tells |= WIDE_SINGLES
        lastWide = i
      }
    }
    if (kind !== OTHER) {
      if (length === 0) {
        spaceBefore = previous === 32
        hash = 0
        hexes = true
        binary = 0
        digitsAfterLetter = false
        lettersAfterDigit = false
        last = beforeLast = OTHER
      }
      if (kind === DIGIT) {
        if (lettersAfterDigit) tells |= LEET
        if (last === LOWER || last === UPPER) digitsAfterLetter = true
        binary = code <= 49 ? binary + 1 : 0
        if (binary >= BITS) tells |= CODES
      } else {
        if (digitsAfterLetter) tells |= LEET
        if (last === DIGIT) lettersAfterDigit = true
        binary = 0
      }
      if (HEX[code] === 0 && !(length === 1 && (code | 32) === 120)) hexes = false
      hash = (Math.imul(hash, 31) + (kind === UPPER ? code | 32 : code)) | 0
      thirdLast = beforeLast
      beforeLast = last
      last = kind
      length++
      // Most of a word is small letters, and nothing changes within them but a few registers.
      while (kind === LOWER) {
        const next = text.charCodeAt(i + 1)
        if (!(next >= 97 && next <= 122)) break
        if (next > 102 && !(length === 1 && next === 120)) hexes = false
        hash = (Math.imul(hash, 31) + next) | 0
        thirdLast = beforeLast
        beforeLast = LOWER
        length++
        i++
        code = next
      }
    } else {
      if (length > 0) {
        if (spaceBefore && maybeTelling[hash & FILTER] === 1 && telling.has(hash)) tells |= TURNED
        if (last === UPPER && beforeLast === LOWER && thirdLast === LOWER) tells |= CAPITAL_LAST
        if (length >= RUN && mayBeEncoded(text, i - length, i)) tells |= LONG_RUN
        singles = length === 1 ? (gap === 1 || singles === 0 ? singles + 1 : 1) : 0
        pairs = hexes && (length === 2 || length === 4) ? (gap <= 3 || pairs === 0 ? pairs + 1 : 1) : 0
        if (singles >= 3) tells |= SINGLES
        if (pairs >= 2) tells |= CODES
        gap = 0
        length = 0
      }
      gap++
      const next = i + 1 < text.length ? text.charCodeAt(i + 1) : 0
      switch (code) {
        case 37: // %
        case 61: // =
          if (next < 128 && HEX[next] === 1 && (code === 37 || text.charCodeAt(i + 3) === 61)) tells |= ESCAPED
          break
        case 38: // &
          if (next === 35) tells |= ESCAPED
          break
        case 92: // \
          if (next === 117 || next === 85 || next === 120) tells |= ESCAPED
          break
        case 45: // -
          if (next === 46) tells |= MORSE
          break
        case 46: // .
          if (next === 45) tells |= MORSE
          break
        case 33: // !
        case 36: // $
        case 64: // @
          if (previous < 128 && next < 128 && KIND[previous]! % DIGIT !== 0 && KIND[next]! % DIGIT !== 0) tells |= LEET
          break
      }
    }
    previous = code
  }
  return tells
}
