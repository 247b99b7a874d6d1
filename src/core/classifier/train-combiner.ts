import { type Combiner, type Evidence, softsign } from './combine.ts'
import { shuffle, single, xorshift } from './train-step.ts'

export interface CombinerSettings {
  readonly hidden: number
  readonly epochs: number
  /** Networks that are trained from different starts and read as one. */
  readonly starts: number
  readonly seed: number
}

export const COMBINER_SETTINGS: CombinerSettings = { hidden: 24, epochs: 12, starts: 3, seed: 1 }

/**
 * Trains a combiner on evidence of texts that the columns behind it did not learn from. Stochastic gradient descent on
 * weighted log loss, in a fixed order from the seed.
 *
 * @param evidence Shape [n, EVIDENCE.length]. @param labels 1 or 0. @param weights ≥ 0. All of length n.
 */
export function trainCombiner(
  evidence: readonly Evidence[],
  labels: ArrayLike<number>,
  weights: ArrayLike<number>,
  settings: CombinerSettings,
): Combiner {
  const size = evidence[0]?.length ?? 0
  const { mean, scale } = moments(evidence, size)
  const rows = evidence.map((row) => row.map((value, i) => (value - mean[i]!) * scale[i]!))
  const nets = Array.from({ length: settings.starts }, (_, start) =>
    descend(rows, labels, weights, size, settings, settings.seed * 100 + start + 1),
  )
  const share = 1 / nets.length
  const sumOf = (of: (net: Net) => number) => nets.reduce((sum, net) => sum + of(net), 0) * share
  return {
    ...{ mean, scale, bias: single(sumOf((net) => net.bias)) },
    linear: Array.from({ length: size }, (_, i) => single(sumOf((net) => net.linear[i]!))),
    hidden: nets.flatMap((net) => Array.from(net.hidden, single)),
    hiddenBias: nets.flatMap((net) => Array.from(net.hiddenBias, single)),
    out: nets.flatMap((net) => Array.from(net.out, (value) => single(value * share))),
  }
}

interface Net {
  bias: number
  readonly linear: Float64Array
  readonly hidden: Float64Array
  readonly hiddenBias: Float64Array
  readonly out: Float64Array
}

const FIRST_RATE = 0.02
const LAST_RATE = 0.0003

function descend(
  rows: readonly Float64Array[],
  labels: ArrayLike<number>,
  weights: ArrayLike<number>,
  size: number,
  { hidden: units, epochs }: CombinerSettings,
  seed: number,
): Net {
  const random = xorshift(seed)
  const start = () => (random() / 2 ** 32 - 0.5) * 1.2
  const net: Net = {
    ...{ bias: 0, linear: new Float64Array(size), hiddenBias: new Float64Array(units) },
    hidden: Float64Array.from({ length: units * size }, start),
    out: Float64Array.from({ length: units }, start),
  }
  const { linear, hidden, hiddenBias, out } = net
  const sums = new Float64Array(units)
  const order = Int32Array.from(rows, (_, i) => i)
  for (let epoch = 0; epoch < epochs; epoch++) {
    const rate = FIRST_RATE * (1 - epoch / epochs) + LAST_RATE
    shuffle(order, random)
    for (const n of order) {
      const x = rows[n]!
      let logit = net.bias
      for (let i = 0; i < size; i++) logit += linear[i]! * x[i]!
      for (let unit = 0, at = 0; unit < units; unit++) {
        let sum = hiddenBias[unit]!
        for (let i = 0; i < size; i++) sum += hidden[at++]! * x[i]!
        sums[unit] = sum
        logit += out[unit]! * softsign(sum)
      }
      const step = rate * (1 / (1 + Math.exp(-logit)) - labels[n]!) * weights[n]!
      net.bias -= step
      for (let i = 0; i < size; i++) linear[i]! -= step * x[i]!
      for (let unit = 0, at = 0; unit < units; unit++) {
        const slope = 1 + Math.abs(sums[unit]!)
        const inner = (step * out[unit]!) / (slope * slope)
        out[unit]! -= step * softsign(sums[unit]!)
        hiddenBias[unit]! -= inner
        for (let i = 0; i < size; i++) hidden[at++]! -= inner * x[i]!
      }
    }
  }
  return net
}

function moments(rows: readonly Evidence[], size: number): { mean: number[]; scale: number[] } {
  const mean = new Array<number>(size).fill(0)
  const square = new Array<number>(size).fill(0)
  for (const row of rows) for (let i = 0; i < size; i++) mean[i]! += row[i]! / rows.length
  for (const row of rows) for (let i = 0; i < size; i++) square[i]! += (row[i]! - mean[i]!) ** 2 / rows.length
  return { mean: mean.map(single), scale: square.map((value) => single(value > 1e-12 ? 1 / Math.sqrt(value) : 1)) }
}
