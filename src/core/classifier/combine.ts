/** What is known of a text besides its words' weights, and how it is read together. */

/** Where a text stands: what is asked and what merely came with it are judged apart. */
export interface TextContext {
  /** A document, a tool result, a tool's definition: to be read, not to be obeyed. */
  readonly ambient: boolean
  /** Whether a system prompt stands before it: there is something to be talked out of. */
  readonly system: boolean
}

export const PLAIN_CONTEXT: TextContext = { ambient: false, system: false }

/** Names of the members of an evidence vector, in order. `leading` is the gate of the stage. */
export const EVIDENCE = [
  'leading',
  'attack',
  'ambient',
  'leading window',
  'attack window',
  'ambient window',
  'log of features',
  'unspaced share',
  'is ambient',
  'has system',
  'foreign share',
] as const
/**
 * What is added where a text is looked at again: what the network says to the stage's question and of an attack form, of
 * the passage that the heads read, of the window and of the sentence that stand out most; and among how many.
 */
export const SECOND_EVIDENCE = [
  ...EVIDENCE,
  'network',
  'network attack',
  'network window',
  'network attack window',
  'network sentence',
  'network attack sentence',
  'log of sentences',
] as const
export type Evidence = Float64Array

/**
 * A small network over the evidence of a text: `x` standardised, one hidden layer with softsign, and a linear path
 * beside it. Only additions, multiplications and divisions, so that every platform gives the same bits.
 *
 * `logit = bias + linear · x + out · softsign(hidden · x + hiddenBias)`
 */
export interface Combiner {
  readonly mean: readonly number[]
  /** One over the standard deviation. */
  readonly scale: readonly number[]
  readonly bias: number
  readonly linear: readonly number[]
  /** Shape [H, linear.length], row-major. */
  readonly hidden: readonly number[]
  readonly hiddenBias: readonly number[]
  readonly out: readonly number[]
}

/** The logit of one evidence vector, whose members beyond `linear` are not read. Pure; costs H × linear.length multiplications. */
export function combine(combiner: Combiner, evidence: ArrayLike<number>): number {
  const { mean, scale, linear, hidden, hiddenBias, out } = combiner
  const size = linear.length
  const x = new Float64Array(size)
  let logit = combiner.bias
  for (let i = 0; i < size; i++) {
    x[i] = (evidence[i]! - mean[i]!) * scale[i]!
    logit += linear[i]! * x[i]!
  }
  for (let unit = 0, at = 0; unit < out.length; unit++) {
    let sum = hiddenBias[unit]!
    for (let i = 0; i < size; i++) sum += hidden[at++]! * x[i]!
    logit += out[unit]! * softsign(sum)
  }
  return logit
}

export function softsign(x: number): number {
  return x / (1 + Math.abs(x))
}
