import { FamilyFeatureReader } from './family-features.ts'

/** Features of a text in order, once for each stride, and how many of them stand before each stride's end. */
export interface FamilyText {
  readonly hashes: Int32Array
  readonly ends: Int32Array
}

/** The features of a text that a vocabulary knows, by their places in it. */
export interface PlacedText {
  readonly places: Int32Array
  /** 1 where the stride before has the feature too. */
  readonly again: Uint8Array
  /** How many of `places` stand before the end of each stride. */
  readonly ends: Int32Array
  /** How many features each stride has, known or not. */
  readonly sizes: Int32Array
}

/** Reads a text once, for any number of heads. */
export function familyText(text: string): FamilyText {
  const found: number[] = []
  const ends: number[] = []
  const reader = new FamilyFeatureReader({
    features(hashes, count) {
      for (let i = 0; i < count; i++) found.push(hashes[i]!)
    },
    endStride: () => void ends.push(found.length),
  })
  reader.feed(text)
  reader.end()
  return { hashes: Int32Array.from(found), ends: Int32Array.from(ends) }
}

/** Features that weigh something, each with a place. A table with open addressing: most lookups end at an empty slot. */
export class Vocabulary {
  readonly size: number
  readonly #hashes: Int32Array
  /** Place and one; 0 where a slot is empty. */
  readonly #places: Int32Array
  readonly #shift: number
  /** Stride that a place was last met in, counted on from text to text. */
  readonly #last: Float64Array
  #tick = 2

  /** @param hashes Places are in their order; of equal ones the first counts. */
  constructor(hashes: ArrayLike<number>) {
    const bits = Math.max(1, Math.ceil(Math.log2(4 * Math.max(1, hashes.length))))
    this.#shift = 32 - bits
    this.#hashes = new Int32Array(2 ** bits)
    this.#places = new Int32Array(2 ** bits)
    let size = 0
    for (let i = 0; i < hashes.length; i++) {
      const slot = this.#slotOf(hashes[i]!)
      if (this.#places[slot] !== 0) continue
      this.#hashes[slot] = hashes[i]!
      this.#places[slot] = ++size
    }
    this.size = size
    this.#last = new Float64Array(size)
  }

  /** @returns -1 for what is not known. */
  placeOf(hash: number): number {
    return this.#places[this.#slotOf(hash)]! - 1
  }

  /** The slot of a hash, or the empty one where it would be. */
  #slotOf(hash: number): number {
    let slot = hash >>> this.#shift
    while (this.#places[slot] !== 0 && this.#hashes[slot] !== hash) slot = (slot + 1) & (this.#places.length - 1)
    return slot
  }

  place({ hashes, ends }: FamilyText): PlacedText {
    const places: number[] = []
    const again: number[] = []
    const placeEnds = new Int32Array(ends.length)
    const sizes = new Int32Array(ends.length)
    const tick = this.#tick
    this.#tick += ends.length + 1
    let from = 0
    for (let stride = 0; stride < ends.length; stride++) {
      const end = ends[stride]!
      for (let i = from; i < end; i++) {
        const place = this.placeOf(hashes[i]!)
        if (place < 0) continue
        const last = this.#last[place]!
        if (last === tick + stride) continue
        this.#last[place] = tick + stride
        places.push(place)
        again.push(Number(last === tick + stride - 1))
      }
      sizes[stride] = end - from
      placeEnds[stride] = places.length
      from = end
    }
    return { places: Int32Array.from(places), again: Uint8Array.from(again), ends: placeEnds, sizes }
  }
}
