import { CATEGORIES } from '../base/harm.ts'
import { LABELS } from '../base/reasons.ts'
import { FeatureReader, type FeatureSink, SEEN_SLOTS } from './features.ts'
import { languageGroup } from './language-group.ts'
import {
  GATE_ANY,
  GATE_ATTACK,
  GATE_OUTPUT,
  GATE_STRIDE,
  GATES,
  type LanguageGroup,
  type Model,
  sigmoid,
} from './model.ts'
import type { ScoreStage, Scores, TextScorer } from './types.ts'

/** Features of a half-block; a window is two of them, about a thousand characters of prose. */
export const HALF_BLOCK = 1024
const HARMS = CATEGORIES.length
/** Below this probability no action is near, and the wide heads are not worth their cache misses. */
const HEAD_FLOOR = 0.1

/** Tables of scorers that were closed: a request that had to make its own would spend more on them than on its text. */
const spareSeen: Int32Array<ArrayBuffer>[] = []
const spareIds: Int32Array[] = []
const MOST_SPARE = 64

/**
 * Scores one text as it arrives: running sums for the whole, and for windows of two half-blocks anchored at absolute
 * feature positions, so that padding cannot thin a passage out. Sums are integers: no order of addition matters.
 */
export class Scorer implements TextScorer, FeatureSink {
  chars = 0
  readonly #model: Model
  readonly #stage: ScoreStage
  readonly #seen = spareSeen.pop()?.fill(0) ?? new Int32Array(SEEN_SLOTS)
  #reader = new FeatureReader(this.#seen)
  readonly #gateShift: number
  /** Sums per gate: whole text, current and previous half-block. */
  #whole0 = 0
  #whole1 = 0
  #whole2 = 0
  #current0 = 0
  #current1 = 0
  #current2 = 0
  #previous = [0, 0, 0]
  #features = 0
  #inBlock = 0
  #blocks = 0
  /** Hashes of the current and the previous half-block, and of the highest window: the heads read these. */
  #ids: Int32Array = spareIds.pop() ?? new Int32Array(HALF_BLOCK)
  #before: Int32Array | null = null
  #bestIds: Int32Array | null = null
  #bestCount = 0
  readonly #best = [Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY]

  constructor(model: Model, stage: ScoreStage) {
    this.#model = model
    this.#stage = stage
    this.#gateShift = 32 - model.gateBits
  }

  /** Another scorer in the same state: what one is fed, the other does not see. Close it too. */
  clone(): Scorer {
    const other = new Scorer(this.#model, this.#stage)
    other.chars = this.chars
    other.#reader = this.#reader.clone(other.#seen)
    other.#whole0 = this.#whole0
    other.#whole1 = this.#whole1
    other.#whole2 = this.#whole2
    other.#current0 = this.#current0
    other.#current1 = this.#current1
    other.#current2 = this.#current2
    other.#previous = this.#previous
    other.#features = this.#features
    other.#inBlock = this.#inBlock
    other.#blocks = this.#blocks
    other.#ids.set(this.#ids)
    other.#before = this.#before?.slice() ?? null
    other.#bestIds = this.#bestIds?.slice() ?? null
    other.#bestCount = this.#bestCount
    for (let gate = 0; gate < GATES; gate++) other.#best[gate] = this.#best[gate]!
    return other
  }

  feed(piece: string): void {
    this.chars += piece.length
    this.#reader.feed(piece, this)
  }

  features(hashes: Int32Array, count: number): void {
    const { gates } = this.#model
    const shift = this.#gateShift
    for (let from = 0; from < count; ) {
      const to = Math.min(count, from + HALF_BLOCK - this.#inBlock)
      let [sum0, sum1, sum2] = [0, 0, 0]
      for (let i = from; i < to; i++) {
        const row = (hashes[i]! >>> shift) * GATE_STRIDE
        sum0 += gates[row]!
        sum1 += gates[row + 1]!
        sum2 += gates[row + 2]!
      }
      this.#current0 += sum0
      this.#current1 += sum1
      this.#current2 += sum2
      for (let i = from; i < to; i++) this.#ids[this.#inBlock++] = hashes[i]!
      if (this.#inBlock === HALF_BLOCK) this.#endBlock()
      from = to
    }
  }

  scores(): Scores {
    const tail = this.#tail()
    const raw = Array.from({ length: GATES }, (_, gate) => {
      const { whole, windows } = this.#finish(gate, tail)
      return windows === null ? whole : Math.max(whole, windows - this.#model.windowPenalties[gate]!)
    })
    return this.#labels(raw, tail)
  }

  close(): void {
    if (spareSeen.length < MOST_SPARE) spareSeen.push(this.#seen)
    if (spareIds.length < MOST_SPARE) spareIds.push(this.#ids)
  }

  /** Which calibration the text takes: it changes as the text does. */
  get group(): LanguageGroup {
    return languageGroup(this.#reader.unspaced, this.#reader.spaced)
  }

  /** Raw score of one gate: of the whole text, and of its highest window where it has more than one. */
  raw(gate: number): { readonly whole: number; readonly windows: number | null } {
    return this.#finish(gate, this.#tail())
  }

  /** Hashes that would follow if the text ended here. */
  #tail(): readonly number[] {
    return this.#reader.peekEnd()
  }

  #finish(gate: number, tail: readonly number[]): { readonly whole: number; readonly windows: number | null } {
    const { gates } = this.#model
    let current = gate === GATE_ANY ? this.#current0 : gate === GATE_ATTACK ? this.#current1 : this.#current2
    for (const hash of tail) current += gates[(hash >>> this.#gateShift) * GATE_STRIDE + gate]!
    const n = this.#inBlock + tail.length
    const before = gate === GATE_ANY ? this.#whole0 : gate === GATE_ATTACK ? this.#whole1 : this.#whole2
    const whole = this.#raw(gate, before + current, this.#features + n)
    if (this.#blocks < 2) return { whole, windows: null }
    const last = this.#raw(gate, current + this.#previous[gate]!, HALF_BLOCK + n)
    return { whole, windows: Math.max(this.#best[gate]!, last) }
  }

  #raw(gate: number, sum: number, n: number): number {
    return this.#model.gateBiases[gate]! + (this.#model.gateScales[gate]! * sum) / Math.sqrt(Math.max(1, n))
  }

  #endBlock(): void {
    const sums = [this.#current0, this.#current1, this.#current2]
    const n = (this.#blocks > 0 ? HALF_BLOCK : 0) + HALF_BLOCK
    const leading = this.#stage === 'input' ? GATE_ANY : GATE_OUTPUT
    for (let gate = 0; gate < GATES; gate++) {
      const raw = this.#raw(gate, sums[gate]! + this.#previous[gate]!, n)
      if (raw <= this.#best[gate]!) continue
      this.#best[gate] = raw
      if (gate !== leading) continue
      this.#bestIds ??= new Int32Array(2 * HALF_BLOCK)
      this.#bestIds.set(this.#ids)
      if (this.#before !== null) this.#bestIds.set(this.#before, HALF_BLOCK)
      this.#bestCount = n
    }
    this.#whole0 += this.#current0
    this.#whole1 += this.#current1
    this.#whole2 += this.#current2
    this.#previous = sums
    this.#current0 = this.#current1 = this.#current2 = 0
    this.#features += HALF_BLOCK
    this.#inBlock = 0
    this.#blocks++
    const spare = this.#before ?? new Int32Array(HALF_BLOCK)
    this.#before = this.#ids
    this.#ids = spare
  }

  #labels(raw: readonly number[], tail: readonly number[]): Scores {
    const { group } = this
    const probability = (gate: number) => {
      const { a, b } = this.#model.calibration[gate]![group]
      return sigmoid(a * raw[gate]! + b)
    }
    const scores = new Float64Array(LABELS.length)
    const any = probability(this.#stage === 'input' ? GATE_ANY : GATE_OUTPUT)
    // The attack gate never says more than the gate of all: the greatest label stays the calibrated one.
    const attack = this.#stage === 'input' ? Math.min(any, probability(GATE_ATTACK)) : 0
    if (any < HEAD_FLOOR) {
      scores[HARMS - 1] = any
      return scores
    }
    const heads = this.#heads(tail)
    apportion(heads, 0, HARMS, any, scores)
    if (attack > 0) apportion(heads, HARMS, LABELS.length, attack, scores)
    return scores
  }

  /** Raw head scores of the highest window, or of the whole text where it is no longer than one. */
  #heads(tail: readonly number[]): Float64Array {
    const { heads, headBits, headScales, headBiases } = this.#model
    const sums = new Float64Array(LABELS.length)
    const shift = 32 - headBits
    let n = 0
    const take = (ids: ArrayLike<number>, count: number) => {
      for (let i = 0; i < count; i++) {
        const row = (ids[i]! >>> shift) * LABELS.length
        for (let label = 0; label < sums.length; label++) sums[label]! += heads[row + label]!
      }
      n += count
    }
    if (this.#bestIds === null) {
      take(this.#ids, this.#inBlock)
      take(tail, tail.length)
    } else if (this.#blocks === 1) {
      take(this.#before!, HALF_BLOCK)
      take(this.#ids, this.#inBlock)
    } else take(this.#bestIds, this.#bestCount)
    const norm = Math.sqrt(Math.max(1, n))
    return sums.map((sum, label) => headBiases[label]! + (headScales[label]! * sum) / norm)
  }
}

/** Shares a gate's probability out: the most probable label carries all of it, the others in proportion. */
function apportion(heads: Float64Array, from: number, to: number, probability: number, scores: Scores): void {
  let most = Number.NEGATIVE_INFINITY
  for (let label = from; label < to; label++) most = Math.max(most, heads[label]!)
  for (let label = from; label < to; label++) scores[label] = probability * Math.exp(heads[label]! - most)
}
