import { CATEGORIES } from '../base/harm.ts'
import { LABELS } from '../base/reasons.ts'
import { type Model, sigmoid } from './model.ts'
import type { Scores } from './types.ts'

/** What harm and what form of attack a text is most likely of: its probability, shared out over labels. */

const HARMS = CATEGORIES.length
/** Below this probability no action is near, and the wide heads are not worth their cache misses. */
const HEAD_FLOOR = 0.1

/** What a text is, in calibrated logits. `heads`: raw score per label, null where no label can matter. */
export interface Verdict {
  readonly any: number
  readonly attack: number
  readonly heads: Float64Array | null
}

/** Whether a text is likely enough, in calibrated logits, for labels to matter. */
export function mayMatter(any: number): boolean {
  return sigmoid(any) >= HEAD_FLOOR
}

/** Raw score per label. @param passage Gives the features of what is read, some at a time. */
export function headScores(
  { heads, headBits, headScales, headBiases }: Model,
  passage: (take: (ids: ArrayLike<number>, count: number) => void) => void,
): Float64Array {
  const sums = new Int32Array(LABELS.length)
  const shift = 32 - headBits
  let n = 0
  passage((ids, count) => {
    for (let i = 0; i < count; i++) {
      const row = (ids[i]! >>> shift) * LABELS.length
      for (let label = 0; label < sums.length; label++) sums[label] = (sums[label]! + heads[row + label]!) | 0
    }
    n += count
  })
  const norm = Math.sqrt(Math.max(1, n))
  return Float64Array.from(sums, (sum, label) => headBiases[label]! + (headScales[label]! * sum) / norm)
}

/** Probabilities per label. @param lowered Subtracted from the logits. */
export function labelScores({ any, attack, heads }: Verdict, lowered = 0): Scores {
  const scores = new Float64Array(LABELS.length)
  const most = sigmoid(any - lowered)
  if (heads === null || most < HEAD_FLOOR) {
    scores[HARMS - 1] = most
    return scores
  }
  apportion(heads, 0, HARMS, most, scores)
  // An attack never says more than harm of any kind: the greatest label stays the calibrated one.
  const form = Math.min(most, sigmoid(attack - lowered))
  if (form > 0) apportion(heads, HARMS, LABELS.length, form, scores)
  return scores
}

/** Shares a gate's probability out: the most probable label carries all of it, the others in proportion. */
function apportion(heads: Float64Array, from: number, to: number, probability: number, scores: Scores): void {
  let most = Number.NEGATIVE_INFINITY
  for (let label = from; label < to; label++) most = Math.max(most, heads[label]!)
  for (let label = from; label < to; label++) scores[label] = probability * Math.exp(heads[label]! - most)
}
