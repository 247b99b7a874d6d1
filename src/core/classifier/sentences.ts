import { Spares } from './spares.ts'

/** A sentence of fewer features is read together with the next: about ten letters. */
const LEAST = 32
/** A longer one is cut: code, tables and lists have few ends. */
const MOST = 640
/** So many are kept: those in which the gate is highest. */
const KEPT = 4

/** Of a sentence: one is cut at the first multiple of 128 features from `MOST` on. */
const SLOT = MOST + 128

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

const spares = new Spares<Int32Array<ArrayBuffer>>()

/** What a text's scorer tells of a stretch that ends where it is. */
export interface Stretches {
  /** Features so far. */
  readonly taken: number
  /** Sum so far, of the gate by which a passage stands out. */
  readonly sum: number
  /** Raw score of a stretch. @param sum Of the same gate. */
  raw(sum: number, features: number): number
  /** Copies the last `count` hashes to a place in `into`. */
  last(count: number, into: Int32Array, at: number): void
}

/**
 * The sentences of a text that stand out, by the features each adds: a request is a sentence or two, whatever scene, form or
 * list of errands stands around it, and an answer gives in with as few. Where a sentence ends hangs on the text alone, in
 * whatever pieces it arrives.
 */
export class Sentences {
  count = 0
  #from = 0
  #sumBefore = 0
  /** Slots of the kept ones, the highest first, and what is in each: hashes of what a sentence adds to the text before. */
  #order: number[] = []
  readonly #raws = new Float64Array(KEPT)
  readonly #counts = new Int32Array(KEPT)
  readonly #ids = spares.take() ?? new Int32Array(KEPT * SLOT)

  /** Takes the state of another. */
  become(other: Sentences): void {
    this.count = other.count
    this.#from = other.#from
    this.#sumBefore = other.#sumBefore
    this.#order = [...other.#order]
    this.#raws.set(other.#raws)
    this.#counts.set(other.#counts)
    this.#ids.set(other.#ids)
  }

  close(): void {
    spares.keep(this.#ids)
  }

  /** Cuts a sentence that is too long. To be asked every so many features, wherever pieces end. */
  cut(at: Stretches): void {
    if (at.taken - this.#from >= MOST) this.end(at)
  }

  /** Raw score of the sentence that stands out most. */
  highest(at: Stretches): number {
    const [first] = this.#order
    return Math.max(first === undefined ? Number.NEGATIVE_INFINITY : this.#raws[first]!, this.#openRaw(at))
  }

  /** With the open one as if the text ended here. @param tail Hashes that would follow then. */
  standOut(at: Stretches, tail: readonly number[]): StandOut {
    const features = at.taken - this.#from
    const open = new Int32Array(features + tail.length)
    at.last(features, open, 0)
    open.set(tail, features)
    const kept = this.#order.map((slot) => this.#ids.slice(slot * SLOT, slot * SLOT + this.#counts[slot]!))
    const isAll = this.count === kept.length
    return open.length < LEAST && kept.length > 0
      ? { count: this.count, ids: kept, rest: open, isAll }
      : { count: this.count + 1, ids: [...kept, open], rest: NONE, isAll }
  }

  /** A sentence ends here. One that holds next to nothing goes on in the next. */
  end(at: Stretches): void {
    const features = at.taken - this.#from
    if (features < LEAST) return
    this.#keep(at.raw(at.sum - this.#sumBefore, features), features, at)
    this.count++
    this.#from = at.taken
    this.#sumBefore = at.sum
  }

  /** Where it is among the highest: in a free slot, or in that of the lowest. */
  #keep(raw: number, features: number, at: Stretches): void {
    const order = this.#order
    const isFull = order.length === KEPT
    if (isFull && raw <= this.#raws[order[KEPT - 1]!]!) return
    const slot = isFull ? order.pop()! : order.length
    const place = order.findIndex((one) => this.#raws[one]! < raw)
    order.splice(place < 0 ? order.length : place, 0, slot)
    this.#raws[slot] = raw
    this.#counts[slot] = features
    at.last(features, this.#ids, slot * SLOT)
  }

  #openRaw(at: Stretches): number {
    const features = at.taken - this.#from
    return features < LEAST ? Number.NEGATIVE_INFINITY : at.raw(at.sum - this.#sumBefore, features)
  }
}
