import { FamilyFeatureReader, type FamilyFeatureSink } from './family-features.ts'
import { Vocabulary } from './family-text.ts'
import { Spares } from './spares.ts'

/** Weights of many families by feature: those of one place are `of` and `by` from `from[place]` to `from[place + 1]`. */
export class FamilyWeights {
  readonly vocabulary: Vocabulary
  readonly count: number
  readonly from: Int32Array
  readonly of: Int32Array
  readonly by: Float64Array
  /** Tables with a number for each place. */
  readonly spares = new Spares<Int32Array<ArrayBuffer>>()

  constructor(families: readonly { readonly weights: readonly (readonly [hash: number, weight: number])[] }[]) {
    this.count = families.length
    this.vocabulary = new Vocabulary(families.flatMap(({ weights }) => weights.map(([hash]) => hash)))
    const all = families
      .flatMap(({ weights }, family) =>
        weights.map(([hash, weight]) => ({ family, weight, place: this.vocabulary.placeOf(hash) })),
      )
      .sort((a, b) => a.place - b.place)
    this.of = Int32Array.from(all, ({ family }) => family)
    this.by = Float64Array.from(all, ({ weight }) => weight)
    this.from = new Int32Array(this.vocabulary.size + 1)
    for (const { place } of all) this.from[place + 1]! += 1
    for (let place = 0; place < this.vocabulary.size; place++) this.from[place + 1]! += this.from[place]!
  }
}

/** The highest window of one text for each family, as `bestWindow` finds it for one, while the text comes in. */
export class FamilyReading implements FamilyFeatureSink {
  readonly #weights: FamilyWeights
  readonly #reader = new FamilyFeatureReader(this)
  /** Stride that a place was last met in, from 2 on. */
  readonly #last: Int32Array<ArrayBuffer>
  readonly #best: Float64Array
  /** Sums over the open stride, the one before, and what both have. */
  readonly #now: Float64Array
  readonly #before: Float64Array
  readonly #both: Float64Array
  #stride = 2
  #size = 0
  #sizeBefore = 0

  constructor(weights: FamilyWeights) {
    this.#weights = weights
    this.#last = weights.spares.take()?.fill(0) ?? new Int32Array(weights.vocabulary.size)
    this.#best = new Float64Array(weights.count)
    this.#now = new Float64Array(weights.count)
    this.#before = new Float64Array(weights.count)
    this.#both = new Float64Array(weights.count)
  }

  feed(piece: string): void {
    this.#reader.feed(piece)
  }

  /** Once. @returns Sums of the highest window, per family. */
  end(): Float64Array {
    this.#reader.end()
    this.#weights.spares.keep(this.#last)
    return this.#best
  }

  features(hashes: Int32Array, count: number): void {
    const { vocabulary, from, of, by } = this.#weights
    for (let i = 0; i < count; i++) {
      const place = vocabulary.placeOf(hashes[i]!)
      if (place < 0 || this.#last[place] === this.#stride) continue
      const again = this.#last[place] === this.#stride - 1
      this.#last[place] = this.#stride
      for (let at = from[place]!; at < from[place + 1]!; at++) {
        this.#now[of[at]!]! += by[at]!
        if (again) this.#both[of[at]!]! += by[at]!
      }
    }
    this.#size += count
  }

  endStride(): void {
    const root = Math.sqrt(Math.max(1, this.#size + this.#sizeBefore))
    for (let family = 0; family < this.#weights.count; family++) {
      const sum = (this.#now[family]! + this.#before[family]! - this.#both[family]!) / root
      // A beginning by itself is a window only where nothing follows it.
      if (sum > this.#best[family]! || this.#stride < 4) this.#best[family] = sum
      this.#before[family] = this.#now[family]!
      this.#now[family] = 0
      this.#both[family] = 0
    }
    this.#sizeBefore = this.#size
    this.#size = 0
    this.#stride++
  }
}
