import { SEGMENTS, type Segment } from '../base/segments.ts'
import { type Topics, topicFeatures } from './topics.ts'
import { quantise, shuffle, single, xorshift } from './train-step.ts'

export interface TopicSettings {
  readonly bits: number
  readonly epochs: number
  readonly rate: number
  readonly decay: number
  readonly seed: number
}

export const TOPIC_SETTINGS: TopicSettings = { bits: 13, epochs: 6, rate: 0.2, decay: 1e-5, seed: 1 }

export interface TopicSample {
  readonly text: string
  readonly segment: Segment
  readonly weight: number
}

/**
 * Multinomial logistic regression by AdaGrad (Duchi et al. 2011), mini-batches of one, in an order that the seed gives;
 * the weights are the average over the second half of the epochs. Same samples, settings and seed: same columns.
 */
export function trainTopics(samples: readonly TopicSample[], settings: TopicSettings): Topics {
  const width = SEGMENTS.length
  const size = 2 ** settings.bits * width
  const shift = 32 - settings.bits
  const features = samples.map(({ text }) => topicFeatures(text).map((id) => (id >>> shift) * width))
  const labels = samples.map(({ segment }) => SEGMENTS.indexOf(segment))
  const [w, squares, total] = [new Float32Array(size), new Float32Array(size).fill(1e-4), new Float64Array(size)]
  const [bias, biasSquares, biasTotal] = [
    new Float64Array(width),
    new Float64Array(width).fill(1e-4),
    new Float64Array(width),
  ]
  const errors = new Float64Array(width)
  const order = Int32Array.from(samples, (_, i) => i)
  const random = xorshift(settings.seed)
  let snapshots = 0
  for (let epoch = 0; epoch < settings.epochs; epoch++) {
    shuffle(order, random)
    for (const i of order) {
      const rows = features[i]!
      const norm = 1 / Math.sqrt(Math.max(1, rows.length))
      errors.fill(0)
      for (const row of rows) for (let k = 0; k < width; k++) errors[k]! += w[row + k]!
      let most = Number.NEGATIVE_INFINITY
      for (let k = 0; k < width; k++) most = Math.max(most, (errors[k] = bias[k]! + errors[k]! * norm))
      let sum = 0
      for (let k = 0; k < width; k++) sum += errors[k] = Math.exp(errors[k]! - most)
      for (let k = 0; k < width; k++) errors[k] = (errors[k]! / sum - Number(k === labels[i])) * samples[i]!.weight
      for (const row of rows)
        for (let k = 0; k < width; k++) {
          const gradient = errors[k]! * norm + settings.decay * w[row + k]!
          const square = squares[row + k]! + gradient * gradient
          squares[row + k] = square
          w[row + k]! -= (settings.rate * gradient) / Math.sqrt(square)
        }
      for (let k = 0; k < width; k++) {
        biasSquares[k]! += errors[k]! * errors[k]!
        bias[k]! -= (settings.rate * errors[k]!) / Math.sqrt(biasSquares[k]!)
      }
    }
    if (epoch < Math.floor(settings.epochs / 2)) continue
    for (let id = 0; id < size; id++) total[id]! += w[id]!
    for (let k = 0; k < width; k++) biasTotal[k]! += bias[k]!
    snapshots++
  }
  const table = new Int8Array(size)
  const scales = SEGMENTS.map((_, k) => {
    const column = Float32Array.from({ length: 2 ** settings.bits }, (_, row) => total[row * width + k]! / snapshots)
    return single(quantise(column, table, width, k))
  })
  return { bits: settings.bits, table, scales, biases: Array.from(biasTotal, (sum) => single(sum / snapshots)) }
}
