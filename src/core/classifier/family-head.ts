import { FeatureReader } from './features.ts'

/**
 * A detector of one attack family, learned in a second from a few of its variants: sparse weights over the hashed
 * features of the base model, which itself stays as it is.
 *
 * Score of a text: `bias + Σ weights of the features it has`, each once. There is no division by length, so padding
 * cannot thin a variant out; and only features of the variants weigh anything, so the sum is bounded.
 */
export interface FamilyHead {
  /** Hashes of the features, ascending, and their weights. */
  readonly features: Int32Array
  readonly weights: Float32Array
  readonly bias: number
}

export interface FamilyHeadSettings {
  readonly epochs: number
  readonly rate: number
}

export const FAMILY_HEAD_SETTINGS: FamilyHeadSettings = { epochs: 30, rate: 1 }
/** Weights at the start and their bound: log odds of a feature, tempered because features of one phrase come together. */
const TEMPER = 0.01

/**
 * Learns a head from variants (at least one) against harmless background, in one fixed order: same texts, same head.
 * Starts at smoothed log odds (naive Bayes), then corrects by logistic steps in which both sides weigh the same.
 * Cost: two passes over the features of every text.
 *
 * @param variants Their features, as `distinctFeatures` gives them; so for the background.
 */
export function trainFamilyHead(
  variants: readonly Int32Array[],
  background: readonly Int32Array[],
  settings: FamilyHeadSettings = FAMILY_HEAD_SETTINGS,
): FamilyHead {
  const vocabulary = Int32Array.from(new Set(variants.flatMap((one) => [...one]))).sort()
  const place = new Map(Array.from(vocabulary, (hash, i) => [hash, i]))
  const sparse = (features: Int32Array) => {
    const places: number[] = []
    for (const hash of features) {
      const at = place.get(hash)
      if (at !== undefined) places.push(at)
    }
    return Int32Array.from(places.sort((a, b) => a - b))
  }
  const positives = variants.map(sparse)
  const negatives = background.map(sparse)
  const weights = logOdds(positives, negatives, vocabulary.length)
  let bias = -meanOf(positives, weights) / 2
  // One variant stands against as much background as all the others together do.
  const weightOf = { positive: 1 / Math.max(1, positives.length), negative: 1 / Math.max(1, negatives.length) }
  const learn = (places: Int32Array, label: 0 | 1, weight: number) => {
    let sum = bias
    for (const at of places) sum += weights[at]!
    const error = (1 / (1 + Math.exp(-sum)) - label) * weight
    if (Math.abs(error) < 1e-7) return
    const step = (settings.rate * error) / Math.sqrt(Math.max(1, places.length))
    for (const at of places) weights[at]! -= step
    bias -= settings.rate * error
  }
  const scale = positives.length + negatives.length
  for (let epoch = 0; epoch < settings.epochs; epoch++) {
    for (const one of positives) learn(one, 1, (weightOf.positive * scale) / 2)
    for (const one of negatives) learn(one, 0, (weightOf.negative * scale) / 2)
  }
  return { features: vocabulary, weights: Float32Array.from(weights), bias }
}

/** Raw score of a text by its features, in no unit: lines are set on harmless traffic. */
export function familyScore(head: FamilyHead, features: Int32Array): number {
  let sum = head.bias
  for (const hash of features) {
    const at = indexOf(head.features, hash)
    if (at >= 0) sum += head.weights[at]!
  }
  return sum
}

/** How much more often a feature stands in variants than in background; never below nothing. */
function logOdds(positives: readonly Int32Array[], negatives: readonly Int32Array[], size: number): Float64Array {
  const inside = new Float64Array(size)
  const outside = new Float64Array(size)
  for (const one of positives) for (const at of one) inside[at]! += 1
  for (const one of negatives) for (const at of one) outside[at]! += 1
  return inside.map((k, at) => {
    const p = (k + 0.1) / (positives.length + 1)
    const q = (outside[at]! + 0.5) / (negatives.length + 1)
    return TEMPER * Math.max(0, Math.log(p / q))
  })
}

function meanOf(texts: readonly Int32Array[], weights: Float64Array): number {
  const sums = texts.map((places) => places.reduce((sum, at) => sum + weights[at]!, 0))
  return sums.reduce((sum, one) => sum + one, 0) / Math.max(1, sums.length)
}

/** The features of a text, each once: what heads learn from and score. */
export function distinctFeatures(text: string): Int32Array {
  const found = new Set<number>()
  const sink = {
    features(hashes: Int32Array, count: number) {
      for (let i = 0; i < count; i++) found.add(hashes[i]!)
    },
  }
  const reader = new FeatureReader()
  reader.feed(text, sink)
  for (const hash of reader.peekEnd()) found.add(hash)
  return Int32Array.from(found)
}

function indexOf(sorted: Int32Array, value: number): number {
  let lo = 0
  let hi = sorted.length - 1
  while (lo <= hi) {
    const middle = (lo + hi) >> 1
    if (sorted[middle]! === value) return middle
    if (sorted[middle]! < value) lo = middle + 1
    else hi = middle - 1
  }
  return -1
}
