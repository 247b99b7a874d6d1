import { isScored, REACH, type ScoredVector, type SeverityVector, WEIGHTS } from './levels.ts'
import { formatVector, readVector, type VectorFault } from './vector.ts'

export const BANDS = ['Info', 'Low', 'Medium', 'High', 'Critical'] as const
export type Band = (typeof BANDS)[number]

/** Least tenths of each band. */
export const BAND_FLOORS: Readonly<Record<Band, number>> = { Info: 0, Low: 1, Medium: 30, High: 60, Critical: 80 }

/** UN + EF + RE + DI, in 0..100. */
export function reachOf(vector: SeverityVector): number {
  return REACH.reduce((sum, metric) => sum + (WEIGHTS[metric] as Readonly<Record<string, number>>)[vector[metric]]!, 0)
}

/**
 * Ten times the score, a whole number in 0..100; 0 exactly for UP:N. Whole numbers only, so that every implementation
 * agrees. CF, LG and MT do not enter.
 */
export function tenthsOf(vector: ScoredVector): number {
  return tenthsAt(WEIGHTS.UP[vector.UP], WEIGHTS.HD[vector.HD], reachOf(vector))
}

/** The formula by itself. @param up Weight of uplift, 0..100. @param hd Weight of harm. @param reach 0..100. */
export function tenthsAt(up: number, hd: number, reach: number): number {
  return up === 0 ? 0 : Math.max(1, Math.floor((up * hd * (100 + reach) + 10_000) / 20_000))
}

/** Most that this uplift and this harm allow: the score at reach 100, in tenths. */
export function ceilingOf(vector: ScoredVector): number {
  return tenthsAt(WEIGHTS.UP[vector.UP], WEIGHTS.HD[vector.HD], 100)
}

/** Band of tenths in 0..100. */
export function bandOf(tenths: number): Band {
  return BANDS.findLast((band) => tenths >= BAND_FLOORS[band]) ?? 'Info'
}

/** Tenths as people write them: `1.3`. */
export function scoreText(tenths: number): string {
  return (tenths / 10).toFixed(1)
}

/** The score were uplift the greatest there is, in tenths: where uplift is unknown, the provisional upper bound. */
export function upperBoundOf(vector: SeverityVector): number {
  return tenthsOf({ ...vector, UP: 'X' })
}

/** A vector and its number; with `UP:?` no number but a range, whose upper end is the provisional upper bound. */
export type Rating =
  | { readonly tenths: number; readonly band: Band; readonly range: null }
  | { readonly tenths: null; readonly band: null; readonly range: readonly [number, number] }

export function rate(vector: SeverityVector): Rating {
  if (!isScored(vector)) return { tenths: null, band: null, range: [0, upperBoundOf(vector)] }
  const tenths = tenthsOf(vector)
  return { tenths, band: bandOf(tenths), range: null }
}

/** What one text comes to, as library, command line, HTTP API and console all give it. */
export type Reading =
  | { readonly vector: string; readonly error: VectorFault; readonly tenths: null; readonly band: null }
  | ({
      readonly vector: string
      readonly canonical: string
      readonly bandRange: readonly [Band, Band] | null
    } & Rating)

/** Reads and scores a text. Total: a fault is a value. */
export function readSeverity(text: string): Reading {
  const vector = readVector(text)
  if ('code' in vector) return { vector: text, tenths: null, band: null, error: vector }
  const rating = rate(vector)
  const bandRange = rating.range === null ? null : ([bandOf(rating.range[0]), bandOf(rating.range[1])] as const)
  return { vector: text, canonical: formatVector(vector), ...rating, bandRange }
}
