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
  /** A multiple of four. */
  readonly dims: number
  /** Shape [2^bits, dims], row-major; times `scales` a vector. */
  readonly table: Int8Array
  /** Shape [dims]. */
  readonly scales: readonly number[]
  /** Shape [H, 2 · dims + SIDE_INPUTS], row-major. */
  readonly hidden: readonly number[]
  readonly hiddenBias: readonly number[]
  /** Shape [NETWORK_ANSWERS.length, H], row-major. */
  readonly out: readonly number[]
  readonly outBias: readonly number[]
}

/** Sums over the features of a text: what the network needs of them. Shapes [dims]; exact for 100,000 features. */
export interface PooledFeatures {
  readonly sum: Int32Array
  readonly squares: Int32Array
  count: number
}

export function emptyPool({ dims }: Pick<Network, 'dims'>): PooledFeatures {
  return { sum: new Int32Array(dims), squares: new Int32Array(dims), count: 0 }
}

/** A longer passage is read by half of its features, which their hashes choose: they say the same thing many times over. */
export const MOST_READ_WHOLE = 512

/**
 * Adds features to a pool, four dimensions at a time, so that their sums stay in registers: the first of these passes
 * brings the rows near, the others find them there.
 *
 * @param hashes 32 bits each, from index `from` up to `to`. @param halved Whether every other hash is passed over.
 */
export function pool(
  { table, dims, bits }: Network,
  hashes: ArrayLike<number>,
  from: number,
  to: number,
  into: PooledFeatures,
  halved = false,
): void {
  const rows = new Int32Array(to - from)
  let count = 0
  for (let i = from; i < to; i++) {
    const hash = hashes[i]!
    rows[count] = (hash >>> (32 - bits)) * dims
    count += halved ? hash & 1 : 1
  }
  const { sum, squares } = into
  for (let dim = 0; dim < dims; dim += 4) {
    let [s0, s1, s2, s3] = [0, 0, 0, 0]
    let [q0, q1, q2, q3] = [0, 0, 0, 0]
    for (let i = 0; i < count; i++) {
      const at = rows[i]! + dim
      const a = table[at]!
      const b = table[at + 1]!
      const c = table[at + 2]!
      const d = table[at + 3]!
      s0 = (s0 + a) | 0
      s1 = (s1 + b) | 0
      s2 = (s2 + c) | 0
      s3 = (s3 + d) | 0
      q0 = (q0 + Math.imul(a, a)) | 0
      q1 = (q1 + Math.imul(b, b)) | 0
      q2 = (q2 + Math.imul(c, c)) | 0
      q3 = (q3 + Math.imul(d, d)) | 0
    }
    add(sum, dim, s0, s1, s2, s3)
    add(squares, dim, q0, q1, q2, q3)
  }
  into.count += count
}

/** The features of one passage. */
export function pooled(network: Network, hashes: Int32Array): PooledFeatures {
  const into = emptyPool(network)
  pool(network, hashes, 0, hashes.length, into)
  return into
}

/** The features of several passages, at least one. */
export function together(passages: readonly PooledFeatures[]): PooledFeatures {
  const [first] = passages
  const all = { sum: new Int32Array(first!.sum.length), squares: new Int32Array(first!.sum.length), count: 0 }
  for (const { sum, squares, count } of passages) {
    for (let dim = 0; dim < sum.length; dim++) {
      all.sum[dim]! += sum[dim]!
      all.squares[dim]! += squares[dim]!
    }
    all.count += count
  }
  return all
}

function add(to: Int32Array, at: number, a: number, b: number, c: number, d: number): void {
  to[at]! += a
  to[at + 1]! += b
  to[at + 2]! += c
  to[at + 3]! += d
}

/** The rows of a hidden layer without their zeros: of networks side by side, each unit reads its own half. */
interface SparseRows {
  /** Where each unit's weights begin, and where the last one's end. Shape [H + 1]. */
  readonly starts: Int32Array
  readonly columns: Int32Array
  readonly weights: Float64Array
}
const SPARSE = new WeakMap<Network['hidden'], SparseRows>()

function sparseRows({ hidden, hiddenBias: { length } }: Network): SparseRows {
  const known = SPARSE.get(hidden)
  if (known !== undefined) return known
  const size = hidden.length / length
  const places = [...hidden.keys()].filter((at) => hidden[at] !== 0)
  const before = (unit: number) => places.filter((at) => at < unit * size).length
  const rows = {
    starts: Int32Array.from({ length: length + 1 }, (_, unit) => before(unit)),
    columns: Int32Array.from(places, (at) => at % size),
    weights: Float64Array.from(places, (at) => hidden[at]!),
  }
  SPARSE.set(hidden, rows)
  return rows
}

/** Logits of `NETWORK_ANSWERS`. Costs a multiplication for each weight that is not 0. */
export function networkLogits(
  network: Network,
  { sum, squares, count }: PooledFeatures,
  context: Pick<TextContext, 'ambient'>,
): Float64Array {
  const { dims, scales, hiddenBias, out, outBias } = network
  const { starts, columns, weights } = sparseRows(network)
  const size = 2 * dims + SIDE_INPUTS
  const x = new Float64Array(size)
  const n = Math.max(1, count)
  for (let dim = 0; dim < dims; dim++) {
    const norm = scales[dim]! / Math.sqrt(n)
    x[dim] = sum[dim]! * norm
    x[dims + dim] = PAIR_GAIN * (x[dim]! * x[dim]! - squares[dim]! * norm * norm)
  }
  sideInputs(count, context, x, 2 * dims)
  const logits = Float64Array.from(outBias)
  const units = hiddenBias.length
  for (let unit = 0, at = 0; unit < units; unit++) {
    let value = hiddenBias[unit]!
    for (const end = starts[unit + 1]!; at < end; at++) value += weights[at]! * x[columns[at]!]!
    if (value < 0) value *= LEAK
    for (let answer = 0; answer < logits.length; answer++) logits[answer]! += out[answer * units + unit]! * value
  }
  return logits
}

/**
 * Networks over the same rows as one, whose logits are the mean of theirs: what all say, none's noise. Their vectors stand
 * side by side, so that a feature is one read.
 */
export function besides(networks: readonly Network[]): Network {
  const { bits, outBias } = networks[0]!
  const dims = networks.reduce((sum, one) => sum + one.dims, 0)
  const table = new Int8Array(2 ** bits * dims)
  const hidden: number[] = []
  let at = 0
  for (const one of networks) {
    for (let row = 0; row < 2 ** bits; row++)
      table.set(one.table.subarray(row * one.dims, (row + 1) * one.dims), row * dims + at)
    hidden.push(...widened(one, at, dims))
    at += one.dims
  }
  const share = ({ out, hiddenBias: { length } }: Network, answer: number) =>
    out.slice(answer * length, (answer + 1) * length).map((weight) => weight / networks.length)
  return {
    ...{ bits, dims, table, hidden },
    scales: networks.flatMap(({ scales }) => scales),
    hiddenBias: networks.flatMap(({ hiddenBias }) => hiddenBias),
    out: outBias.flatMap((_, answer) => networks.flatMap((one) => share(one, answer))),
    outBias: outBias.map((_, answer) => networks.reduce((sum, one) => sum + one.outBias[answer]!, 0) / networks.length),
  }
}

/** The hidden layer of a network whose vectors begin at `at` among `dims`. */
function widened({ dims: own, hidden, hiddenBias }: Network, at: number, dims: number): readonly number[] {
  return hiddenBias.flatMap((_, unit) => {
    const weights = hidden.slice(unit * (2 * own + SIDE_INPUTS), (unit + 1) * (2 * own + SIDE_INPUTS))
    const wide = new Array<number>(2 * dims + SIDE_INPUTS).fill(0)
    for (let dim = 0; dim < own; dim++) {
      wide[at + dim] = weights[dim]!
      wide[dims + at + dim] = weights[own + dim]!
    }
    for (let side = 0; side < SIDE_INPUTS; side++) wide[2 * dims + side] = weights[2 * own + side]!
    return wide
  })
}
