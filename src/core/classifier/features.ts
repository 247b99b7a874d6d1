import { DROPPED, FOLDS, RUN, SPACE, WORD } from './normalise/fold.ts'
import {
  CLOSER,
  ENDER,
  isCloser,
  isWideEnd,
  MARKS,
  MAY_END,
  NEWLINE,
  NO_END,
  OPENING,
  SURE_END,
} from './sentence-ends.ts'

/** Takes the features of a text, in order, many at a time. */
export interface FeatureSink {
  /**
   * @param hashes 32 bits each, well mixed: the first `count` of them are new. Arrays are used again afterwards.
   * @param ends How many of these stand before the end of a sentence, ascending: the first `sentences` of them are new.
   */
  features(hashes: Int32Array, count: number, ends: Int32Array, sentences: number): void
}

/** Powers of an odd multiplier: a character n-gram is a polynomial in it, so each is one step from the shorter one. */
const B1 = 0x9e3779b1 | 0
const B2 = Math.imul(B1, B1)
const B3 = Math.imul(B2, B1)
const B4 = Math.imul(B3, B1)
const BLANK = 32
/** Slots of the memory for repeats: 16 KiB, so that it stays in the nearest cache. */
export const SEEN_SLOTS = 4096
const SLOTS = SEEN_SLOTS - 1
/** Where readers put what they found until it is handed on: nothing is left here between two calls of `feed`. */
const GIVEN = new Int32Array(512)
const ENDS = new Int32Array(512)
/** One code point folds to at most eighteen others (Unicode), and gives at most five features for each. */
const FULL = GIVEN.length - 100

/**
 * Cuts folded text into hashed features: word 1- and 2-grams, character 3- and 5-grams across words (white space as one
 * blank), and for scripts without spaces character 1- to 4-grams. No substrings, no allocation per feature.
 *
 * A feature that was just seen is not given again: what a text says counts, not how often it says it. The memory is a
 * table with one slot per hash, so it is bounded, and forgets what was displaced.
 *
 * State is a dozen integers and that table: a text may arrive in any pieces, also inside a surrogate pair.
 * Source of the n-gram choice: Joulin et al. 2016 (hashed word bigrams) and the ablation in the model card.
 */
export class FeatureReader {
  readonly #seen: Int32Array
  #given = 0
  /** Characters of scripts written without spaces, and of all others, blanks left out. */
  unspaced = 0
  spaced = 0
  /** Of `spaced`, those beyond ASCII: letters of other alphabets, and with accents. */
  foreign = 0
  #high = 0
  /** Hash of the word that is open, 0 when none is; and of the word before it. */
  #word = 0
  #before = 0
  /** The last four characters, newest first; `#depth` of them are there. */
  #c0 = BLANK
  #c1 = 0
  #c2 = 0
  #c3 = 0
  #depth = 1
  #ends = 0
  /** What the last character says of a sentence's end: nothing, that a blank or a mark after it is one, that it is one. */
  #after = NO_END

  /** @param seen A table of `SEEN_SLOTS` zeros. */
  constructor(seen: Int32Array = new Int32Array(SEEN_SLOTS)) {
    this.#seen = seen
  }

  /** Another reader in the same state. @param seen A table that may be overwritten. */
  clone(seen: Int32Array): FeatureReader {
    seen.set(this.#seen)
    const other = new FeatureReader(seen)
    other.unspaced = this.unspaced
    other.spaced = this.spaced
    other.foreign = this.foreign
    other.#high = this.#high
    other.#word = this.#word
    other.#before = this.#before
    other.#c0 = this.#c0
    other.#c1 = this.#c1
    other.#c2 = this.#c2
    other.#c3 = this.#c3
    other.#depth = this.#depth
    other.#after = this.#after
    return other
  }

  feed(text: string, sink: FeatureSink): void {
    for (let i = 0; i < text.length; ) {
      if (this.#high === 0 && text.charCodeAt(i) < 128) i = this.#ascii(text, i)
      else this.#unit(text.charCodeAt(i++))
      if (this.#given > FULL) this.#flush(sink)
    }
    this.#flush(sink)
  }

  /**
   * The stretch of ASCII that begins at `i`, as far as there is room for what it gives: `#take` for most text there is,
   * with the state in registers; kept equal to the long way by test. Whether a feature was seen is as good as a coin toss, so
   * nothing branches on it: it is written either way, and counts (the sign of `x | -x`: any bit set) when it is new.
   * @returns index of the first unit that was not taken.
   */
  #ascii(text: string, i: number): number {
    const { ascii } = FOLDS
    const seen = this.#seen
    let [word, before, spaced] = [this.#word, this.#before, this.spaced]
    let [c0, c1, c2, c3, depth] = [this.#c0, this.#c1, this.#c2, this.#c3, this.#depth]
    let [given, ends, after] = [this.#given, this.#ends, this.#after]
    let at = i
    for (; at < text.length && given <= FULL; at++) {
      const unit = text.charCodeAt(at)
      if (unit >= 128) break
      const packed = ascii[unit]!
      let code = packed >>> 2
      if (after === SURE_END) ends = withEnd(ends, given)
      if ((packed & 3) === WORD) {
        after = NO_END
        spaced++
        word = Math.imul((word === 0 ? 0x811c9dc5 : word) ^ code, 0x01000193)
      } else {
        if (word !== 0) {
          const one = mix(word ^ 0x27d4eb2f)
          const oneWas = seen[one & SLOTS]! ^ one
          seen[one & SLOTS] = GIVEN[given] = one
          given += (oneWas | -oneWas) >>> 31
          if (before !== 0) {
            const two = mix(Math.imul(before, B1) ^ word)
            const twoWas = seen[two & SLOTS]! ^ two
            seen[two & SLOTS] = GIVEN[given] = two
            given += (twoWas | -twoWas) >>> 31
          }
          before = word
          word = 0
        }
        const mark = MARKS[unit]!
        if (mark === NEWLINE || (after === MAY_END && mark === CLOSER)) ends = withEnd(ends, given)
        after = mark === ENDER ? MAY_END : NO_END
        if ((packed & 3) === SPACE) {
          if (c0 === BLANK) continue
          code = BLANK
        }
      }
      if (depth >= 2) {
        const h3 = (code + Math.imul(c0, B1) + Math.imul(c1, B2)) | 0
        const three = mix(h3 ^ 0x3c6ef372)
        const threeWas = seen[three & SLOTS]! ^ three
        seen[three & SLOTS] = GIVEN[given] = three
        given += (threeWas | -threeWas) >>> 31
        if (depth >= 4) {
          const five = mix((h3 + Math.imul(c2, B3) + Math.imul(c3, B4)) ^ 0x53380d13)
          const fiveWas = seen[five & SLOTS]! ^ five
          seen[five & SLOTS] = GIVEN[given] = five
          given += (fiveWas | -fiveWas) >>> 31
        }
      }
      c3 = c2
      c2 = c1
      c1 = c0
      c0 = code
      if (depth < 4) depth++
    }
    this.#word = word
    this.#before = before
    this.spaced = spaced
    this.#c0 = c0
    this.#c1 = c1
    this.#c2 = c2
    this.#c3 = c3
    this.#depth = depth
    this.#given = given
    this.#ends = ends
    this.#after = after
    return at
  }

  #flush(sink: FeatureSink): void {
    if (this.#given > 0 || this.#ends > 0) sink.features(GIVEN, this.#given, ENDS, this.#ends)
    this.#given = 0
    this.#ends = 0
  }

  /** The features that would follow if the text ended here. Leaves no trace. */
  peekEnd(): readonly number[] {
    if (this.#word === 0) return []
    return [...this.#wordHashes(), ...this.#blankHashes()].filter((hash) => this.#seen[slotOf(hash)] !== hash)
  }

  #unit(unit: number): void {
    if (this.#high !== 0) {
      const high = this.#high
      this.#high = 0
      if (unit >= 0xdc00 && unit <= 0xdfff) return this.#codePoint((high - 0xd800) * 0x400 + (unit - 0xdc00) + 0x10000)
      this.#codePoint(0xfffd)
    }
    if (unit >= 0xd800 && unit <= 0xdbff) this.#high = unit
    else this.#codePoint(unit >= 0xdc00 && unit <= 0xdfff ? 0xfffd : unit)
  }

  #codePoint(codePoint: number): void {
    if (this.#after === SURE_END || codePoint === OPENING || (this.#after === MAY_END && isCloser(codePoint)))
      this.#ends = withEnd(this.#ends, this.#given)
    this.#after = isWideEnd(codePoint) ? SURE_END : NO_END
    const packed = FOLDS.packed(codePoint)
    const several = FOLDS.expansion(packed)
    if (several === null) this.#take(packed)
    else for (const one of several) this.#take(one)
  }

  #take(packed: number): void {
    if (packed === DROPPED) return
    const kind = packed & 3
    const code = packed >>> 2
    if (kind === WORD) {
      this.spaced++
      if (code > 127) this.foreign++
      this.#word = Math.imul((this.#word === 0 ? 0x811c9dc5 : this.#word) ^ code, 0x01000193)
      this.#push(code)
      return
    }
    if (this.#word !== 0) this.#closeWord()
    if (kind === SPACE) {
      if (this.#c0 !== BLANK) this.#push(BLANK)
    } else if (kind === RUN) {
      this.unspaced++
      this.#run(code)
    } else this.#push(code)
  }

  /** The 3- and 5-gram that end with this character. */
  #push(code: number): void {
    if (this.#depth >= 2) {
      const h3 = (code + Math.imul(this.#c0, B1) + Math.imul(this.#c1, B2)) | 0
      this.#give(mix(h3 ^ 0x3c6ef372))
      if (this.#depth >= 4) this.#give(mix((h3 + Math.imul(this.#c2, B3) + Math.imul(this.#c3, B4)) ^ 0x53380d13))
    }
    this.#shift(code)
  }

  /** The 1- to 4-grams that end with this character of an unspaced script. */
  #run(code: number): void {
    this.#give(mix(code ^ 0x1b873593))
    const h2 = (code + Math.imul(this.#c0, B1)) | 0
    this.#give(mix(h2 ^ 0x2545f491))
    if (this.#depth >= 2) {
      const h3 = (h2 + Math.imul(this.#c1, B2)) | 0
      this.#give(mix(h3 ^ 0x3c6ef372))
      if (this.#depth >= 3) this.#give(mix((h3 + Math.imul(this.#c2, B3)) ^ 0x4d2c6dfc))
    }
    this.#shift(code)
  }

  #shift(code: number): void {
    this.#c3 = this.#c2
    this.#c2 = this.#c1
    this.#c1 = this.#c0
    this.#c0 = code
    if (this.#depth < 4) this.#depth++
  }

  #closeWord(): void {
    this.#give(mix(this.#word ^ 0x27d4eb2f))
    if (this.#before !== 0) this.#give(mix(Math.imul(this.#before, B1) ^ this.#word))
    this.#before = this.#word
    this.#word = 0
  }

  #wordHashes(): readonly number[] {
    const own = mix(this.#word ^ 0x27d4eb2f)
    return this.#before === 0 ? [own] : [own, mix(Math.imul(this.#before, B1) ^ this.#word)]
  }

  #blankHashes(): readonly number[] {
    if (this.#depth < 2) return []
    const h3 = (BLANK + Math.imul(this.#c0, B1) + Math.imul(this.#c1, B2)) | 0
    const three = mix(h3 ^ 0x3c6ef372)
    return this.#depth < 4
      ? [three]
      : [three, mix((h3 + Math.imul(this.#c2, B3) + Math.imul(this.#c3, B4)) ^ 0x53380d13)]
  }

  #give(hash: number): void {
    const slot = slotOf(hash)
    if (this.#seen[slot] === hash) return
    this.#seen[slot] = hash
    GIVEN[this.#given++] = hash
  }
}

/** An end of a sentence before feature `given`; no two at one place, so that there is room for all. @returns how many there are. */
function withEnd(ends: number, given: number): number {
  if (ends > 0 && ENDS[ends - 1] === given) return ends
  ENDS[ends] = given
  return ends + 1
}

/** The tables take a hash's high bits, the memory its low ones. */
function slotOf(hash: number): number {
  return hash & SLOTS
}

/** Finaliser of MurmurHash3, 32 bits (Appleby): every input bit reaches every output bit. */
function mix(h: number): number {
  h ^= h >>> 16
  h = Math.imul(h, 0x85ebca6b)
  h ^= h >>> 13
  h = Math.imul(h, 0xc2b2ae35)
  return h ^ (h >>> 16)
}
