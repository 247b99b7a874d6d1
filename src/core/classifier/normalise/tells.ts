import { WIDEST_GAP } from './characters.ts'
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

/** What an ASCII character is, as bits, so that a run says what it is made of; 0 for all that is no letter or digit. */
const LOWER = 1
const UPPER = 2
const DIGIT = 4
const LETTER = LOWER | UPPER

const KIND = Uint8Array.from({ length: 128 }, (_, code) =>
  code >= 97 && code <= 122 ? LOWER : code >= 65 && code <= 90 ? UPPER : code >= 48 && code <= 57 ? DIGIT : 0,
)
const HEX = Uint8Array.from({ length: 128 }, (_, code) => Number(/[0-9a-fA-F]/.test(String.fromCharCode(code))))

/**
 * Of all beyond ASCII: what a character tells by itself, whether it stands for text where it stands alone, and whether it
 * is a blank or joiner.
 */
const TEXT = 1 << 15
const PART = 1 << 14
const WIDE = new Uint16Array(65_536)
const ranges: readonly [bits: number, ...ranges: (readonly [number, number])[]][] = [
  [TEXT, [0x80, 0x9f], [0xa1, 0xb6], [0xb8, 0x167f], [0x1681, 0x1fff], [0x2070, 0x2fff]],
  [TEXT, [0x3001, 0x30fa], [0x30fc, 0xfefe], [0xff00, 0xffff]],
  [PART, [0xa0, 0xa0], [0xb7, 0xb7], [0x1680, 0x1680], [0x2000, 0x200a], [0x2022, 0x2022], [0x2028, 0x2029]],
  [PART, [0x202f, 0x202f], [0x205f, 0x205f], [0x3000, 0x3000], [0x30fb, 0x30fb], [0xfeff, 0xfeff]],
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
const NOWHERE = -1 - 2 * WIDEST_GAP
/**
 * The words that tell, by their hash; before it, by length and both ends: next to no other word passes, and none but
 * those that pass is hashed.
 */
const FILTER = 4095
const maybeTelling = new Uint8Array(FILTER + 1)
const telling = new Set<number>()
for (const word of [...TURNED_WORDS, ...NATO_WORDS]) {
  maybeTelling[endsOf(word, 0, word.length)] = 1
  telling.add(hashOf(word, 0, word.length))
}

/** @returns the bits of what `text` may hold; 0 for plain text. */
export function tellsIn(text: string): number {
  let tells = 0
  // Runs of letters and digits in a row that are single characters, or pairs of hex digits, with little between them.
  let singles = 0
  let pairs = 0
  let gap = 9
  /** Whether all of it is blanks and joiners. */
  let parts = false
  /** Place of the last character beyond ASCII that is text, while nothing but blanks and joiners follow it. */
  let lastWide = NOWHERE
  for (let i = 0; i < text.length; ) {
    const from = i
    let kinds = 0
    let code = 0
    for (; i < text.length; i++) {
      code = text.charCodeAt(i)
      if (code >= 128) break
      const kind = KIND[code]!
      if (kind === 0) break
      kinds |= kind
    }
    const length = i - from
    if (length > 0) {
      if (kinds !== LOWER) tells |= tellsOfRun(text, from, i, kinds)
      if (from > 0 && text.charCodeAt(from - 1) === 32 && maybeTelling[endsOf(text, from, i)] === 1)
        if (telling.has(hashOf(text, from, i))) tells |= TURNED
      if (length >= RUN && mayBeEncoded(text, from, i)) tells |= LONG_RUN
      singles = length === 1 ? ((parts && gap <= WIDEST_GAP) || singles === 0 ? singles + 1 : 1) : 0
      pairs = (length === 2 || length === 4) && isHex(text, from, i) ? (gap <= 3 || pairs === 0 ? pairs + 1 : 1) : 0
      if (singles >= 3) tells |= SINGLES
      if (pairs >= 2) tells |= CODES
      gap = 0
      parts = true
      lastWide = NOWHERE
    }
    if (i === text.length) break
    if (code >= 128) {
      const wide = WIDE[code]!
      tells |= wide & ~(TEXT | PART)
      if ((wide & PART) === 0) {
        if ((wide & TEXT) !== 0 && i - lastWide >= 2 && i - lastWide <= WIDEST_GAP + 1) tells |= WIDE_SINGLES
        lastWide = (wide & TEXT) !== 0 ? i : NOWHERE
        parts = false
      }
    } else {
      const sign = SIGNS[code]!
      if (sign >= ENDS_GAP) {
        parts = false
        lastWide = NOWHERE
      }
      if ((sign & TELLS) !== 0) tells |= tellsOfSign(text, i, code)
    }
    gap++
    i++
  }
  return tells
}

/** What a run tells that is not of small letters alone: digits among letters, digits that are codes, a capital at its end. */
function tellsOfRun(text: string, from: number, to: number, kinds: number): number {
  let tells = 0
  if ((kinds & UPPER) !== 0 && to - from >= 3 && KIND[text.charCodeAt(to - 1)] === UPPER)
    if (KIND[text.charCodeAt(to - 2)] === LOWER && KIND[text.charCodeAt(to - 3)] === LOWER) tells |= CAPITAL_LAST
  if ((kinds & DIGIT) === 0) return tells
  let digitsAfterLetter = false
  let lettersAfterDigit = false
  let binary = 0
  let last = 0
  for (let i = from; i < to; i++) {
    const code = text.charCodeAt(i)
    const kind = KIND[code]!
    if (kind === DIGIT) {
      if (lettersAfterDigit) tells |= LEET
      if ((last & LETTER) !== 0) digitsAfterLetter = true
      binary = code <= 49 ? binary + 1 : 0
      if (binary >= BITS) tells |= CODES
    } else {
      if (digitsAfterLetter) tells |= LEET
      if (last === DIGIT) lettersAfterDigit = true
      binary = 0
    }
    last = kind
  }
  return tells
}

/** What an ASCII sign is, as bits; 0 for blanks, which are most of them. */
const TELLS = 1
/** Neither a blank nor a joiner: it does not stand between letters that were drawn apart. */
const ENDS_GAP = 2
const SIGNS = Uint8Array.from({ length: 128 }, (_, code) => {
  const sign = String.fromCharCode(code)
  return ('%=&\\-.!$@'.includes(sign) ? TELLS : 0) | (/[\s._~*/+-]/.test(sign) ? 0 : ENDS_GAP)
})

function tellsOfSign(text: string, at: number, code: number): number {
  const next = at + 1 < text.length ? text.charCodeAt(at + 1) : 0
  switch (code) {
    case 37: // %
    case 61: // =
      return next < 128 && HEX[next] === 1 && (code === 37 || text.charCodeAt(at + 3) === 61) ? ESCAPED : 0
    case 38: // &
      return next === 35 ? ESCAPED : 0
    case 92: // \
      return next === 117 || next === 85 || next === 120 ? ESCAPED : 0
    case 45: // -
      return next === 46 ? MORSE : 0
    case 46: // .
      return next === 45 ? MORSE : 0
    default: // ! $ @
      return isLetter(next) && at > 0 && isLetter(text.charCodeAt(at - 1)) ? LEET : 0
  }
}

function isLetter(code: number): boolean {
  return code < 128 && (KIND[code]! & LETTER) !== 0
}

/** Hex digits all, but for the `x` of `0x`. */
function isHex(text: string, from: number, to: number): boolean {
  for (let i = from; i < to; i++) {
    const code = text.charCodeAt(i)
    if (HEX[code] === 0 && !(i === from + 1 && (code | 32) === 120)) return false
  }
  return true
}

function endsOf(text: string, from: number, to: number): number {
  const [first, last] = [text.charCodeAt(from) & 31, text.charCodeAt(to - 1) & 31]
  return ((to - from) * 1021 + first * 32 + last) & FILTER
}

/** Of the run in small letters. */
function hashOf(text: string, from: number, to: number): number {
  let hash = 0
  for (let i = from; i < to; i++) {
    const code = text.charCodeAt(i)
    hash = (Math.imul(hash, 31) + (KIND[code] === UPPER ? code | 32 : code)) | 0
  }
  return hash
}
