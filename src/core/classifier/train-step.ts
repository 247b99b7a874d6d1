/** Training of linear columns over hashed features: pure arithmetic on arrays, in a fixed order. */

/** Features of many texts, end to end: text i is `ids[offsets[i] .. offsets[i+1])`. */
export interface FeatureSet {
  readonly ids: Int32Array
  readonly offsets: Float64Array
  readonly count: number
}

export interface ColumnTarget {
  /** Per text: 1, 0, or -1 where the text says nothing about this column. */
  readonly labels: Int8Array
  /** Per text, ≥ 0. */
  readonly weights: Float32Array
}

export interface TrainedColumn {
  readonly weights: Float32Array
  readonly bias: number
}

export interface ColumnSettings {
  readonly bits: number
  readonly epochs: number
  readonly rate: number
  /** Pulls every weight that is touched towards 0: what few texts say should not be said loudly. */
  readonly decay: number
  readonly seed: number
  /** How loud each feature is before anything is learned, shape [2^bits]; null for all alike. Folded into the weights. */
  readonly emphasis: Float32Array | null
}

/**
 * One logistic column by AdaGrad (Duchi et al. 2011), mini-batches of one, order shuffled per epoch from the seed; the
 * weights returned are the average over the second half of the steps (Polyak and Juditsky 1992).
 *
 * Score of a text with n features: `bias + Σ weights / sqrt(n)`.
 */
export function trainColumn(
  set: FeatureSet,
  target: ColumnTarget,
  settings: ColumnSettings,
  progress: (share: number) => void,
): TrainedColumn {
  const size = 2 ** settings.bits
  const shift = 32 - settings.bits
  const w = new Float32Array(size)
  const squares = new Float32Array(size).fill(1e-4)
  const total = new Float64Array(size)
  const { emphasis } = settings
  let snapshots = 0
  let bias = 0
  let biasSquares = 1e-4
  let biasTotal = 0
  const order = indicesWith(target)
  const random = xorshift(settings.seed)
  for (let epoch = 0; epoch < settings.epochs; epoch++) {
    shuffle(order, random)
    for (const text of order) {
      const from = set.offsets[text]!
      const to = set.offsets[text + 1]!
      const norm = 1 / Math.sqrt(Math.max(1, to - from))
      let sum = 0
      if (emphasis === null) for (let f = from; f < to; f++) sum += w[set.ids[f]! >>> shift]!
      else
        for (let f = from; f < to; f++) {
          const id = set.ids[f]! >>> shift
          sum += w[id]! * emphasis[id]!
        }
      const error = (1 / (1 + Math.exp(-(bias + sum * norm))) - target.labels[text]!) * target.weights[text]!
      if (Math.abs(error) > 1e-4) {
        const step = error * norm
        for (let f = from; f < to; f++) {
          const id = set.ids[f]! >>> shift
          const gradient = (emphasis === null ? step : step * emphasis[id]!) + settings.decay * w[id]!
          const square = squares[id]! + gradient * gradient
          squares[id] = square
          w[id] = w[id]! - (settings.rate * gradient) / Math.sqrt(square)
        }
        biasSquares += error * error
        bias -= (settings.rate * error) / Math.sqrt(biasSquares)
      }
    }
    if (epoch >= Math.floor(settings.epochs / 2)) {
      for (let id = 0; id < size; id++) total[id]! += w[id]!
      biasTotal += bias
      snapshots++
    }
    progress((epoch + 1) / settings.epochs)
  }
  const weights = new Float32Array(size)
  for (let id = 0; id < size; id++) weights[id] = (total[id]! / snapshots) * (emphasis === null ? 1 : emphasis[id]!)
  return { weights, bias: biasTotal / snapshots }
}

/** What a column says of each text, as logits: learned or not, text i of the set at i. */
export function columnScores({ weights, bias }: TrainedColumn, set: FeatureSet): Float64Array {
  const shift = 32 - Math.log2(weights.length)
  const scores = new Float64Array(set.count)
  for (let text = 0; text < set.count; text++) {
    const [from, to] = [set.offsets[text]!, set.offsets[text + 1]!]
    let sum = 0
    for (let f = from; f < to; f++) sum += weights[set.ids[f]! >>> shift]!
    scores[text] = bias + sum / Math.sqrt(Math.max(1, to - from))
  }
  return scores
}

/**
 * How much more often each feature stands in positive texts than in others, or less: the absolute log ratio, within
 * [0.1, 3]. Source: Wang and Manning 2012, "Baselines and Bigrams" (the NB features of NBSVM).
 */
export function ratios(set: FeatureSet, { labels, weights }: ColumnTarget, bits: number): Float32Array {
  const size = 2 ** bits
  const shift = 32 - bits
  const positive = new Float32Array(size).fill(1)
  const other = new Float32Array(size).fill(1)
  for (let text = 0; text < set.count; text++) {
    if (labels[text]! < 0) continue
    const counts = labels[text] === 1 ? positive : other
    for (let f = set.offsets[text]!; f < set.offsets[text + 1]!; f++) {
      const id = set.ids[f]! >>> shift
      counts[id] = counts[id]! + weights[text]!
    }
  }
  const sum = (values: Float32Array) => values.reduce((total, value) => total + value, 0)
  const between = Math.log(sum(positive) / sum(other))
  return positive.map((count, id) => Math.min(3, 0.1 + Math.abs(Math.log(count / other[id]!) - between)))
}

/** Of the negative texts, those that count as near, and what they weigh then. Chosen on the dev split. */
const NEAR_SHARE = 0.05
const NEAR_WEIGHT = 3

/** Weights under which the negative texts that a column scores highest count three times: it learns where its line is. */
export function hardenedBy(column: TrainedColumn, set: FeatureSet, { labels, weights }: ColumnTarget): Float32Array {
  const scores = columnScores(column, set)
  const isNegative = (text: number) => labels[text] === 0 && weights[text]! > 0
  const highest = scores.filter((_, text) => isNegative(text)).sort((a, b) => b - a)
  const line = highest[Math.floor(NEAR_SHARE * highest.length)] ?? Number.POSITIVE_INFINITY
  return weights.map((weight, text) => (isNegative(text) && scores[text]! > line ? weight * NEAR_WEIGHT : weight))
}

/** The mean of columns, at least one: what all say, and of the noise of each the less the more they are. */
export function meanColumn(columns: readonly TrainedColumn[]): TrainedColumn {
  const n = columns.length
  const weights = new Float32Array(columns[0]!.weights.length)
  for (let id = 0; id < weights.length; id++) {
    let sum = 0
    for (let nth = 0; nth < n; nth++) sum += columns[nth]!.weights[id]!
    weights[id] = sum / n
  }
  return { weights, bias: columns.reduce((sum, { bias }) => sum + bias, 0) / n }
}

/**
 * Magnitude that one value in ten thousand exceeds: the exact order statistic, without sorting millions of values. As
 * bits, magnitudes of single precision keep their order, so a count by the upper half finds those worth sorting.
 */
export function clipAt(values: Float32Array): number {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length)
  const counts = new Uint32Array(1 << 16)
  for (let i = 0; i < bits.length; i++) counts[(bits[i]! & 0x7fffffff) >>> 16]!++
  let rank = Math.floor(values.length * 0.9999)
  let upper = 0
  while (upper < counts.length - 1 && rank >= counts[upper]!) rank -= counts[upper++]!
  // Where little was learned nearly all are zero, in the lowest group: they come first, and are not worth sorting.
  const group = new Float32Array(counts[upper]!)
  let above = 0
  for (let i = 0; i < bits.length; i++) {
    const magnitude = bits[i]! & 0x7fffffff
    if (magnitude >>> 16 === upper && magnitude !== 0) group[above++] = Math.abs(values[i]!)
  }
  return group.subarray(0, above).sort()[rank - (group.length - above)] || 1e-6
}

/** Rounds a column to signed bytes, the largest weights of the tail clipped: a table four times smaller. @returns What 1 stands for. */
export function quantise(values: Float32Array, into: Int8Array, stride: number, column: number): number {
  const scale = clipAt(values) / 127
  for (let id = 0; id < values.length; id++) into[id * stride + column] = signedByte(values[id]! / scale)
  return scale
}

/** The nearest whole number in [-127, 127]. */
export function signedByte(value: number): number {
  return Math.max(-127, Math.min(127, Math.round(value)))
}

/**
 * Fits `p = sigmoid(a x + b)` by Newton's method on weighted log loss, each step halved until it helps; `a` is kept
 * positive. @param slope The `a` to keep, where `b` alone is wanted.
 */
export function fitPlatt(
  scores: readonly number[],
  labels: readonly number[],
  weights: readonly number[],
  slope?: number,
): { a: number; b: number } {
  let a = slope ?? 1
  let b = 0
  const loss = (of: number, shift: number) => {
    let sum = 0.5e-3 * (of - 1) ** 2
    for (let i = 0; i < scores.length; i++) {
      const z = of * scores[i]! + shift
      // log(1 + exp(∓z)), without overflow.
      sum += weights[i]! * (Math.max(0, labels[i] === 1 ? -z : z) + Math.log1p(Math.exp(-Math.abs(z))))
    }
    return sum
  }
  let now = loss(a, b)
  for (let step = 0; step < 50; step++) {
    let ga = 1e-3 * (a - 1)
    let gb = 0
    let haa = 1e-3
    let hab = 0
    let hbb = 1e-6
    for (let i = 0; i < scores.length; i++) {
      const x = scores[i]!
      const p = 1 / (1 + Math.exp(-(a * x + b)))
      const error = (p - labels[i]!) * weights[i]!
      const steep = Math.max(1e-9, p * (1 - p)) * weights[i]!
      ga += error * x
      gb += error
      haa += steep * x * x
      hab += steep * x
      hbb += steep
    }
    const det = haa * hbb - hab * hab
    if (!(Math.abs(det) > 1e-12)) break
    const da = slope === undefined ? (hbb * ga - hab * gb) / det : 0
    const db = slope === undefined ? (haa * gb - hab * ga) / det : gb / hbb
    let share = 1
    let next = loss(Math.max(0.05, a - da), b - db)
    while (next > now && share > 1e-6) {
      share /= 2
      next = loss(Math.max(0.05, a - share * da), b - share * db)
    }
    if (next > now) break
    a = Math.max(0.05, a - share * da)
    b -= share * db
    now = next
    if (Math.abs(da) + Math.abs(db) < 1e-7) break
  }
  return { a, b }
}

function indicesWith({ labels, weights }: ColumnTarget): Int32Array {
  const kept: number[] = []
  for (let i = 0; i < labels.length; i++) if (labels[i]! >= 0 && weights[i]! > 0) kept.push(i)
  return Int32Array.from(kept)
}

/** xorshift32 (Marsaglia 2003): the same numbers for the same seed on every platform. @returns integers in [0, 2^32). */
export function xorshift(seed: number): () => number {
  let state = seed | 0 || 1
  return () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return state >>> 0
  }
}

/** In place (Fisher and Yates). @param random Integers in [0, 2^32). */
export function shuffle(order: Int32Array, random: () => number): void {
  for (let i = order.length - 1; i > 0; i--) {
    const j = random() % (i + 1)
    const held = order[i]!
    order[i] = order[j]!
    order[j] = held
  }
}

/** Seven digits say all that was learned, and make a model file's header a third. */
export function single(value: number): number {
  return Number(Math.fround(value).toPrecision(7))
}
