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

/** The segment of a text, `other` where none is likely. Never causes an action: reports tell traffic apart by it. */
export function topicOf({ bits, table, scales, biases }: Topics, text: string): Segment {
  const ids = topicFeatures(text)
  const width = SEGMENTS.length
  const sums = new Int32Array(width)
  for (const id of ids) {
    const row = (id >>> (32 - bits)) * width
    for (let segment = 0; segment < width; segment++) sums[segment] = (sums[segment]! + table[row + segment]!) | 0
  }
  const norm = 1 / Math.sqrt(Math.max(1, ids.length))
  const logits = Float64Array.from(sums, (sum, segment) => biases[segment]! + scales[segment]! * sum * norm)
  const most = logits.indexOf(Math.max(...logits))
  const total = logits.reduce((sum, logit) => sum + Math.exp(logit - logits[most]!), 0)
  return SEGMENTS[1 / total >= LEAST ? most : OTHER]!
}
