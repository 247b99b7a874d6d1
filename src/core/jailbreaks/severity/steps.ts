import { LEVELS, type Level, rankOf, SCORED, type ScoredMetric, type ScoredVector, WEIGHTS } from './levels.ts'
import { BANDS, type Band, bandOf, reachOf, tenthsAt, tenthsOf } from './score.ts'

/** One metric moved by one level, and what the number would be. */
export interface Step {
  readonly metric: ScoredMetric
  readonly to: string
  readonly tenths: number
}

/** Every one-step change, metrics in written order; `by` 1 is up, −1 down. Ends of a metric have no step. */
export function stepsOf(vector: ScoredVector, by: 1 | -1): readonly Step[] {
  return SCORED.flatMap((metric) => {
    const to = LEVELS[metric][rankOf(metric, vector[metric]) + by]
    return to === undefined ? [] : [{ metric, to, tenths: tenthsOf({ ...vector, [metric]: to }) }]
  })
}

/**
 * What the next band needs in this harm class: the least uplift at which it can be reached, then the least reach at
 * that uplift. Where the vector's own uplift is greater, `up` is that one: less reach is enough there.
 */
export interface NextBand {
  readonly band: Band
  readonly up: Level<'UP'>
  readonly reach: number
  /** The vector's uplift is below `up`: no change of reach alone can do it. */
  readonly needsUplift: boolean
}

/** Searched over every uplift and reach with the harm class fixed; null where no higher band exists. */
export function nextBand(vector: ScoredVector): NextBand | null {
  const band = BANDS[BANDS.indexOf(bandOf(tenthsOf(vector))) + 1]
  if (band === undefined) return null
  const own = rankOf('UP', vector.UP)
  for (const up of LEVELS.UP.slice(own)) {
    const reach = REACHES.find(
      (r) => BANDS.indexOf(bandOf(tenthsAt(WEIGHTS.UP[up], WEIGHTS.HD[vector.HD], r))) >= BANDS.indexOf(band),
    )
    if (reach !== undefined) return { band, up, reach, needsUplift: up !== vector.UP }
  }
  return null
}

/** Every sum that the four metrics of reach can have, least first. */
const REACHES: readonly number[] = (() => {
  const sums = new Set<number>()
  for (const UN of LEVELS.UN)
    for (const EF of LEVELS.EF)
      for (const RE of LEVELS.RE)
        for (const DI of LEVELS.DI) sums.add(reachOf({ UP: 'N', HD: 'N', UN, EF, RE, DI, CF: 'D', LG: null, MT: null }))
  return [...sums].sort((a, b) => a - b)
})()
