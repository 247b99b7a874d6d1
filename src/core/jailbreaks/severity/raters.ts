import { CodedError } from '../../base/errors.ts'
import { type Agreement, ordinalAlpha } from './alpha.ts'
import { LEVELS, METRICS, type Metric, rankOf } from './levels.ts'
import { readVector } from './vector.ts'

/** A table of ratings that cannot be read. The message names the row. */
export class RatersError extends CodedError<'ratings_invalid'> {}

/** Below this a metric's wording is at fault, not its raters. Source: Krippendorff 2004, ch. 11. */
export const LEAST_ALPHA = 0.67
/** What a study needs before its α is anything: raters and write-ups. */
export const LEAST_RATERS = 10
export const LEAST_WRITE_UPS = 12

/** One rater's vector for one write-up. */
export interface RaterVector {
  readonly rater: string
  readonly writeUp: string
  readonly vector: string
}

export interface MetricAgreement extends Agreement {
  readonly metric: Metric
  /** `keep` or `rewrite` the wording; INCONCLUSIVE where too few rated, or nothing varies. */
  readonly outcome: 'keep' | 'rewrite' | 'INCONCLUSIVE'
}

export interface RaterStudy {
  readonly raters: number
  readonly writeUps: number
  readonly metrics: readonly MetricAgreement[]
}

/**
 * Agreement per metric. `UP:?` and optional metrics that a rater left out are missing ratings, not levels.
 * @throws {RatersError} no vector, or a rater who rated a write-up twice.
 */
export function raterStudy(ratings: readonly RaterVector[]): RaterStudy {
  const raters = [...new Set(ratings.map(({ rater }) => rater))]
  const writeUps = [...new Set(ratings.map(({ writeUp }) => writeUp))]
  const vectors = new Map<string, ReturnType<typeof vectorOf>>()
  for (const [i, rating] of ratings.entries()) {
    const key = JSON.stringify([rating.writeUp, rating.rater])
    if (vectors.has(key)) throw fault(i, 'this rater has rated this write-up before; leave one')
    vectors.set(key, vectorOf(rating, i))
  }
  const enough = raters.length >= LEAST_RATERS && writeUps.length >= LEAST_WRITE_UPS
  const metrics = METRICS.map((metric): MetricAgreement => {
    const units = writeUps.map((writeUp) =>
      raters.map((rater) => {
        const level = vectors.get(JSON.stringify([writeUp, rater]))?.[metric] ?? null
        return level === null || level === '?' ? null : rankOf(metric, level)
      }),
    )
    const agreement = ordinalAlpha(units, LEVELS[metric].length)
    const { alpha } = agreement
    const outcome = !enough || alpha === null ? 'INCONCLUSIVE' : alpha < LEAST_ALPHA ? 'rewrite' : 'keep'
    return { metric, ...agreement, outcome }
  })
  return { raters: raters.length, writeUps: writeUps.length, metrics }
}

function vectorOf({ vector }: RaterVector, i: number) {
  const read = readVector(vector)
  if ('code' in read) throw fault(i, `vector: ${read.code} at ${read.at}`)
  return read
}

function fault(i: number, what: string): RatersError {
  return new RatersError('ratings_invalid', `rating ${i + 1}: ${what}`)
}
