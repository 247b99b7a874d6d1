import { mayBeEncoded, RUN } from './encoded-run.ts'
import { NATO_WORDS, TURNED_WORDS } from './markers.ts'

/**
 * One pass over ASCII text that says whether anything in it could interest the expressions of the first look: each of
 * them needs one of the conditions below, so what is plain here matches none of them (kept true by test). Most text is
 * plain, and one pass costs a third of all the expressions.
 */

const LOWER = 1
const UPPER = 2
const DIGIT = 3
const OTHER = 0

const KIND = Uint8Array.from({ length: 128 }, (_, code) =>
  code >= 97 && code <= 122 ? LOWER : code >= 65 && code <= 90 ? UPPER : code >= 48 && code <= 57 ? DIGIT : OTHER,
)
const HEX = Uint8Array.from({ length: 128 }, (_, code) => Number(/[0-9a-fA-F]/.test(String.fromCharCode(code))))

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

/** @returns false when `text` may hold what the first look looks for, and for all beyond ASCII but its punctuation. */
export function isPlain(text: string): boolean {
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
  for (let i = 0; i <= text.length; i++) {
    const code = i < text.length ? text.charCodeAt(i) : 32
    // Dashes, quotation marks, the ellipsis: in most prose that people type, and nothing that an expression asks for.
    if (code > 127 && (code < 0x2010 || code > 0x2027)) return false
    const kind = code > 127 ? OTHER : KIND[code]!
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
        if (lettersAfterDigit) return false
        if (last === LOWER || last === UPPER) digitsAfterLetter = true
        binary = code <= 49 ? binary + 1 : 0
        if (binary >= BITS) return false
      } else {
        if (digitsAfterLetter) return false
        if (last === DIGIT) lettersAfterDigit = true
        binary = 0
      }
      if (HEX[code] === 0 && !(length === 1 && (code | 32) === 120)) hexes = false
      hash = (Math.imul(hash, 31) + (kind === UPPER ? code | 32 : code)) | 0
      thirdLast = beforeLast
      beforeLast = last
      last = kind
      length++
    } else {
      if (length > 0) {
        if (spaceBefore && maybeTelling[hash & FILTER] === 1 && telling.has(hash)) return false
        if (last === UPPER && beforeLast === LOWER && thirdLast === LOWER) return false
        if (length >= RUN && mayBeEncoded(text, i - length, i)) return false
        singles = length === 1 ? (gap === 1 || singles === 0 ? singles + 1 : 1) : 0
        pairs = hexes && (length === 2 || length === 4) ? (gap <= 3 || pairs === 0 ? pairs + 1 : 1) : 0
        if (singles >= 3 || pairs >= 2) return false
        gap = 0
        length = 0
      }
      gap++
      const next = i + 1 < text.length ? text.charCodeAt(i + 1) : 0
      switch (code) {
        case 37: // %
        case 61: // =
          if (next < 128 && HEX[next] === 1 && (code === 37 || text.charCodeAt(i + 3) === 61)) return false
          break
        case 38: // &
          if (next === 35) return false
          break
        case 92: // \
          if (next === 117 || next === 85 || next === 120) return false
          break
        case 45: // -
          if (next === 46) return false
          break
        case 46: // .
          if (next === 45) return false
          break
        case 33: // !
        case 36: // $
        case 64: // @
          if (previous < 128 && next < 128 && KIND[previous]! % DIGIT !== 0 && KIND[next]! % DIGIT !== 0) return false
          break
      }
    }
    previous = code
  }
  return true
}
