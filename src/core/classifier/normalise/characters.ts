import { isInvisible, plainForm } from './fold.ts'
import { latinTwin } from './look-alikes.ts'
import { type Spanned, SpannedText } from './spanned.ts'

/** What a code point is to the readings. The first eight are ASCII, or stand for it. */
export const MARK = 0
export const LETTER = 1
/** Digits that are drawn for a letter: 0 1 3 4 5 7; the others are `DIGIT`, and @ $ ! are `SIGN`. */
export const LEET = 2
export const DIGIT = 3
export const SIGN = 4
export const BLANK = 5
/** What is put between letters to part them: . - _ / * + ~ · */
export const JOINER = 6
/** So many blanks and joiners part letters that belong together; what is further apart does not. */
export const WIDEST_GAP = 8
/** What an escape begins with: % & \ = */
export const STARTER = 7
/** A letter of another script that shows as a Latin one. */
export const ALIKE = 8
export const FOREIGN = 9
/** A letter of a script written without spaces. */
export const UNSPACED = 10
/** Sound marks that belong to the kana before them, and waves drawn for a long vowel. */
export const VOICE = 11
export const WAVE = 12
export const INVISIBLE = 13

const UNSPACED_SCRIPT = /[\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Han}ー々]/u
const ANY_LETTER = /[\p{L}\p{M}\p{N}]/u

function asciiClass(code: number): number {
  const character = String.fromCharCode(code)
  if (/[A-Za-z]/.test(character)) return LETTER
  if (/[013457]/.test(character)) return LEET
  if (/[2689]/.test(character)) return DIGIT
  if (/[@$!]/.test(character)) return SIGN
  if (/\s/.test(character)) return BLANK
  if (/[.\-_/*+~]/.test(character)) return JOINER
  return /[%&\\=]/.test(character) ? STARTER : MARK
}

/** Class of each ASCII code. */
export const ASCII_CLASS = Uint8Array.from({ length: 128 }, (_, code) => asciiClass(code))

/** Entries are `plain << 5 | class`; `plain` is the first code point of the compatibility form. */
const UNKNOWN = -1
const BASIC = new Int32Array(0x10000).fill(UNKNOWN)

/** `plain << 5 | class` of any code point. Worked out once for each of the basic plane. */
export function characterOf(codePoint: number): number {
  if (codePoint >= 0x10000) return work(codePoint)
  const known = BASIC[codePoint]!
  return known === UNKNOWN ? (BASIC[codePoint] = work(codePoint)) : known
}

function work(codePoint: number): number {
  return (plainForm(codePoint).codePointAt(0)! << 5) | classOf(codePoint)
}

function classOf(codePoint: number): number {
  if (codePoint < 128) return ASCII_CLASS[codePoint]!
  if (isInvisible(codePoint)) return INVISIBLE
  if (codePoint === 0xff9e || codePoint === 0xff9f || codePoint === 0x3099 || codePoint === 0x309a) return VOICE
  if (codePoint === 0x301c || codePoint === 0xff5e || codePoint === 0x3030) return WAVE
  const plain = plainForm(codePoint)
  const first = plain.codePointAt(0)!
  if (first < 128) return ASCII_CLASS[first]!
  if (latinTwin(first) !== null) return ALIKE
  if (first === 0xb7 || first === 0x2022 || first === 0x30fb) return JOINER
  if (UNSPACED_SCRIPT.test(plain)) return UNSPACED
  if (ANY_LETTER.test(plain)) return FOREIGN
  return /\s/.test(plain) ? BLANK : MARK
}

/** Class of a code point, as it stands in a plain text. */
export function kindOf(point: number): number {
  return point < 128 ? ASCII_CLASS[point]! : characterOf(point) & 31
}

/** A letter, or what may be drawn for one. */
export function isLetterLike(point: number): boolean {
  const kind = kindOf(point)
  return (kind >= LETTER && kind <= SIGN) || kind === ALIKE || kind === FOREIGN || kind === UNSPACED
}

/** A letter of any script. */
export function isLetter(point: number): boolean {
  const kind = kindOf(point)
  return kind === LETTER || (kind >= ALIKE && kind <= UNSPACED)
}

/** The text in compatibility form, without what cannot be seen; case is kept, since base64 needs it. */
export function plainText(raw: Spanned): Spanned {
  const plain = new SpannedText()
  for (let i = 0; i < raw.points.length; i++) {
    const point = raw.points[i]!
    if (point < 128) plain.copy(raw, i)
    else if ((characterOf(point) & 31) !== INVISIBLE)
      for (const character of plainForm(point)) plain.push(character.codePointAt(0)!, raw.starts[i]!, raw.ends[i]!)
  }
  return plain
}
