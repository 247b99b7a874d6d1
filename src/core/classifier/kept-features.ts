import { Spares } from './spares.ts'

/** Features of a half-block of the heads; their window is two of them, about a thousand characters of prose. */
export const HALF_BLOCK = 1024
/** Features of a half-block of the gates: their window is a sentence or two, so that one hidden in a page shows. */
export const SUB_BLOCK = 128

const spares = new Spares<Int32Array>()

/**
 * The hashes of a text that heads and network may read: its last features, and those of the windows that stand out most,
 * of two half-blocks and of two sub-blocks. Which these are the scorer says.
 */
export class KeptFeatures {
  /** The half-block that is open: its first `count` are there. Whoever fills it counts. */
  open: Int32Array = spares.take() ?? new Int32Array(HALF_BLOCK)
  count = 0
  /** Half-blocks that were closed. */
  blocks = 0
  #before: Int32Array | null = null
  #best: Int32Array | null = null
  #bestCount = 0
  #bestRaw = Number.NEGATIVE_INFINITY
  #window: Int32Array | null = null

  /** Takes the state of another. */
  become(other: KeptFeatures): void {
    this.open.set(other.open)
    this.count = other.count
    this.blocks = other.blocks
    this.#before = other.#before?.slice() ?? null
    this.#best = other.#best?.slice() ?? null
    this.#bestCount = other.#bestCount
    this.#bestRaw = other.#bestRaw
    this.#window = other.#window?.slice() ?? null
  }

  close(): void {
    spares.keep(this.open)
  }

  /** Copies the last `count` hashes, at most a half-block and what is open, to a place in `into`. */
  last(count: number, into: Int32Array, at: number): void {
    const from = this.count - count
    if (from < 0) into.set(this.#before!.subarray(HALF_BLOCK + from), at)
    into.set(this.open.subarray(Math.max(0, from), this.count), at + Math.max(0, -from))
  }

  /** The two sub-blocks that end here stand out most. */
  keepWindow(): void {
    this.last(2 * SUB_BLOCK, (this.#window ??= new Int32Array(2 * SUB_BLOCK)), 0)
  }

  /** The half-block that is open is full. @param raw How far the window that ends here stands out. */
  endBlock(raw: number): void {
    if (raw > this.#bestRaw) {
      this.#bestRaw = raw
      this.#best ??= new Int32Array(2 * HALF_BLOCK)
      this.#best.set(this.open)
      if (this.#before !== null) this.#best.set(this.#before, HALF_BLOCK)
      this.#bestCount = this.#before === null ? HALF_BLOCK : 2 * HALF_BLOCK
    }
    const next = this.#before ?? new Int32Array(HALF_BLOCK)
    this.#before = this.open
    this.open = next
    this.count = 0
    this.blocks++
  }

  /**
   * Features of the window of two sub-blocks that stands out most: that which was kept, or the one at the end.
   *
   * @param isLast Which: one is kept once two sub-blocks were closed. @param tail Hashes that would follow if the text ended here.
   */
  window(
    isLast: boolean,
    tail: readonly number[],
    take: (ids: ArrayLike<number>, from: number, to: number) => void,
  ): void {
    if (!isLast) return take(this.#window!, 0, 2 * SUB_BLOCK)
    const from = this.count - (this.count % SUB_BLOCK) - SUB_BLOCK
    if (from < 0) take(this.#before!, HALF_BLOCK + from, HALF_BLOCK)
    take(this.open, Math.max(0, from), this.count)
    take(tail, 0, tail.length)
  }

  /** Features of the window of two half-blocks that stands out most, or of the whole text where it is no longer than one. */
  passage(tail: readonly number[], take: (ids: ArrayLike<number>, count: number) => void): void {
    if (this.#best === null) {
      take(this.open, this.count)
      take(tail, tail.length)
    } else if (this.blocks === 1) {
      take(this.#before!, HALF_BLOCK)
      take(this.open, this.count)
    } else take(this.#best, this.#bestCount)
  }
}
