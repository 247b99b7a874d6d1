import { type FamilyText, type PlacedText, Vocabulary } from './family-text.ts'
import { bestWindow, windowAt } from './family-windows.ts'

/**
 * A detector of one attack family, learned in a second from a few of its variants: sparse weights over hashed features,
 * while the base model stays as it is.
 *
 * Score of a text: `bias + Σ weights of a window's features, each once / √(how many it has)`, of the highest window.
 */
export interface FamilyHead {
  /** Hashes of the features, ascending, and their weights. */
  readonly features: Int32Array
  readonly weights: Float32Array
  readonly bias: number
}

export interface FamilyHeadSettings {
  /** Times that every text is looked at, at most. */
  readonly epochs: number
  /** Of what a text lacks, so much is made up for at a time. */
  readonly rate: number
  /** Score that variants are to reach, and background to stay below the negative of. */
  readonly margin: number
}

export const FAMILY_HEAD_SETTINGS: FamilyHeadSettings = { epochs: 60, rate: 0.5, margin: 3 }
/** So far apart are variants and background on average when correcting begins. */
const APART = 8
/** The bias moves more slowly than weights do: it is shared by all. */
const BIAS_RATE = 0.1
/** All background is looked at in one round of so many; between, what was within `NEAR` of lacking something. */
const ROUNDS = 10
const NEAR = 2
/** Weights below this share of the greatest are left out: of what stands in every text. */
const LEAST = 1e-3

/**
 * Learns a head from variants (at least one) against harmless background, in one fixed order: same texts, same head.
 * Starts at the variants' mean, each of length 1 with features weighed by how rare they are in the background (squared
 * inverse document frequency; Rocchio 1971). Then only texts on the wrong side of their margin correct it (passive-aggressive
 * steps; Crammer et al. 2006): one example among strangers is kept as it is, one among its like is told from them.
 */
export function trainFamilyHead(
  variants: readonly FamilyText[],
  background: readonly FamilyText[],
  settings: FamilyHeadSettings = FAMILY_HEAD_SETTINGS,
): FamilyHead {
  const hashes = Int32Array.from(new Set(variants.flatMap((one) => [...one.hashes]))).sort()
  const vocabulary = new Vocabulary(hashes)
  const positives = variants.map((one) => vocabulary.place(one))
  const negatives = background.map((one) => vocabulary.place(one))
  const weights = meanOfRare(positives, negatives, vocabulary.size)
  const best = (one: PlacedText) => bestWindow(one, (place) => weights[place]!)
  const mean = (all: readonly PlacedText[]) =>
    all.reduce((sum, one) => sum + best(one).sum, 0) / Math.max(1, all.length)
  const [inside, outside] = [mean(positives), mean(negatives)]
  const scale = APART / Math.max(1e-9, inside - outside)
  for (let place = 0; place < weights.length; place++) weights[place]! *= scale
  let bias = (-scale * (inside + outside)) / 2
  /** @returns what a text lacked of its margin: nothing is done where that is not above 0. */
  const correct = (one: PlacedText, side: 1 | -1) => {
    const { sum, stride } = best(one)
    const lack = settings.margin - side * (sum + bias)
    if (lack <= 0) return lack
    const { places, size } = windowAt(one, stride)
    const step = side * settings.rate * lack
    for (const place of places) weights[place]! += step / Math.sqrt(size)
    bias += BIAS_RATE * step
    return lack
  }
  let near = negatives
  for (let epoch = 0; epoch < settings.epochs; epoch++) {
    const isRound = epoch % ROUNDS === 0
    const lacks = positives.map((one) => correct(one, 1))
    const others = (isRound ? negatives : near).map((one) => correct(one, -1))
    if (!isRound) continue
    near = negatives.filter((_, i) => others[i]! > -NEAR)
    if ([...lacks, ...others].every((lack) => lack <= 0)) break
  }
  const least = LEAST * weights.reduce((most, weight) => Math.max(most, Math.abs(weight)), 0)
  const kept = Int32Array.from(hashes.keys()).filter((place) => Math.abs(weights[place]!) >= least)
  return {
    features: kept.map((place) => hashes[place]!),
    weights: Float32Array.from(kept, (place) => weights[place]!),
    bias,
  }
}

/** Raw score of a text, in no unit: lines are set on harmless traffic. */
export function familyScorer({ features, weights, bias }: FamilyHead): (text: FamilyText) => number {
  const vocabulary = new Vocabulary(features)
  return (text) => bias + bestWindow(vocabulary.place(text), (place) => weights[place]!).sum
}

function meanOfRare(positives: readonly PlacedText[], negatives: readonly PlacedText[], size: number): Float64Array {
  const outside = new Float64Array(size)
  for (const { places } of negatives) for (const place of new Set(places)) outside[place]! += 1
  const squared = outside.map((k) => Math.max(0, Math.log((negatives.length + 1) / (k + 0.5))) ** 2)
  const mean = new Float64Array(size)
  for (const { places } of positives) {
    const own = new Set(places)
    let length = 0
    for (const place of own) length += squared[place]!
    for (const place of own) mean[place]! += squared[place]! / Math.sqrt(Math.max(1e-9, length)) / positives.length
  }
  return mean
}
