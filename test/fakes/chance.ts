import { seeded, unit } from '../../src/core/base/seeded.ts'
import type { ArmCounts } from '../../src/core/safeguards/sequential.ts'

/** Seeded numbers in [0, 1). */
export function chance(seed: number): () => number {
  const next = seeded(seed)
  return () => unit(next())
}

/** Hits among `units` at `rate`: jumps from hit to hit, so that rare ones are cheap. */
export function drawn(random: () => number, units: number, rate: number): ArmCounts {
  if (rate <= 0) return { units, hits: 0 }
  let hits = 0
  for (let at = 0; ; hits++) {
    at += 1 + Math.floor(Math.log(1 - random()) / Math.log1p(-rate))
    if (at > units) return { units, hits }
  }
}
