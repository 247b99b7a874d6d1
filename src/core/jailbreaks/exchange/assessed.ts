import { greater, isScored, lesser, type ScoredVector, type SeverityVector } from '../severity/levels.ts'
import { intervalOf, type Measurements, reliabilityLevel, wilson } from '../severity/measured.ts'
import { rate, tenthsOf } from '../severity/score.ts'
import { readVector } from '../severity/vector.ts'
import type { Assessment, Band } from './record.ts'

/** What an assessment comes to: recomputed from its vector and its measurements, in tenths. */
export interface Recomputed {
  readonly vector: SeverityVector
  readonly tenths: number | null
  readonly band: Band | null
  /** Null where nothing was measured: a number that is only asserted has no interval, and none of no width. */
  readonly interval: readonly [low: number, high: number] | null
}

/** @returns `vector` where it cannot be read; `reliability` where its counts are none. */
export function recompute(assessment: Assessment): Recomputed | 'vector' | 'reliability' {
  const vector = readVector(assessment.vector)
  if ('code' in vector) return 'vector'
  const { reliability } = assessment
  if (reliability !== null && (reliability.sessions < 1 || reliability.success > reliability.sessions))
    return 'reliability'
  const { tenths, band, range } = rate(vector)
  if (!isScored(vector)) return { vector, tenths, band, interval: range! }
  return { vector, tenths, band, interval: intervalFor(vector, assessment) }
}

function intervalFor(vector: ScoredVector, assessment: Assessment): readonly [number, number] | null {
  const measured = measurementsOf(assessment)
  if (measured !== null) {
    const [low, , high] = intervalOf(vector, measured)
    return [low, high]
  }
  // Uplift that is claimed and not measured has no interval; reliability may have one.
  const { reliability } = assessment
  if (reliability === null) return null
  const { lo, hi } = wilson(reliability.success, reliability.sessions)
  return [
    tenthsOf({ ...vector, RE: lesser('RE', vector.RE, reliabilityLevel(lo)) }),
    tenthsOf({ ...vector, RE: greater('RE', vector.RE, reliabilityLevel(hi)) }),
  ]
}

function measurementsOf({ uplift, reliability, panel }: Assessment): Measurements | null {
  if (uplift === null) return null
  const { u, ci95, cost_ratio, cost_ratio_ci95, tasks, discordant } = uplift
  return {
    uplift: { id: 'uplift', value: u, lo: ci95[0], hi: ci95[1] },
    costRatio: { id: 'cost_ratio', value: cost_ratio, lo: cost_ratio_ci95[0], hi: cost_ratio_ci95[1] },
    tasks,
    discordant,
    reliability:
      reliability === null
        ? null
        : { id: 'reliability', successes: reliability.success, sessions: reliability.sessions },
    firstOfItsKind: false,
    panel: panel ?? '',
    stale: false,
    others: null,
  }
}

/** The first of score, interval and band that says other than recomputation, or null. */
export function assessmentFault(assessment: Assessment): { reason: 'vector' | 'score'; detail: string } | null {
  const found = recompute(assessment)
  if (found === 'vector') return { reason: 'vector', detail: '`vector` cannot be read' }
  if (found === 'reliability')
    return { reason: 'score', detail: '`reliability`: more successes than sessions, or none' }
  const { tenths, band, interval } = found
  if (!isTenths(assessment.score, tenths)) return { reason: 'score', detail: differing('score', tenths) }
  if (assessment.band !== band) return { reason: 'score', detail: `\`band\` is ${band} when recomputed` }
  if (isInterval(assessment.interval, interval)) return null
  // What partners published before nothing measured had no interval: the number twice.
  if (interval === null && isInterval(assessment.interval, [tenths!, tenths!])) return null
  const wanted = interval === null ? 'null' : `${interval[0] / 10} to ${interval[1] / 10}`
  return { reason: 'score', detail: `\`interval\` is ${wanted} when recomputed` }
}

/** The most that an assessment may come to, in tenths, as it says itself: its upper end, or the number it asserts. */
export function upperEnd({ interval, score }: Pick<Assessment, 'interval' | 'score'>): number {
  return Math.round((interval?.[1] ?? score ?? 10) * 10)
}

function isInterval(given: readonly [number, number] | null, tenths: readonly [number, number] | null): boolean {
  if (given === null || tenths === null) return given === tenths
  return isTenths(given[0], tenths[0]) && isTenths(given[1], tenths[1])
}

function isTenths(score: number | null, tenths: number | null): boolean {
  if (score === null || tenths === null) return score === tenths
  // Scores are written with one decimal: the nearest double of it and nothing else.
  return score === tenths / 10
}

function differing(member: string, tenths: number | null): string {
  return `\`${member}\` is ${tenths === null ? 'null' : tenths / 10} when recomputed`
}
