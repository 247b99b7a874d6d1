import type { PairSlice } from '../../core/classifier/evaluation/pair-accuracy.ts'
import type { AttackerReach } from './attacker.ts'
import type { Bar } from './bar.ts'
import type { Contamination } from './contamination.ts'
import type { EvasionRetention } from './evasion-retention.ts'
import type { FamilyRecalls } from './held-out-families.ts'
import type { LatencyAt } from './latency.ts'
import type { Needles } from './needles.ts'
import type { PrefixPoint } from './prefix-curve.ts'
import type { Quality } from './quality.ts'

/** Everything one evaluation found. Figures and ids; never text of a row. */
export interface EvalReport {
  readonly target: string
  /** Hash of the embedded model; null for other targets. */
  readonly model: string | null
  readonly set: string
  readonly rows: number
  readonly qualities: readonly Quality[]
  readonly pairs: readonly PairSlice[]
  readonly prefix: readonly PrefixPoint[]
  readonly needles: Needles | null
  readonly evasions: readonly EvasionRetention[]
  readonly attacker: readonly AttackerReach[]
  readonly latency: readonly LatencyAt[]
  readonly families: readonly FamilyRecalls[]
  readonly contamination: Contamination | null
  readonly bars: readonly Bar[]
}
