import type { TextContext } from './combine.ts'

/** What a network answers, in order: is this request harmful, is this answer, is this an attack form. */
export const NETWORK_ANSWERS = ['harm', 'answer', 'attack'] as const

/** Share of a negative sum that a hidden unit lets through. */
export const LEAK = 0.01
/** Brings pairs of features to the size of single ones: their sums are squares of small numbers. */
export const PAIR_GAIN = 4
/** Inputs beside the pooled vectors: how long a text is, brought near 0, and whether it merely came along. */
export const SIDE_INPUTS = 2

export function sideInputs(
  features: number,
  { ambient }: Pick<TextContext, 'ambient'>,
  into: Float64Array,
  at: number,
) {
  into[at] = 0.3 * Math.log(1 + features) - 1.5
  into[at + 1] = Number(ambient)
}

/**
 * A network that reads which features stand together, which no sum of single weights can: each feature is a vector, and
 * a text is the sum of its vectors beside what their products add up to (a factorisation machine's second order:
 * `(Σv)² − Σv²`, Rendle 2010; pooled before a hidden layer: He and Chua 2017).
 *
 * `x = [Σv / √n, PAIR_GAIN · ((Σv)² − Σv²) / n, side]`, `h = leaky(hidden · x + hiddenBias)`, `logits = out · h + outBias`.
 * Only additions, multiplications and divisions but for one logarithm.
 */
export interface Network {
  /** log2 of the number of feature vectors. */
  readonly bits: number
  readonly dims: number
  /** Shape [2^bits, dims], row-major; times `scale` a vector. */
  readonly table: Int8Array
  readonly scale: number
  /** Shape [H, 2 · dims + SIDE_INPUTS], row-major. */
  readonly hidden: readonly number[]
  readonly hiddenBias: readonly number[]
  /** Shape [NETWORK_ANSWERS.length, H], row-major. */
  readonly out: readonly number[]
  readonly outBias: readonly number[]
}

/** Sums over the features of a text: what the network needs of them. Shapes [dims]. */
export interface PooledFeatures {
  readonly sum: Float64Array
  readonly squares: Float64Array
  count: number
}

export function emptyPool({ dims }: Pick<Network, 'dims'>): PooledFeatures {
  return { sum: new Float64Array(dims), squares: new Float64Array(dims), count: 0 }
}

/** Adds features to a pool. @param hashes 32 bits each, the first `count` of them. */
export function pool(network: Network, hashes: ArrayLike<number>, count: number, into: PooledFeatures): void {
  const { table, dims } = network
  const { sum, squares } = into
  const shift = 32 - network.bits
  for (let i = 0; i < count; i++) {
    const row = (hashes[i]! >>> shift) * dims
    for (let dim = 0; dim < dims; dim++) {
      const value = table[row + dim]!
      sum[dim]! += value
      squares[dim]! += value * value
    }
  }
  into.count += count
}

/** Logits of `NETWORK_ANSWERS`. Costs H × (2 · dims + 5) multiplications. */
export function networkLogits(
  network: Network,
  { sum, squares, count }: PooledFeatures,
  context: Pick<TextContext, 'ambient'>,
): Float64Array {
  const { dims, scale, hidden, hiddenBias, out, outBias } = network
  const size = 2 * dims + SIDE_INPUTS
  const x = new Float64Array(size)
  const n = Math.max(1, count)
  const norm = scale / Math.sqrt(n)
  for (let dim = 0; dim < dims; dim++) {
    x[dim] = sum[dim]! * norm
    x[dims + dim] = PAIR_GAIN * (x[dim]! * x[dim]! - squares[dim]! * norm * norm)
  }
  sideInputs(count, context, x, 2 * dims)
  const logits = Float64Array.from(outBias)
  const units = hiddenBias.length
  for (let unit = 0, at = 0; unit < units; unit++) {
    let value = hiddenBias[unit]!
    for (let i = 0; i < size; i++) value += hidden[at++]! * x[i]!
    if (value < 0) value *= LEAK
    for (let answer = 0; answer < logits.length; answer++) logits[answer]! += out[answer * units + unit]! * value
  }
  return logits
}
