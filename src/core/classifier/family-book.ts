import type { AttackForm, Category } from '../base/harm.ts'
import { FAMILY_WINDOW } from './family-features.ts'
import type { FamilyHead } from './family-head.ts'
import { FamilyReading, FamilyWeights } from './family-reading.ts'
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
  /** Characters that are judged together. */
  readonly window: typeof FAMILY_WINDOW
  /** Feature hashes, ascending, and their weights. */
  readonly weights: readonly (readonly [hash: number, weight: number])[]
  readonly bias: number
  readonly threshold: number
}

export interface FamilyBook {
  /** Families whose line one reading of `text` reaches, in order. Linear in the text; families cost what they know of it. */
  match(text: string): readonly FamilyDetector[]
  /** Highest score of any reading, per family. */
  score(text: string): readonly number[]
  /** The same as `match`, of a text that comes in pieces. */
  open(): { feed(piece: string): void; match(): readonly FamilyDetector[] }
}

/** @returns null when there is nothing to look for. */
export function familyBook(families: readonly FamilyDetector[]): FamilyBook | null {
  if (families.length === 0) return null
  const weights = new FamilyWeights(families)
  const open = () => {
    const most = families.map(() => Number.NEGATIVE_INFINITY)
    const raise = (reading: FamilyReading) => {
      reading.end().forEach((sum, family) => {
        most[family] = Math.max(most[family]!, families[family]!.bias + sum)
      })
    }
    const plain = new FamilyReading(weights)
    // Readings as they are found: what views() adds for pages, the folded text with its map, costs more than all of this.
    const readings: NormaliserSink = {
      layer({ text }) {
        const reading = new FamilyReading(weights)
        reading.feed(text)
        raise(reading)
      },
      mark: () => undefined,
    }
    const normaliser = new Normaliser()
    return {
      feed(piece: string) {
        plain.feed(piece)
        normaliser.feed(piece, readings)
      },
      scores() {
        raise(plain)
        normaliser.end(readings)
        return most
      },
    }
  }
  const score = (text: string) => {
    const reading = open()
    reading.feed(text)
    return reading.scores()
  }
  const reached = (most: readonly number[]) => families.filter(({ threshold }, family) => most[family]! >= threshold)
  return {
    score,
    match: (text) => reached(score(text)),
    open() {
      const { feed, scores } = open()
      return { feed, match: () => reached(scores()) }
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
    window: FAMILY_WINDOW,
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
