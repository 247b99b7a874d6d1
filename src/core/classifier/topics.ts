import { SEGMENTS, type Segment } from '../base/segments.ts'
import { FeatureReader, SEEN_SLOTS } from './features.ts'

/**
 * Tells what kind of traffic a text is. One column per segment over hashed features, read together (softmax):
 * `logit = bias + scale · Σ weights / sqrt(n)` for n features.
 */
export interface Topics {
  /** log2 of the number of rows. */
  readonly bits: number
  /** Shape [2^bits, SEGMENTS.length], row-major. */
  readonly table: Int8Array
  readonly scales: readonly number[]
  readonly biases: readonly number[]
}

/** Code units that are read: what a request is about shows in its beginning. */
export const TOPIC_CHARS = 512
/** A topic that is less likely than this is not said. */
const LEAST = 0.5
/** The reader's memory for repeats; nothing is left here between two texts. */
const SEEN = new Int32Array(SEEN_SLOTS)
/** Does a word's first byte in memory hold its lowest bits? */
const LITTLE = new Uint8Array(Int32Array.of(1).buffer)[0] === 1
const OTHER = SEGMENTS.indexOf('other')

/** Features of the beginning of a text, in order. */
export function topicFeatures(text: string): Int32Array {
  let ids = new Int32Array(1024)
  let used = 0
  const sink = {
    features(hashes: ArrayLike<number>, count: number) {
      if (used + count > ids.length) {
        const grown = new Int32Array(2 * (used + count))
        grown.set(ids)
        ids = grown
      }
      for (let i = 0; i < count; i++) ids[used++] = hashes[i]!
    },
  }
  const reader = new FeatureReader(SEEN.fill(0))
  reader.feed(text.slice(0, TOPIC_CHARS), sink)
  const end = reader.peekEnd()
  sink.features(end, end.length)
  return ids.subarray(0, used)
}

/** Segments in a word of a row; features whose bytes two sums of 16 bits can share a word for. */
const LANES = 4
const MOST_IN_WORD = 256

/** The segment of a text, `other` where none is likely. Never causes an action: reports tell traffic apart by it. */
export function topicOf({ bits, table, scales, biases }: Topics, text: string): Segment {
  const ids = topicFeatures(text)
  const norm = 1 / Math.sqrt(Math.max(1, ids.length))
  const logits = Float64Array.from(columnSums(table, bits, ids), (sum, k) => biases[k]! + scales[k]! * sum * norm)
  const most = logits.indexOf(Math.max(...logits))
  const total = logits.reduce((sum, logit) => sum + Math.exp(logit - logits[most]!), 0)
  return SEGMENTS[1 / total >= LEAST ? most : OTHER]!
}

/**
 * Sums of the rows of `ids`, per segment. One load for four segments: as bytes without sign two of their sums share a
 * word, and `MOST_IN_WORD` of them do not reach over.
 */
export function columnSums(table: Int8Array, bits: number, ids: Int32Array): Int32Array {
  const words = new Int32Array(table.buffer, table.byteOffset, table.length / LANES)
  const width = SEGMENTS.length / LANES
  const sums = new Int32Array(SEGMENTS.length)
  for (let from = 0; from < ids.length; from += MOST_IN_WORD) {
    const to = Math.min(ids.length, from + MOST_IN_WORD)
    for (let word = 0; word < width; word++) {
      let even = 0
      let odd = 0
      for (let i = from; i < to; i++) {
        const four = words[(ids[i]! >>> (32 - bits)) * width + word]! ^ 0x80808080
        even = (even + (four & 0xff00ff)) | 0
        odd = (odd + ((four >>> 8) & 0xff00ff)) | 0
      }
      const lanes = LITTLE ? [even, odd, even >>> 16, odd >>> 16] : [odd >>> 16, even >>> 16, odd, even]
      const signs = 128 * (to - from)
      for (let lane = 0; lane < LANES; lane++) sums[word * LANES + lane]! += (lanes[lane]! & 0xffff) - signs
    }
  }
  return sums
}
