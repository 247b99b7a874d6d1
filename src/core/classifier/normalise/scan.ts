import {
  ALIKE,
  ASCII_CLASS,
  BLANK,
  characterOf,
  DIGIT,
  FOREIGN,
  INVISIBLE,
  JOINER,
  LEET,
  LETTER,
  MARK,
  SIGN,
  STARTER,
  UNSPACED,
  VOICE,
  WAVE,
  WIDEST_GAP,
} from './characters.ts'
import {
  ENDING_MARKS,
  MIRROR_STRONG,
  MIRROR_WEAK,
  markerOf,
  NATO_WORD,
  PLAIN_WORD,
  ROT13_STRONG,
  ROT13_WEAK,
  rollWord,
} from './markers.ts'

/** What a passage may hide, as bits: reason enough to read it again, closely. */
export const LONG_RUN = 1
export const ESCAPED = 2
export const SPACED = 4
export const LEETS = 8
export const ALIKES = 16
export const KANA = 32
export const ROT13 = 64
export const MIRRORED = 128
export const SPELLED = 256
export const MORSE = 512
export const CODES = 1024
export const TAGS = 2048
export const SELECTORS = 4096
export const UNSEEN = 8192

/** Shortest run of one alphabet that is tried as base64, base32 or hex; and that many invisible ones are no accident. */
export const LONG = 16
const MANY_UNSEEN = 8
const SOFT_END = 3072
const HARD_END = 4088

const NO_WORD = 0
const SPACED_WORD = 1
const UNSPACED_WORD = 2

const AFTER_BLANK = 0
const AFTER_WORD = 1
const SIGN_BEFORE = 2
const SIGN_BEHIND = 3
const AFTER_OTHER = 4

/**
 * The cheap look at all text, once: cuts it into passages of at most 4 KiB, and notes what each may hide. It only has to
 * be quick and to miss little; what is really there, the readings find out. State is some thirty integers, and a
 * passage's end depends on nothing but the text: pieces do not matter.
 */
export class PassageScan {
  /** Code units of the open passage, and how many of them were second halves of a pair. */
  length = 0
  pairs = 0
  /** Has the passage come to its end? Then the next unit belongs to another. */
  full = false
  #evidence = 0
  #high = 0
  /** The open word. */
  #kind = NO_WORD
  #size = 0
  #hash = 0
  #letters = 0
  #inLeet = false
  #lead = false
  #groups = 0
  #interior = false
  #digits = 0
  #alikes = 0
  #pure = true
  /** Units since the last word's end, and whether only blanks and joiners. */
  #gap = 0
  #gapPlain = true
  #signs = 0
  #signed = 0
  #singles = 0
  #strongLeet = 0
  #sameSize = 0
  #lastSize = 0
  #rot13 = 0
  #mirror = 0
  #strongRot13 = false
  #strongMirror = false
  #nato = 0
  /** Length of the open run in the alphabet of base64 is `length - #runAt`. */
  #runAt = 0
  #tokenAt = 0
  #dots = 0
  #morse = 0
  #escape = 0
  #escapes = 0
  #unseen = 0
  #selectors = 0
  /** Tag characters after a flag emoji are part of the flag. */
  #flag = false
  #two = 0
  #one = 0
  #plainEndings = 0
  #mirroredEndings = 0
  /** The last character: a blank (or nothing), a sign that ends sentences after one, the same after a word, another. */
  #after = AFTER_BLANK
  #words = 0
  /** Such signs where they begin a word, as in a mirrored text, and where they end one. */
  #signsBefore = 0
  #signsBehind = 0
  #first = 0
  #latest = 0
  /** Words with only their first letter, or only their last one, a capital. */
  #capitalFirst = 0
  #capitalLast = 0
  #endsCapital = false

  readonly #cuts: boolean

  /** @param cuts Whether the text is cut into passages; otherwise all of it is one. */
  constructor(cuts = true) {
    this.#cuts = cuts
  }

  clone(): PassageScan {
    const other = new PassageScan(this.#cuts)
    other.length = this.length
    other.pairs = this.pairs
    other.full = this.full
    other.#evidence = this.#evidence
    other.#high = this.#high
    other.#kind = this.#kind
    other.#size = this.#size
    other.#hash = this.#hash
    other.#letters = this.#letters
    other.#inLeet = this.#inLeet
    other.#lead = this.#lead
    other.#groups = this.#groups
    other.#interior = this.#interior
    other.#digits = this.#digits
    other.#alikes = this.#alikes
    other.#pure = this.#pure
    other.#gap = this.#gap
    other.#gapPlain = this.#gapPlain
    other.#signs = this.#signs
    other.#signed = this.#signed
    other.#singles = this.#singles
    other.#strongLeet = this.#strongLeet
    other.#sameSize = this.#sameSize
    other.#lastSize = this.#lastSize
    other.#rot13 = this.#rot13
    other.#mirror = this.#mirror
    other.#strongRot13 = this.#strongRot13
    other.#strongMirror = this.#strongMirror
    other.#nato = this.#nato
    other.#runAt = this.#runAt
    other.#tokenAt = this.#tokenAt
    other.#dots = this.#dots
    other.#morse = this.#morse
    other.#escape = this.#escape
    other.#escapes = this.#escapes
    other.#unseen = this.#unseen
    other.#selectors = this.#selectors
    other.#flag = this.#flag
    other.#two = this.#two
    other.#one = this.#one
    other.#plainEndings = this.#plainEndings
    other.#mirroredEndings = this.#mirroredEndings
    other.#after = this.#after
    other.#words = this.#words
    other.#signsBefore = this.#signsBefore
    other.#signsBehind = this.#signsBehind
    other.#first = this.#first
    other.#latest = this.#latest
    other.#capitalFirst = this.#capitalFirst
    other.#capitalLast = this.#capitalLast
    other.#endsCapital = this.#endsCapital
    return other
  }

  /** What the passage may hide if it ended here. Closes the open word: ask a copy if text may follow. */
  finish(): number {
    this.#endWord()
    this.#endToken()
    this.#endRun()
    if (this.#after === SIGN_BEHIND) this.#signsBehind++
    if (this.#isMirrored()) this.#evidence |= MIRRORED
    return this.#evidence
  }

  /** What a mirrored text of any language has: sentences that begin with what should end them, and capitals last. */
  #isMirrored(): boolean {
    if (this.#mirroredEndings > 0 && this.#mirroredEndings > 2 * this.#plainEndings) return true
    if (this.#signsBehind > 0 || this.#capitalLast < this.#capitalFirst) return false
    return (this.#signsBefore > 0 && this.#capitalLast > 0) || (this.#endsCapital && this.#capitalFirst === 0)
  }

  /**
   * Takes text from unit `from` on, to its end or to the end of the passage.
   * @returns index of the first unit not taken; `full` says whether the passage ended there.
   */
  take(text: string, from: number): number {
    let i = from
    const { length } = text
    while (i < length && !this.full) {
      const unit = text.charCodeAt(i)
      if (unit >= 128 || this.#high !== 0) {
        i++
        this.#unit(unit)
        continue
      }
      const kind = ASCII_CLASS[unit]!
      if (
        kind === LETTER &&
        this.#kind === SPACED_WORD &&
        this.#escape === 0 &&
        (this.length < HARD_END || !this.#cuts)
      ) {
        // Most of all text: letters inside a word.
        const began = i
        const stop = this.#cuts ? Math.min(length, i + HARD_END - this.length) : length
        let hash = this.#hash
        let letter = unit
        do {
          hash = rollWord(hash, letter)
          letter = ++i < stop ? text.charCodeAt(i) : 0
        } while (letter < 128 && ASCII_CLASS[letter] === LETTER)
        this.#hash = hash
        this.#latest = text.charCodeAt(i - 1)
        this.#size += i - began
        this.#letters += i - began
        if (this.#inLeet) this.#endGroup()
        this.length += i - began - 1
        this.#advance(LETTER)
        continue
      }
      i++
      this.#character(unit, kind)
      this.#advance(kind)
    }
    return i
  }

  /** Counts a unit, and ends the passage: at a blank where there is one, inside a pair never. */
  #advance(kind: number): void {
    const length = ++this.length
    if (length < SOFT_END || !this.#cuts) return
    // A run that goes on keeps its quanta whole: its next piece begins at a multiple of eight.
    const aligned = ((length - this.#runAt) & 7) === 0
    this.full = kind === BLANK || (length >= HARD_END && this.#high === 0 && (aligned || length >= HARD_END + 8))
  }

  #unit(unit: number): void {
    if (this.#high !== 0) {
      const high = this.#high
      this.#high = 0
      if (unit >= 0xdc00 && unit <= 0xdfff) {
        this.pairs++
        this.#wide((high - 0xd800) * 0x400 + (unit - 0xdc00) + 0x10000)
        return
      }
      this.#character(0, MARK)
    }
    if (unit >= 0xd800 && unit <= 0xdbff) {
      this.#high = unit
      this.#advance(FOREIGN)
    } else this.#wide(unit)
  }

  #wide(codePoint: number): void {
    if (codePoint >= 0xe0001 && codePoint <= 0xe007f) {
      if (!this.#flag) this.#evidence |= TAGS
      return this.#advance(INVISIBLE)
    }
    this.#flag = codePoint === 0x1f3f4
    const character = codePoint < 128 ? (codePoint << 5) | ASCII_CLASS[codePoint]! : characterOf(codePoint)
    const kind = character & 31
    if (kind === INVISIBLE) {
      const selector = (codePoint >= 0xfe00 && codePoint <= 0xfe0f) || (codePoint >= 0xe0100 && codePoint <= 0xe01ef)
      this.#selectors = selector ? this.#selectors + 1 : 0
      if (this.#selectors >= 4) this.#evidence |= SELECTORS
      if (++this.#unseen >= MANY_UNSEEN) this.#evidence |= UNSEEN
    } else {
      this.#character(character >> 5, kind)
    }
    this.#advance(kind)
  }

  /** One character that shows: ASCII, or what stands for it. */
  #character(code: number, kind: number): void {
    this.#unseen = this.#selectors = 0
    if (this.#escape !== 0) this.#follow(code)
    switch (kind) {
      case LETTER:
        this.#inWord(SPACED_WORD)
        this.#hash = rollWord(this.#hash, code)
        if (this.#letters++ === 0) this.#first = code
        this.#latest = code
        if (this.#inLeet) this.#endGroup()
        return
      case LEET:
        this.#inWord(SPACED_WORD)
        this.#pure = false
        if (!this.#inLeet) {
          this.#inLeet = true
          this.#groups++
          this.#lead = this.#letters > 0
        }
        return
      case DIGIT:
        this.#inWord(SPACED_WORD)
        this.#pure = false
        this.#digits++
        return
      case ALIKE:
      case FOREIGN:
        this.#inWord(SPACED_WORD, true)
        this.#pure = false
        if (kind === ALIKE) this.#alikes++
        this.#endRun()
        return
      case UNSPACED:
        this.#inWord(UNSPACED_WORD, true)
        this.#endRun()
        this.#ending(code)
        return
      case VOICE:
      case WAVE:
        if (kind === VOICE || this.#kind === UNSPACED_WORD) this.#evidence |= KANA
        return this.#endRun()
      default:
        this.#between(code, kind)
    }
  }

  /** What stands between words. */
  #between(code: number, kind: number): void {
    if (this.#kind !== NO_WORD) this.#endWord()
    this.#gap++
    if (kind === BLANK) {
      if (this.#after === SIGN_BEHIND) this.#signsBehind++
      this.#after = AFTER_BLANK
    } else if (ENDS_SENTENCE.has(code))
      this.#after = this.#after === AFTER_BLANK ? SIGN_BEFORE : this.#after === AFTER_WORD ? SIGN_BEHIND : AFTER_OTHER
    else this.#after = AFTER_OTHER
    if (kind === JOINER) {
      if (code === DOT || code === DASH) this.#dots++
      if (code === DOT || code === STAR || code === TILDE || code > 127) this.#endRun()
      return
    }
    if (kind === BLANK) {
      this.#endToken()
      this.#endRun()
      return
    }
    this.#gapPlain = false
    if (kind === SIGN) this.#signs++
    if (kind === STARTER) {
      this.#escape = code
      if (code !== EQUALS) this.#endRun()
    } else this.#endRun()
  }

  #inWord(kind: number, foreign = false): void {
    if (this.#kind !== kind) {
      if (this.#kind !== NO_WORD) this.#endWord()
      this.#kind = kind
      if (this.#after === SIGN_BEFORE) {
        this.#signsBefore++
        // Scripts without capitals: a text that begins so is enough.
        if (this.#words === 0 && foreign) this.#evidence |= MIRRORED
      }
      this.#words++
      // A sign between letters is drawn for a letter; a word that begins after one is the rest of a word.
      if (this.#signs === 1 && this.#gap === 1 && this.#lastSize > 0 && ++this.#signed >= 2) this.#evidence |= LEETS
      if (this.#gap > WIDEST_GAP || !this.#gapPlain) this.#singles = 0
      this.#gap = this.#signs = 0
      this.#gapPlain = true
    }
    this.#size++
  }

  #endGroup(): void {
    this.#inLeet = false
    if (this.#lead) this.#interior = true
  }

  #endWord(): void {
    if (this.#kind === NO_WORD) return
    const size = this.#size
    if (this.#kind === SPACED_WORD) {
      if (this.#pure) {
        this.#marker()
        this.#capitals(size)
      } else {
        const drawn = this.#interior || this.#groups >= 2
        // `0x3f` is a number.
        const leet = drawn && this.#digits === 0 && this.#letters > 0 && this.#first !== LOWER_X
        if (leet && ++this.#strongLeet >= 2) this.#evidence |= LEETS
        if (this.#alikes > 0 && this.#letters > 0) this.#evidence |= ALIKES
      }
      this.#sameSize = size === this.#lastSize && (size === 2 || size === 4 || size === 8) ? this.#sameSize + 1 : 1
      if (this.#sameSize >= 8) this.#evidence |= CODES
    }
    if (size === 1) {
      if (++this.#singles >= 4) this.#evidence |= SPACED
    } else this.#singles = 0
    this.#lastSize = size
    this.#after = AFTER_WORD
    this.#kind = NO_WORD
    this.#size = this.#hash = this.#letters = this.#groups = this.#digits = this.#alikes = 0
    this.#interior = this.#inLeet = false
    this.#pure = true
  }

  #capitals(size: number): void {
    const first = this.#first < LOWER_A
    const last = this.#latest < LOWER_A
    this.#endsCapital = size > 1 && last && !first
    if (this.#endsCapital) this.#capitalLast++
    else if (first && !last) this.#capitalFirst++
  }

  #marker(): void {
    const bits = markerOf(this.#hash)
    if (bits === 0) return
    if ((bits & PLAIN_WORD) !== 0) this.#rot13 = this.#mirror = 0
    if ((bits & (ROT13_STRONG | ROT13_WEAK)) !== 0) {
      this.#rot13 += (bits & ROT13_STRONG) !== 0 ? 3 : 1
      // Weak ones alone are words of other languages.
      if ((bits & ROT13_STRONG) !== 0) this.#strongRot13 = true
      if (this.#rot13 >= 4 && this.#strongRot13) this.#evidence |= ROT13
    }
    if ((bits & (MIRROR_STRONG | MIRROR_WEAK)) !== 0) {
      this.#mirror += (bits & MIRROR_STRONG) !== 0 ? 3 : 1
      if ((bits & MIRROR_STRONG) !== 0) this.#strongMirror = true
      if (this.#mirror >= 4 && this.#strongMirror) this.#evidence |= MIRRORED
    }
    if ((bits & NATO_WORD) !== 0 && ++this.#nato >= 4) this.#evidence |= SPELLED
  }

  /** Ends of Japanese sentences, also mirrored. */
  #ending(code: number): void {
    if (this.#two >= KANA_FROM && this.#size >= 3 && code >= KANA_FROM) {
      const bits = ENDING_MARKS.get(String.fromCodePoint(this.#two, this.#one, code)) ?? 0
      if (bits === PLAIN_WORD) this.#plainEndings++
      else if (bits === MIRROR_STRONG) this.#mirroredEndings++
    }
    this.#two = this.#one
    this.#one = code
  }

  #endToken(): void {
    const size = this.length - this.#tokenAt
    if (size > 0) {
      if (this.#dots === size && size <= 6) {
        if (++this.#morse >= 6) this.#evidence |= MORSE
      } else if (size > 1) this.#morse = 0
    }
    this.#dots = 0
    this.#tokenAt = this.length + 1
  }

  #endRun(): void {
    if (this.length - this.#runAt >= LONG) this.#evidence |= LONG_RUN
    this.#runAt = this.length + 1
  }

  /** The character after one that may begin an escape: `%4`, `=4`, `&#`, `\u`, `\x`. */
  #follow(code: number): void {
    const starter = this.#escape
    this.#escape = 0
    const named = starter === BACKSLASH ? code === LOWER_U || code === LOWER_X || code === UPPER_U : code === HASH
    if (starter === PERCENT || starter === EQUALS ? isHex(code) : named) {
      if (++this.#escapes >= 3) this.#evidence |= ESCAPED
    }
  }
}

const LOWER_A = 97
/** What ends sentences and parts of them, in several scripts; full-width forms have come to ASCII before. */
const ENDS_SENTENCE: ReadonlySet<number> = new Set([...'.,?!;:。、؟।،'].map((c) => c.codePointAt(0)!))
const DOT = 46
const DASH = 45
const STAR = 42
const TILDE = 126
const HASH = 35
const PERCENT = 37
const EQUALS = 61
const BACKSLASH = 92
const LOWER_U = 117
const LOWER_X = 120
const UPPER_U = 85
/** Hiragana begin here; han characters come after. */
const KANA_FROM = 0x3041

function isHex(code: number): boolean {
  return (code >= 48 && code <= 57) || (code >= 65 && code <= 70) || (code >= 97 && code <= 102)
}
