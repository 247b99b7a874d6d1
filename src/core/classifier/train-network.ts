import type { TextContext } from './combine.ts'
import { LEAK, NETWORK_ANSWERS, type Network, PAIR_GAIN, SIDE_INPUTS, sideInputs } from './network.ts'
import { clipAt, type FeatureSet, shuffle, signedByte, single, xorshift } from './train-step.ts'

/** What one text says about each output: 1, 0, or -1 for nothing. Shape [texts, NETWORK_ANSWERS.length + side]. */
export interface NetworkTarget {
  readonly labels: Int8Array
  /** Questions that are asked in training only: what makes two texts alike is learned from them as well. */
  readonly side: number
  readonly contexts: readonly TextContext[]
  /** Per text, ≥ 0. */
  readonly weights: Float32Array
}

export interface NetworkSettings {
  readonly bits: number
  readonly dims: number
  readonly hidden: number
  readonly epochs: number
  readonly rate: number
  /** Share of a text's features that is left out, anew each time: no few of them may decide. */
  readonly dropout: number
  /** Features of a text that are read, from its start. */
  readonly most: number
  /** What a side question weighs beside a main one. */
  readonly sideWeight: number
  readonly seed: number
}

export const NETWORK_SETTINGS: Omit<NetworkSettings, 'seed' | 'bits'> = {
  ...{ dims: 16, hidden: 32, epochs: 2, rate: 0.1, dropout: 0.5, most: 2048, sideWeight: 0.15 },
}

/**
 * Trains a network by AdaGrad (Duchi et al. 2011), mini-batches of one, in a fixed order from the seed; a feature's
 * vector shares one step size.
 */
export function trainNetwork(
  set: FeatureSet,
  target: NetworkTarget,
  settings: NetworkSettings,
  progress: (share: number) => void,
): Network {
  const { dims, hidden: units, rate: first, most, bits } = settings
  const shift = 32 - bits
  const random = xorshift(settings.seed * 7919)
  const spread = (width: number) => (random() / 2 ** 32 - 0.5) * 2 * width
  const inputs = 2 * dims + SIDE_INPUTS
  const outputs = NETWORK_ANSWERS.length + target.side
  const table = new Float32Array(2 ** bits * dims)
  for (let i = 0; i < table.length; i++) table[i] = spread(0.01)
  const tableSquares = new Float32Array(2 ** bits).fill(1e-3)
  const hidden = layer(units, inputs, () => spread(Math.sqrt(3 / inputs)))
  const out = layer(outputs, units, () => spread(Math.sqrt(3 / units)))
  const rows = new Int32Array(most)
  const [sum, squares] = [new Float64Array(dims), new Float64Array(dims)]
  const [slope, pairSlope] = [new Float64Array(dims), new Float64Array(dims)]
  const [x, dx] = [new Float64Array(inputs), new Float64Array(inputs)]
  const [h, dh] = [new Float64Array(units), new Float64Array(units)]
  const leftOut = Math.floor(settings.dropout * 2 ** 32)
  const order = Int32Array.from(target.weights.keys()).filter((text) => target.weights[text]! > 0)
  for (let epoch = 0; epoch < settings.epochs; epoch++) {
    shuffle(order, random)
    const rate = first * (1 - (0.9 * epoch) / settings.epochs)
    const dense = rate * 0.3
    for (let nth = 0; nth < order.length; nth++) {
      const text = order[nth]!
      const from = set.offsets[text]!
      const to = Math.min(set.offsets[text + 1]!, from + most)
      let n = 0
      for (let f = from; f < to; f++) if (random() >= leftOut) rows[n++] = set.ids[f]! >>> shift
      if (n === 0) continue

      sum.fill(0)
      squares.fill(0)
      for (let i = 0; i < n; i++) {
        const row = rows[i]! * dims
        for (let dim = 0; dim < dims; dim++) {
          const value = table[row + dim]!
          sum[dim]! += value
          squares[dim]! += value * value
        }
      }
      const norm = 1 / Math.sqrt(n)
      for (let dim = 0; dim < dims; dim++) {
        x[dim] = sum[dim]! * norm
        x[dims + dim] = PAIR_GAIN * (x[dim]! * x[dim]! - squares[dim]! * norm * norm)
      }
      sideInputs(n, target.contexts[text]!, x, 2 * dims)
      for (let unit = 0, at = 0; unit < units; unit++) {
        let value = hidden.bias[unit]!
        for (let i = 0; i < inputs; i++) value += hidden.weights[at++]! * x[i]!
        h[unit] = value < 0 ? LEAK * value : value
      }

      dh.fill(0)
      for (let output = 0; output < outputs; output++) {
        const label = target.labels[text * outputs + output]!
        if (label < 0) continue
        let logit = out.bias[output]!
        const at = output * units
        for (let unit = 0; unit < units; unit++) logit += out.weights[at + unit]! * h[unit]!
        const weight = target.weights[text]! * (output < NETWORK_ANSWERS.length ? 1 : settings.sideWeight)
        const error = (1 / (1 + Math.exp(-logit)) - label) * weight
        if (Math.abs(error) < 1e-5) continue
        for (let unit = 0; unit < units; unit++) {
          dh[unit]! += error * out.weights[at + unit]!
          descend(out.weights, out.weightSquares, at + unit, error * h[unit]!, dense)
        }
        descend(out.bias, out.biasSquares, output, error, dense)
      }
      dx.fill(0)
      for (let unit = 0; unit < units; unit++) {
        const error = dh[unit]! * (h[unit]! < 0 ? LEAK : 1)
        if (error === 0) continue
        for (let i = 0, at = unit * inputs; i < inputs; i++, at++) {
          dx[i]! += error * hidden.weights[at]!
          descend(hidden.weights, hidden.weightSquares, at, error * x[i]!, dense)
        }
        descend(hidden.bias, hidden.biasSquares, unit, error, dense)
      }

      let size = 0
      for (let dim = 0; dim < dims; dim++) {
        const pair = PAIR_GAIN * dx[dims + dim]!
        slope[dim] = norm * (dx[dim]! + 2 * pair * x[dim]!)
        pairSlope[dim] = -2 * norm * norm * pair
        size += slope[dim]! * slope[dim]!
      }
      if (size < 1e-12) continue
      for (let i = 0; i < n; i++) {
        const id = rows[i]!
        const row = id * dims
        let square = 0
        for (let dim = 0; dim < dims; dim++) {
          const gradient = slope[dim]! + pairSlope[dim]! * table[row + dim]!
          square += gradient * gradient
        }
        tableSquares[id]! += square / dims
        const step = rate / Math.sqrt(tableSquares[id]!)
        for (let dim = 0; dim < dims; dim++) {
          const value = table[row + dim]!
          table[row + dim] = value - step * (slope[dim]! + pairSlope[dim]! * value)
        }
      }
      if (nth % 4096 === 0) progress((epoch + nth / order.length) / settings.epochs)
    }
  }
  progress(1)
  const answers = NETWORK_ANSWERS.length
  return {
    ...{ bits, dims, ...quantised(table, dims) },
    hidden: Array.from(hidden.weights, single),
    hiddenBias: Array.from(hidden.bias, single),
    out: Array.from(out.weights.subarray(0, answers * units), single),
    outBias: Array.from(out.bias.subarray(0, answers), single),
  }
}

interface Layer {
  readonly weights: Float32Array
  readonly weightSquares: Float32Array
  readonly bias: Float32Array
  readonly biasSquares: Float32Array
}

function layer(outputs: number, inputs: number, start: () => number): Layer {
  return {
    weights: Float32Array.from({ length: outputs * inputs }, start),
    weightSquares: new Float32Array(outputs * inputs).fill(1e-3),
    bias: new Float32Array(outputs),
    biasSquares: new Float32Array(outputs).fill(1e-3),
  }
}

function descend(values: Float32Array, squares: Float32Array, i: number, gradient: number, rate: number): void {
  if (gradient === 0) return
  squares[i]! += gradient * gradient
  values[i]! -= (rate * gradient) / Math.sqrt(squares[i]!)
}

/** As signed bytes, the largest of the tail clipped. */
function quantised(table: Float32Array, dims: number): Pick<Network, 'table' | 'scales'> {
  const scale = single(clipAt(table) / 127)
  const bytes = new Int8Array(table.length)
  for (let i = 0; i < bytes.length; i++) bytes[i] = signedByte(table[i]! / scale)
  return {
    table: bytes,
    scales: new Array<number>(dims).fill(scale),
  }
}
