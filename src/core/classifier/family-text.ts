import { readFamilyFeatures } from './family-features.ts'

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
  readFamilyFeatures(text, {
    features(hashes, count) {
      for (let i = 0; i < count; i++) found.push(hashes[i]!)
    },
    endStride: () => void ends.push(found.length),
  })
  return { hashes: Int32Array.from(found), ends: Int32Array.from(ends) }
}

/** Bits of the table that tells in one look that a feature is not known: nearly always so. */
const FILTER_BITS = 16

/** Features that weigh something, each with a place. */
export class Vocabulary {
  readonly size: number
  readonly #places = new Map<number, number>()
  readonly #filter = new Uint8Array(2 ** FILTER_BITS)
  /** Stride that a place was last met in, counted on from text to text. */
  readonly #last: Float64Array
  #tick = 2

  /** @param hashes Places are in their order; of equal ones the first counts. */
  constructor(hashes: Iterable<number>) {
    for (const hash of hashes) {
      this.#filter[hash >>> (32 - FILTER_BITS)] = 1
      if (!this.#places.has(hash)) this.#places.set(hash, this.#places.size)
    }
    this.size = this.#places.size
    this.#last = new Float64Array(this.size)
  }

  /** @returns -1 for what is not known. */
  placeOf(hash: number): number {
    return this.#filter[hash >>> (32 - FILTER_BITS)] === 0 ? -1 : (this.#places.get(hash) ?? -1)
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
