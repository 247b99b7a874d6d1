import { LEVELS, rankOf, SCORED, type SeverityVector } from '../severity/levels.ts'
import { readVector } from '../severity/vector.ts'
import type { Case } from './case.ts'

/** Weights of the ranking, told wherever it is shown. They add up to 1. */
export const PRECEDENT_WEIGHTS = { technique: 0.4, vector: 0.4, model: 0.2 } as const

/** An earlier case like this one, and in what it is. */
export interface Precedent {
  readonly id: string
  /** 0..1, the weighted sum of the three. */
  readonly likeness: number
  readonly sameTechnique: boolean
  /** 0..1: 1 is the same vector. Null where one of the two has none. */
  readonly vectorLikeness: number | null
  readonly sameModelFamily: boolean
}

const LEAST_LIKENESS = 0.3

/**
 * Cases like `one`, likest first; of equals the newer first. The same technique class counts 0.4, likeness of the
 * vectors 0.4, a model of the same vendor and family 0.2; what two cases do not both have counts nothing.
 */
export function precedentsOf(one: Case, others: readonly Case[], most = 10): readonly Precedent[] {
  return others
    .filter(({ id, withdrawn }) => id !== one.id && withdrawn === null)
    .map((other) => ({ other, found: likeness(one, other) }))
    .filter(({ found }) => found.likeness >= LEAST_LIKENESS)
    .sort((a, b) => b.found.likeness - a.found.likeness || b.other.reportedAtMs - a.other.reportedAtMs)
    .slice(0, most)
    .map(({ found }) => found)
}

function likeness(one: Case, other: Case): Precedent {
  const sameTechnique = one.technique.class === other.technique.class
  const [a, b] = [newestVector(one), newestVector(other)]
  const vector = a === null || b === null ? null : vectorLikeness(a, b)
  const sameModelFamily = one.affected.some(({ model }) =>
    other.affected.some((each) => each.model.vendor === model.vendor && each.model.name === model.name),
  )
  const { technique, vector: byVector, model } = PRECEDENT_WEIGHTS
  const sum = (sameTechnique ? technique : 0) + byVector * (vector ?? 0) + (sameModelFamily ? model : 0)
  return {
    id: other.id,
    likeness: Math.round(sum * 1000) / 1000,
    sameTechnique,
    vectorLikeness: vector === null ? null : Math.round(vector * 1000) / 1000,
    sameModelFamily,
  }
}

/** 1 − mean over the six metrics of how far apart the levels are, as a share of the scale; unknown uplift is half of it. */
export function vectorLikeness(a: SeverityVector, b: SeverityVector): number {
  const apart = SCORED.map((metric) => {
    if (a[metric] === b[metric]) return 0
    if (a[metric] === '?' || b[metric] === '?') return 0.5
    return Math.abs(rankOf(metric, a[metric]) - rankOf(metric, b[metric])) / (LEVELS[metric].length - 1)
  })
  return 1 - apart.reduce((sum, one) => sum + one, 0) / apart.length
}

function newestVector({ assessments }: Case): SeverityVector | null {
  const last = assessments.at(-1)
  const read = last === undefined ? null : readVector(last.vector)
  return read === null || 'code' in read ? null : read
}
