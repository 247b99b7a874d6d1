import { expect, test } from 'vitest'
import type { PairedCase } from '../src/core/safeguards/collateral/paired-case.ts'
import { DEFAULT_LIMITS } from '../src/core/safeguards/collateral/report.ts'
import { collateral } from '../src/core/safeguards/collateral.ts'

const settings = {
  ...DEFAULT_LIMITS,
  before: { label: 'base-1', hash: null },
  after: { label: 'base-2', hash: null },
  source: 'simulation',
  ...{ window: null, claim: null, separation: null, permanent: [], quality: null, cost: null },
  ...{ temporary: false, sunset: null, madeFor: null, notReplayable: {}, withoutAnswer: 0 },
} as const

/** Pseudo-random numbers in [0, 1) from a seed. */
function uniform(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}

test('SR-1: over 2,000 simulated weeks with known truth, intervals cover it in 95 % ± 1.5', {
  timeout: 120_000,
}, () => {
  const RUNS = 2000
  const SESSIONS = 400
  const random = uniform(20261126)
  // Sessions are of two kinds and of one to four requests: requests of one session are alike.
  const kinds = [
    { weight: 0.8, taken: 0.04, freed: 0.03 },
    { weight: 0.2, taken: 0.35, freed: 0.1 },
  ]
  const mean = (of: 'taken' | 'freed') => kinds.reduce((sum, kind) => sum + kind.weight * kind[of], 0)
  const anyTaken = kinds.reduce(
    (sum, { weight, taken }) => sum + weight * [1, 2, 3, 4].reduce((one, m) => one + 0.25 * (1 - (1 - taken) ** m), 0),
    0,
  )
  const covered = { taken: 0, difference: 0, sessions: 0, slice: 0 }
  for (let run = 0; run < RUNS; run++) {
    const cases: PairedCase[] = []
    for (let s = 0; s < SESSIONS; s++) {
      const kind = kinds[random() < kinds[0]!.weight ? 0 : 1]!
      const m = 1 + Math.floor(random() * 4)
      for (let i = 0; i < m; i++) {
        const u = random()
        const [before, after] =
          u < kind.taken
            ? (['allow', 'fall_back'] as const)
            : u < kind.taken + kind.freed
              ? (['refuse', 'flag'] as const)
              : (['allow', 'allow'] as const)
        cases.push({
          ...{ id: `r${cases.length}`, session: `s${s}`, user: null, org: 'acme', surface: 'messages' },
          ...{ language: 'en', segment: 'other', before, after, category: null, label: null, family: null },
        })
      }
    }
    const report = collateral(cases, settings)
    const holds = (interval: { lo: number; hi: number }, truth: number) =>
      Number(interval.lo <= truth && truth <= interval.hi)
    covered.taken += holds(report.movements.newly_diverted.requests, mean('taken'))
    covered.difference += holds(report.retained.difference, mean('taken') - mean('freed'))
    covered.sessions += holds(report.movements.newly_diverted.sessions, anyTaken)
    covered.slice += holds(report.slices.find(({ name }) => name === 'acme')!.difference, mean('taken') - mean('freed'))
  }
  for (const [what, n] of Object.entries(covered)) {
    expect.soft(n / RUNS, what).toBeGreaterThan(0.935)
    expect.soft(n / RUNS, what).toBeLessThan(0.965)
  }
})
