import type { AttackForm, Category } from '../base/harm.ts'
import type { FamilyHead } from './family-head.ts'
import { FeatureReader, type FeatureSink } from './features.ts'
import type { NormaliserSink } from './normalise/layer.ts'
import { Normaliser } from './normalise/normaliser.ts'

/**
 * A reported technique as a detector: the head that was learned from its variants, and the line it fires at. Plain data:
 * a safeguard's bundle holds it, and its hash is part of the bundle's.
 */
export interface FamilyDetector {
  readonly id: string
  /** Of what the technique was used for; null where it has no harm of its own. */
  readonly category: Category | null
  readonly attack: AttackForm
  /** Of the feature hashes: 32, all of them. */
  readonly bits: 32
  /** Feature hashes, ascending, and their weights. */
  readonly weights: readonly (readonly [hash: number, weight: number])[]
  readonly bias: number
  readonly threshold: number
}

export interface FamilyBook {
  /** Families whose line one reading of `text` reaches, in order. Linear in the text, whatever the number of families. */
  match(text: string): readonly FamilyDetector[]
  /** Highest score of any reading, per family. */
  score(text: string): readonly number[]
}

/** Bits of the table that tells in one look that no family knows a feature: nearly always so. */
const FILTER_BITS = 16

/** @returns null when there is nothing to look for. */
export function familyBook(families: readonly FamilyDetector[]): FamilyBook | null {
  if (families.length === 0) return null
  const filter = new Uint8Array(2 ** FILTER_BITS)
  const known = new Map<number, (readonly [family: number, weight: number])[]>()
  families.forEach(({ weights }, family) => {
    for (const [hash, weight] of weights) {
      filter[hash >>> (32 - FILTER_BITS)] = 1
      const entry = known.get(hash)
      if (entry === undefined) known.set(hash, [[family, weight]])
      else entry.push([family, weight])
    }
  })
  const raise = (text: string, most: number[]) => {
    const sums = families.map(({ bias }) => bias)
    const counted = new Set<number>()
    const take = (hash: number) => {
      if (filter[hash >>> (32 - FILTER_BITS)] === 0 || counted.has(hash)) return
      const entry = known.get(hash)
      if (entry === undefined) return
      counted.add(hash)
      for (const [family, weight] of entry) sums[family]! += weight
    }
    const sink: FeatureSink = {
      features(hashes, count) {
        for (let i = 0; i < count; i++) take(hashes[i]!)
      },
    }
    const reader = new FeatureReader()
    reader.feed(text, sink)
    for (const hash of reader.peekEnd()) take(hash)
    sums.forEach((sum, family) => {
      if (sum > most[family]!) most[family] = sum
    })
  }
  const score = (text: string) => {
    const most = families.map(() => Number.NEGATIVE_INFINITY)
    raise(text, most)
    // Readings as they are found: what views() adds for pages, the folded text with its map, costs more than all of this.
    const readings: NormaliserSink = { layer: (layer) => raise(layer.text, most), mark: () => undefined }
    const normaliser = new Normaliser()
    normaliser.feed(text, readings)
    normaliser.end(readings)
    return most
  }
  return {
    score,
    match(text) {
      const most = score(text)
      return families.filter(({ threshold }, family) => most[family]! >= threshold)
    },
  }
}

/** A learned head as a detector. Weights keep seven digits: they are written, hashed and read again. */
export function familyDetector(
  facts: Pick<FamilyDetector, 'id' | 'category' | 'attack'>,
  head: FamilyHead,
  threshold: number,
): FamilyDetector {
  return {
    ...facts,
    bits: 32,
    weights: Array.from(head.features, (hash, i) => [hash, digits(head.weights[i]!)] as const).filter(
      ([, weight]) => weight !== 0,
    ),
    bias: digits(head.bias),
    threshold: Number.isFinite(threshold) ? digits(threshold) : threshold,
  }
}

function digits(value: number): number {
  return Number(value.toPrecision(7))
}
