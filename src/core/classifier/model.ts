import type { Combiner } from './combine.ts'
import type { Network } from './network.ts'
import type { Topics } from './topics.ts'

/** Columns of the gate table. */
export const GATE_ANY = 0
export const GATE_ATTACK = 1
export const GATE_OUTPUT = 2
/** An order hidden in a text that was only to be read: a document, a tool result. */
export const GATE_AMBIENT = 3
export const GATES = 4
/** Stride of a gate row: one aligned word per feature. */
export const GATE_STRIDE = 4

/** `p = 1 / (1 + exp(-(a · x + b)))` on a raw gate score (Platt 1999); `a > 0`, so order is kept. */
export interface Platt {
  readonly a: number
  readonly b: number
}

/** Languages calibrate apart: a Japanese character is one feature-dense symbol, an English one a fifth of a word. */
export const LANGUAGE_GROUPS = ['spaced', 'unspaced'] as const
export type LanguageGroup = (typeof LANGUAGE_GROUPS)[number]

/** The questions that are answered with a calibrated probability. */
export const ANSWERS = ['harm', 'attack', 'answer'] as const
export type AnswerName = (typeof ANSWERS)[number]
export type Combiners = Readonly<Record<AnswerName, Combiner>>

/** A closer look, at texts whose first look is not clearly harmless: it costs cache misses that those need not pay. */
export interface SecondLook {
  readonly network: Network
  /** Over `SECOND_EVIDENCE`. */
  readonly combiners: Combiners
}

/**
 * A trained model: narrow gate rows that are read for every feature, and wide rows (network, heads) that are read only
 * for texts that pass a gate.
 *
 * Raw score of a gate for n features: `bias + scale · Σ weights / sqrt(n)`.
 */
export interface Model {
  /** log2 of the number of gate rows, and of head rows. */
  readonly gateBits: number
  readonly headBits: number
  /** Shape [2^gateBits, GATE_STRIDE], row-major. */
  readonly gates: Int8Array
  /** Shape [2^headBits, LABELS.length], row-major. */
  readonly heads: Int8Array
  readonly gateScales: readonly number[]
  readonly gateBiases: readonly number[]
  readonly headScales: readonly number[]
  readonly headBiases: readonly number[]
  /** What the evidence of a text says together, per question: a logit. */
  readonly combiners: Combiners
  /** Null in a model that has none. */
  readonly second: SecondLook | null
  /** What kind of traffic a text is; null in a model that cannot tell. */
  readonly topics: Topics | null
  /** Per question, then per language group. */
  readonly calibration: Readonly<Record<AnswerName, Readonly<Record<LanguageGroup, Platt>>>>
  /** Exchange view: weights of the answer's logit, and of the lesser of the prompt's and the answer's. */
  readonly exchange: { readonly answer: number; readonly lesser: number; readonly bias: number }
  /** Where the probabilities start to count, measured on the calibration split; parts per million. */
  readonly thresholds: ModelThresholds
  readonly seed: number
}

/** From `clear` on a text is in doubt, from `act` on policy acts: how many harmless texts reach them is in the model card. */
export interface Lines {
  readonly clear: number
  readonly act: number
  readonly actPlus: number
}

export interface ModelThresholds {
  readonly harmInput: Lines
  readonly attackInput: Lines
  readonly output: Lines
  readonly exchange: Lines
}

export function sigmoid(x: number): number {
  return 1 / (1 + Math.exp(-x))
}

/** Inverse of `sigmoid`, finite at both ends. */
export function logit(p: number): number {
  const bounded = Math.min(1 - 1e-9, Math.max(1e-9, p))
  return Math.log(bounded / (1 - bounded))
}
