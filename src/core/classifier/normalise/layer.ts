import type { EscapeTrick } from './escapes.ts'
import type { Spanned } from './spanned.ts'

/** How a text was hidden. */
export type Trick =
  | EscapeTrick
  | 'look-alikes'
  | 'kana'
  | 'spacing'
  | 'leet'
  | 'tags'
  | 'selectors'
  | 'base64'
  | 'base32'
  | 'hex'
  | 'spelled'
  | 'morse'
  | 'rot13'
  | 'mirrored'
  | 'mirrored-words'

/**
 * Another reading of a stretch of text: what it says once its tricks are undone. `starts[i]` and `ends[i]` are the raw
 * code points, half-open, that code point i of `text` was read from.
 */
export interface Layer {
  /** Outermost first. */
  readonly tricks: readonly Trick[]
  readonly text: string
  readonly starts: readonly number[]
  readonly ends: readonly number[]
  /** All of it, in code points of the raw text. */
  readonly start: number
  readonly end: number
}

/**
 * What is no text and still worth knowing. `tags`: text in characters that show nothing. `hidden`: a long stretch of
 * such characters. `noise`: high entropy that nobody could decode. `bound`: more was there than is read.
 */
export interface Mark {
  readonly kind: 'tags' | 'hidden' | 'noise' | 'bound'
  readonly start: number
  readonly end: number
}

/** What may lie between two passages of one reading: the end of a line. */
const WIDEST_SEAM = 2

/** Whether a layer goes on where one of the same tricks ended, in code points of the raw text. */
export function goesOn(end: number, { start }: Pick<Layer, 'start'>): boolean {
  return start >= end && start <= end + WIDEST_SEAM
}

/** Takes what the normaliser finds, passage by passage. */
export interface NormaliserSink {
  layer(layer: Layer): void
  mark(mark: Mark): void
}

/** @param said The code points of `text` as a string. */
export function layerOf(tricks: readonly Trick[], text: Spanned, said: string): Layer {
  const { starts, ends } = text
  let start = Number.POSITIVE_INFINITY
  let end = 0
  for (let i = 0; i < starts.length; i++) {
    if (starts[i]! < start) start = starts[i]!
    if (ends[i]! > end) end = ends[i]!
  }
  return { tricks, text: said, starts, ends, start: Math.min(start, end), end }
}
