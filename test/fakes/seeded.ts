import type { ArmCounts } from '../../src/core/safeguards/sequential.ts'

/** Seeded generator of [0, 1): mulberry32. */
export function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
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
