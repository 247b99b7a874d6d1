/**
 * Folding: maps one code point to what it is read as, so that the same words look the same however they are written:
 * case, width, compatibility forms, accents of Latin letters, katakana and hiragana; characters that show nothing
 * (zero-width, bidi controls, variation selectors, soft hyphen) are dropped, tag characters are ASCII again.
 *
 * One code point at a time and without look-ahead: the result cannot depend on how a text was cut into pieces. What
 * needs more than one code point to be seen is a reading of its own (readings.ts).
 */

/** Classes of a folded code point. */
export const SPACE = 0
export const WORD = 1
/** Scripts written without spaces: every character is read in runs, not in words. */
export const RUN = 2
export const MARK = 3

const LETTER = /[\p{L}\p{N}\p{M}_]/u
const UNSPACED =
  /[\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Han}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}ー々]/u
const ACCENTED = /[\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}]/u
const INVISIBLE = /\p{Cf}|\p{Variation_Selector}|\u034f|\u115f|\u1160|\u17b4|\u17b5|\u3164|\uffa0/u

/** Accents that stand alone: a letter with one is what the composed letter is. */
const ACCENTS: readonly (readonly [from: number, to: number])[] = [
  [0x300, 0x36f],
  [0x483, 0x489],
  [0x1ab0, 0x1aff],
  [0x1dc0, 0x1dff],
  [0x20d0, 0x20ff],
  [0xfe20, 0xfe2f],
]
/** Latin small capitals, which NFKC leaves alone, in the order of the alphabet; Q and X have none. */
const SMALL_CAPITALS = new Map([...'ᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘqʀꜱᴛᴜᴠᴡxʏᴢ'].map((c, i) => [c, String.fromCharCode(97 + i)]))

/** Does this code point show nothing? Tag characters are not asked about: they hide text (hidden.ts). */
export function isInvisible(codePoint: number): boolean {
  return INVISIBLE.test(String.fromCodePoint(codePoint))
}

/** The compatibility form of one code point, case kept: NFKC, and the letters in squares and circles that it leaves. */
export function plainForm(codePoint: number): string {
  if (codePoint >= 0x1f150 && codePoint <= 0x1f169) return String.fromCharCode(codePoint - 0x1f150 + 65)
  if (codePoint >= 0x1f170 && codePoint <= 0x1f189) return String.fromCharCode(codePoint - 0x1f170 + 65)
  const raw = String.fromCodePoint(codePoint)
  return SMALL_CAPITALS.get(raw) ?? raw.normalize('NFKC')
}

/** Code points of the folded form; empty for what is dropped. Pure. */
export function foldCodePoint(codePoint: number): readonly number[] {
  if (codePoint >= 0xe0020 && codePoint <= 0xe007e) return foldCodePoint(codePoint - 0xe0000)
  const raw = String.fromCodePoint(codePoint)
  if (INVISIBLE.test(raw) || ACCENTS.some(([from, to]) => codePoint >= from && codePoint <= to)) return []
  let text = plainForm(codePoint).toLowerCase()
  if (ACCENTED.test(raw)) text = text.normalize('NFD').replace(/[\u0300-\u036f]/g, '')
  return [...text].map((character) => hiragana(character.codePointAt(0)!))
}

export function classOf(codePoint: number): number {
  const character = String.fromCodePoint(codePoint)
  if (UNSPACED.test(character)) return RUN
  if (LETTER.test(character)) return WORD
  return /\s/u.test(character) ? SPACE : MARK
}

function hiragana(codePoint: number): number {
  return codePoint >= 0x30a1 && codePoint <= 0x30f6 ? codePoint - 0x60 : codePoint
}

/**
 * Folded forms, worked out once per code point. A packed entry is `folded << 2 | class`; -1 means dropped, and values
 * at or below `EXPANDED` name a form of several code points.
 */
export const DROPPED = -1
const UNKNOWN = -2
const EXPANDED = -3

export class FoldTable {
  readonly ascii = new Int32Array(128)
  readonly #basic = new Int32Array(0x10000).fill(UNKNOWN)
  readonly #high = new Map<number, number>()
  readonly #expansions: (readonly number[])[] = []

  constructor() {
    for (let code = 0; code < 128; code++) this.ascii[code] = this.#work(code)
  }

  /** Packed form of any code point. */
  packed(codePoint: number): number {
    if (codePoint < 0x10000) {
      const known = this.#basic[codePoint]!
      return known === UNKNOWN ? (this.#basic[codePoint] = this.#work(codePoint)) : known
    }
    let known = this.#high.get(codePoint)
    if (known === undefined) {
      known = this.#work(codePoint)
      // Bounded: astral text is rare, and a hostile one must not fill memory.
      if (this.#high.size < 65_536) this.#high.set(codePoint, known)
    }
    return known
  }

  /** The packed code points of an expanded form, or null when `packed` is a single one or dropped. */
  expansion(packed: number): readonly number[] | null {
    return packed <= EXPANDED ? this.#expansions[EXPANDED - packed]! : null
  }

  #work(codePoint: number): number {
    const folded = foldCodePoint(codePoint)
    if (folded.length === 0) return DROPPED
    const packed = folded.map((one) => (one << 2) | classOf(one))
    if (packed.length === 1) return packed[0]!
    if (this.#expansions.length >= 65_536) return packed[0]!
    this.#expansions.push(packed)
    return EXPANDED - (this.#expansions.length - 1)
  }
}

/** One table for all: it holds nothing but what Unicode says. */
export const FOLDS = new FoldTable()
