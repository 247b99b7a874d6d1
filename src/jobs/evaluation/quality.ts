import { halfOf } from '../../core/classifier/evaluation/halves.ts'
import { type Measured, measured } from '../../core/classifier/evaluation/measured.ts'
import { calibrationError, type ReliabilityBin, reliability } from '../../core/classifier/evaluation/reliability.ts'
import {
  type Area,
  areaOf,
  type RecallAt,
  type RocPoint,
  recallAt,
  rocPoints,
  scoresOf,
} from '../../core/classifier/evaluation/roc.ts'
import { type JudgedRow, scoredOf, type Unavailable } from '../../core/classifier/evaluation/row.ts'
import { type OverRefusal, overRefusalOf } from './over-refusal.ts'
import { type Reach, reachOf } from './reach.ts'
import { type Slice, slicesOf } from './slices.ts'

/** Recall at one share of false positives, in both ways of choosing the line. */
export interface RecallBoth {
  readonly share: number
  /** Line of the calibration half, measured on the other half: what to quote. */
  readonly held: RecallAt
  /** Line of the whole set, measured on the whole set: to compare with figures that were made so. */
  readonly same: RecallAt
}

/** The quality of a target on the rows of one kind. */
export interface Quality {
  readonly kind: 'prompt' | 'exchange'
  readonly rows: number
  readonly harmful: number
  readonly harmless: number
  /** Rows without a verdict: in no share below, and never counted as clean. */
  readonly unavailable: Measured
  readonly why: Readonly<Partial<Record<Unavailable, number>>>
  /** The same by status or code of the connection, where there was one: `401`, `ECONNREFUSED`. */
  readonly codes: Readonly<Record<string, number>>
  readonly auc: Area | null
  readonly at1: RecallBoth
  readonly at01: RecallBoth
  readonly calibrationError: number
  readonly reliability: readonly ReliabilityBin[]
  readonly roc: readonly RocPoint[]
  readonly slices: readonly Slice[]
  readonly reach: readonly Reach[]
  readonly overRefusal: readonly OverRefusal[]
}

const ROC_POINTS = 120

/** @param judged At least one row, all of one kind. */
export function qualityOf(judged: readonly JudgedRow[]): Quality {
  const { scored, unavailable } = scoredOf(judged)
  const calibration = scored.filter(({ row }) => halfOf(row.id) === 'calibration')
  const test = scored.filter(({ row }) => halfOf(row.id) === 'test')
  const both = (share: number): RecallBoth => ({
    share,
    held: recallAt(share, calibration, test),
    same: recallAt(share, scored, scored),
  })
  const [at1, at01] = [both(0.01), both(0.001)]
  const why: Partial<Record<Unavailable, number>> = {}
  const codes: Record<string, number> = {}
  for (const { verdict } of judged) {
    if (verdict.kind !== 'unavailable') continue
    why[verdict.why] = (why[verdict.why] ?? 0) + 1
    if (verdict.code !== undefined) codes[verdict.code] = (codes[verdict.code] ?? 0) + 1
  }
  const [harmful, harmless] = [scoresOf(scored, true), scoresOf(scored, false)]
  return {
    kind: judged[0]!.row.target,
    rows: judged.length,
    harmful: harmful.length,
    harmless: harmless.length,
    unavailable: measured(unavailable, judged.length),
    why,
    codes,
    auc: areaOf(scored),
    at1,
    at01,
    calibrationError: calibrationError(scored),
    reliability: reliability(scored),
    roc: rocPoints(harmful, harmless, ROC_POINTS),
    slices: slicesOf(judged, new Set(test.map(({ row }) => row.id)), {
      held: { at1: at1.held.line, at01: at01.held.line },
      same: { at1: at1.same.line, at01: at01.same.line },
    }),
    reach: reachOf(scored),
    overRefusal: overRefusalOf(scored),
  }
}
