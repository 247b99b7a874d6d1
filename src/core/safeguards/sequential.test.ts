import { describe, expect, test } from 'vitest'
import { chance, drawn } from '../../../test/fakes/chance.ts'
import {
  type ArmCounts,
  DEFAULT_SEQUENTIAL,
  GUARD_METRICS,
  look,
  type MetricState,
  NO_LOOKS,
  overall,
  type Stratum,
  unitsNeeded,
  verdictOf,
} from './sequential.ts'

const STEPS = [0.01, 0.05, 0.25, 0.5]

/** One whole rollout of four metrics, ten looks a step. @returns the step of the first alarm, or null. */
function rollout(
  random: () => number,
  sessions: number,
  rates: (at: number) => readonly (readonly [number, number])[],
) {
  let states: MetricState[] = GUARD_METRICS.map(() => NO_LOOKS)
  for (const [step, share] of STEPS.entries())
    for (let i = 0; i < 10; i++) {
      const units = Math.round((sessions * share) / 10)
      const others = Math.round((sessions * (1 - share)) / 10)
      const now = rates((step * 10 + i) / 40)
      states = states.map((state, m) => {
        const [control, canary] = now[m]!
        const arms = [{ canary: drawn(random, units, canary), control: drawn(random, others, control) }]
        return look(state, { arms, history: null }, 1)
      })
      if (overall(states.map((state) => verdictOf(state, DEFAULT_SEQUENTIAL))) === 'regressed') return { step, states }
    }
  return { step: null, states }
}

describe('sequential guard', () => {
  test('SR-3: two arms that are alike raise an alarm in at most 5 % of whole rollouts, also when rates drift', () => {
    const random = chance(20261126)
    const runs = 1000
    let alarms = 0
    for (let run = 0; run < runs; run++) {
      const drift = (at: number) => 1 + 0.8 * Math.sin(2 * Math.PI * at + run)
      const { step } = rollout(random, 4000, (at) =>
        [0.02, 0.04, 0.01, 0.002].map((rate) => [rate * drift(at), rate * drift(at)] as const),
      )
      if (step !== null) alarms++
    }
    expect(alarms / runs).toBeLessThanOrEqual(0.05)
    // A test that never says anything would pass the line above.
    expect(alarms).toBeGreaterThan(0)
  })

  test('SR-3: one point more is caught before the 25 % stage at the stated n, in nine of ten rollouts', () => {
    const random = chance(7)
    for (const base of [0.005, 0.02, 0.08]) {
      const settings = DEFAULT_SEQUENTIAL
      const stated = unitsNeeded({ units: 100_000, hits: base * 100_000 }, { units: 5_000, hits: 0 }, settings)
      // So many sessions that the steps of 1 and 5 % together hold the stated n.
      const sessions = stated / 0.06
      let caught = 0
      const runs = 100
      for (let run = 0; run < runs; run++) {
        const { step } = rollout(random, sessions, () =>
          GUARD_METRICS.map((_, m) => (m === 0 ? [base, base + 0.01] : [0.01, 0.01])),
        )
        if (step !== null && step < 2) caught++
      }
      expect([base, caught / runs]).toEqual([base, expect.toSatisfy((share: number) => share >= 0.85)])
    }
  })

  test('SR-3: below the stated n it is inconclusive, from there on clear; no control is never clear', () => {
    const of = (canary: ArmCounts, control: ArmCounts) =>
      verdictOf(look(NO_LOOKS, { arms: [{ canary, control }], history: null }, 1), DEFAULT_SEQUENTIAL)
    const control = { units: 100_000, hits: 2000 }
    const few = of({ units: 1000, hits: 20 }, control)
    expect([few.outcome, few.unitsNeeded! > 1000]).toEqual(['inconclusive', true])
    const enough = of({ units: 12_000, hits: 240 }, control)
    expect([enough.outcome, enough.unitsNeeded! <= 12_000]).toEqual(['clear', true])
    expect(of({ units: 12_000, hits: 480 }, control).outcome).toBe('regressed')
    expect(of({ units: 12_000, hits: 0 }, { units: 0, hits: 0 }).outcome).toBe('inconclusive')
    expect(overall([])).toBe('inconclusive')
    expect(overall([enough, few])).toBe('inconclusive')
  })

  test('an alarm stays one, whatever comes after', () => {
    const bad = { canary: { units: 500, hits: 100 }, control: { units: 500, hits: 10 } }
    const good = { canary: { units: 9000, hits: 0 }, control: { units: 9000, hits: 900 } }
    const once = look(NO_LOOKS, { arms: [bad], history: null }, 1)
    const later = look(once, { arms: [good], history: null }, 1)
    expect(verdictOf(later, DEFAULT_SEQUENTIAL).outcome).toBe('regressed')
    expect(JSON.parse(JSON.stringify(later))).toEqual(later)
  })

  test('what was predicted is no alarm, what goes beyond it is', () => {
    const counts = { canary: { units: 60_000, hits: 3600 }, control: { units: 150_000, hits: 4500 } }
    const outcome = (expected: number) =>
      verdictOf(look(NO_LOOKS, { arms: [counts], history: null }, expected), DEFAULT_SEQUENTIAL, expected).outcome
    expect([outcome(1), outcome(2.1)]).toEqual(['regressed', 'clear'])
  })

  test('a look says the same as its likelihood by hand', () => {
    // One hit of two units, one in each arm: under equal odds the canary has it in half of all cases.
    const state = look(
      NO_LOOKS,
      { arms: [{ canary: { units: 1, hits: 1 }, control: { units: 1, hits: 0 } }], history: null },
      1,
    )
    const odds = [1.05, 1.12, 1.3, 1.7, 3, 8]
    for (const [i, log] of state.armsLog.entries())
      expect(log).toBeCloseTo(Math.log((2 * odds[i]!) / (1 + odds[i]!)), 12)
  })

  test('organisations of unlike rates: the canary compared with its own past raises no false alarm, arms alone do', () => {
    const random = chance(3)
    const runs = 300
    let both = 0
    let armsOnly = 0
    for (let run = 0; run < runs; run++) {
      const rates = Array.from({ length: 40 }, () => 0.08 * random() ** 4)
      const inCanary = rates.map(() => random() < 0.25)
      const total = (which: boolean, units: number) =>
        rates.reduce<ArmCounts>(
          (sum, rate, org) => {
            if (inCanary[org] !== which) return sum
            const { hits } = drawn(random, units, rate)
            return { units: sum.units + units, hits: sum.hits + hits }
          },
          { units: 0, hits: 0 },
        )
      let withPast = NO_LOOKS
      let without = NO_LOOKS
      for (let i = 0; i < 12; i++) {
        const canary = total(true, 80)
        const arms: readonly Stratum[] = [{ canary, control: total(false, 80) }]
        const history: readonly Stratum[] = [{ canary, control: total(true, 80) }]
        withPast = look(withPast, { arms, history }, 1)
        without = look(without, { arms, history: null }, 1)
      }
      if (verdictOf(withPast, DEFAULT_SEQUENTIAL).outcome === 'regressed') both++
      if (verdictOf(without, DEFAULT_SEQUENTIAL).outcome === 'regressed') armsOnly++
    }
    expect(both / runs).toBeLessThanOrEqual(0.05)
    expect(armsOnly / runs).toBeGreaterThan(0.05)
  })

  test('counts that are none are refused', () => {
    const control = { units: 1, hits: 0 }
    for (const canary of [
      { units: 1, hits: 2 },
      { units: 1.5, hits: 0 },
      { units: 1, hits: -1 },
    ])
      expect(() => look(NO_LOOKS, { arms: [{ canary, control }], history: null }, 1)).toThrow(RangeError)
  })
})
