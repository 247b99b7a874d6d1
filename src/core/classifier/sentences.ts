/** A sentence of fewer features is read together with the next: about ten letters. */
const LEAST = 32
/** A longer one is cut: code, tables and lists have few ends. */
const MOST = 640
/** So many are kept: those in which the gate is highest. */
const KEPT = 4

interface Sentence {
  readonly raw: number
  /** Hashes of what it adds to the text before. */
  readonly ids: Int32Array
}

/** The sentences that stand out, and how many there are of which they do. */
export interface StandOut {
  readonly count: number
  readonly ids: readonly Int32Array[]
  /** What follows the last of them and is too short to be one. */
  readonly rest: Int32Array
  /** Whether `ids` and `rest` together are the whole text. */
  readonly isAll: boolean
}
const NONE = new Int32Array(0)

/** What a text's scorer tells of a stretch that ends where it is. */
export interface Stretches {
  /** Features so far. */
  readonly taken: number
  /** Sum of the leading gate so far. */
  readonly sum: number
  /** Raw score of a stretch. @param sum Of the leading gate. */
  raw(sum: number, features: number): number
  /** The last `count` hashes. */
  last(count: number): Int32Array
}

/**
 * The sentences of a text that stand out, by the features each adds: a request is a sentence or two, whatever scene, form or
 * list of errands stands around it. Where a sentence ends hangs on the text alone, in whatever pieces it arrives.
 */
export class Sentences {
  count = 0
  #from = 0
  #sumBefore = 0
  /** Highest first, at most `KEPT`. */
  #kept: Sentence[] = []

  clone(): Sentences {
    const other = new Sentences()
    other.count = this.count
    other.#from = this.#from
    other.#sumBefore = this.#sumBefore
    other.#kept = [...this.#kept]
    return other
  }

  /** Cuts a sentence that is too long. To be asked every so many features, wherever pieces end. */
  cut(at: Stretches): void {
    if (at.taken - this.#from >= MOST) this.end(at)
  }

  /** Raw score of the sentence that stands out most. */
  highest(at: Stretches): number {
    return Math.max(this.#kept[0]?.raw ?? Number.NEGATIVE_INFINITY, this.#openRaw(at))
  }

  /** With the open one as if the text ended here. @param tail Hashes that would follow then. */
  standOut(at: Stretches, tail: readonly number[]): StandOut {
    const features = at.taken - this.#from
    const open = new Int32Array(features + tail.length)
    open.set(at.last(features))
    open.set(tail, features)
    const kept = this.#kept.map(({ ids }) => ids)
    const isAll = this.count === kept.length
    return open.length < LEAST && kept.length > 0
      ? { count: this.count, ids: kept, rest: open, isAll }
      : { count: this.count + 1, ids: [...kept, open], rest: NONE, isAll }
  }

  /** A sentence ends here. One that holds next to nothing goes on in the next. */
  end(at: Stretches): void {
    const features = at.taken - this.#from
    if (features < LEAST) return
    const raw = at.raw(at.sum - this.#sumBefore, features)
    this.count++
    if (this.#kept.length < KEPT || raw > this.#kept[KEPT - 1]!.raw) {
      const place = this.#kept.findIndex((one) => one.raw < raw)
      this.#kept.splice(place < 0 ? this.#kept.length : place, 0, { raw, ids: at.last(features) })
      this.#kept.length = Math.min(this.#kept.length, KEPT)
    }
    this.#from = at.taken
    this.#sumBefore = at.sum
  }

  #openRaw(at: Stretches): number {
    const features = at.taken - this.#from
    return features < LEAST ? Number.NEGATIVE_INFINITY : at.raw(at.sum - this.#sumBefore, features)
  }
}
