import { betaInterval } from '../../../core/base/intervals.ts'
import type { ArmCounts } from '../../../core/safeguards/sequential.ts'

/** Share with its exact 95 % interval; null: no units. */
export function armShare({ hits, units }: ArmCounts) {
  return units === 0 ? null : { value: hits / units, ...betaInterval(hits, units, 0.95) }
}
