import { FeatureReader, SEEN_SLOTS } from './features.ts'

/** Characters that are judged together: two strides. */
export const FAMILY_WINDOW = 256
/** What a reader is told of a family without it: its weights were learned from whole texts. */
export const EARLIER_FAMILY = 'made by an earlier version: make it again with `sluice respond`'
/** Characters after which the next window begins, and readers forget what they saw: what was said before does not count for it. */
const STRIDE = FAMILY_WINDOW / 2
/** Keeps the hashes of surfaces apart from those of words. */
const SURFACE = 0x51ed270b

export interface FamilyFeatureSink {
  /** @param hashes The first `count` are of the stride that is open; the array is used again afterwards. */
  features(hashes: Int32Array, count: number): void
  endStride(): void
}

/**
 * What families are told by: the base model's features of a text, and the same features of its *surface*, which is the
 * text with each character replaced by its kind. Attacks of one family often share no word: brackets and capitals,
 * Japanese inside English, one word on each line are what they have in common.
 *
 * A text may come in any pieces; it has at least one stride.
 */
export class FamilyFeatureReader {
  readonly #seenWords = new Int32Array(SEEN_SLOTS)
  readonly #seenKinds = new Int32Array(SEEN_SLOTS)
  readonly #words = new FeatureReader(this.#seenWords)
  readonly #kinds = new FeatureReader(this.#seenKinds)
  readonly #sink: FamilyFeatureSink
  readonly #surface: Pick<FamilyFeatureSink, 'features'>
  /** Characters that the open stride has. */
  #open = 0

  constructor(sink: FamilyFeatureSink) {
    this.#sink = sink
    this.#surface = {
      features(hashes, count) {
        for (let i = 0; i < count; i++) hashes[i] = surfaceHash(hashes[i]!)
        sink.features(hashes, count)
      },
    }
  }

  feed(text: string): void {
    for (let from = 0; from < text.length; ) {
      // A full one ends when more comes: the last word belongs to the last stride.
      if (this.#open === STRIDE) this.#endStride()
      const piece = text.slice(from, from + STRIDE - this.#open)
      this.#words.feed(piece, this.#sink)
      this.#kinds.feed(kindsOf(piece), this.#surface)
      this.#open += piece.length
      from += piece.length
    }
  }

  /** Once. */
  end(): void {
    const end = Int32Array.from([...this.#words.peekEnd(), ...this.#kinds.peekEnd().map(surfaceHash)])
    this.#sink.features(end, end.length)
    this.#endStride()
  }

  #endStride(): void {
    this.#seenWords.fill(0)
    this.#seenKinds.fill(0)
    this.#open = 0
    this.#sink.endStride()
  }
}

function surfaceHash(hash: number): number {
  return Math.imul(hash ^ SURFACE, 0x9e3779b1)
}

/** The kinds of at most `STRIDE` units, as text. */
function kindsOf(text: string): string {
  for (let i = 0; i < text.length; i++) KINDS[i] = KIND[text.charCodeAt(i)]!
  return String.fromCharCode(...KINDS.subarray(0, text.length))
}

const KINDS = new Uint8Array(STRIDE)

/** Kind of each unit: small and capital letters apart, by two letters, since readers fold case; marks and blanks are their own. */
const KIND = Uint8Array.from({ length: 0x10000 }, (_, unit) => {
  return (unit < 128 ? asciiKind(String.fromCharCode(unit)) : scriptOf(unit)).charCodeAt(0)
})

function asciiKind(character: string): string {
  return character.replace(/[a-z]/, 'a').replace(/[A-Z]/, 'b').replace(/[0-9]/, '0')
}

function scriptOf(unit: number): string {
  if (unit < 0x250) return 'e'
  if (unit < 0x3041) return 'g'
  if (unit < 0x30a0) return 'h'
  if (unit < 0x3100) return 'k'
  return unit >= 0x4e00 && unit < 0xa000 ? 'j' : 'w'
}
