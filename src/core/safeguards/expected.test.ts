import { describe, expect, test } from 'vitest'
import { chance, drawn } from '../../../test/fakes/chance.ts'
import type { Met } from './collateral/met.ts'
import { expectedOdds } from './expected.ts'
import {
  type ArmCounts,
  DEFAULT_SEQUENTIAL,
  GUARD_METRICS,
  type GuardMetric,
  look,
  type MetricState,
  NO_LOOKS,
  overall,
  unitsNeeded,
  verdictOf,
} from './sequential.ts'

const NONE: ArmCounts = { units: 0, hits: 0 }
const met = (sessions: number, before: number, after: number, more: Partial<Met> = {}): Met => ({
  sessions,
  ...{ refused: { before, after }, diverted: { before: 0, after: 0 }, touched: { before, after } },
  ...more,
})

describe('expected odds', () => {
  test('nothing predicted, errors, and what a release spares, expect no more than today', () => {
    expect(expectedOdds(null, 'refused', NONE)).toBe(1)
    expect(expectedOdds(met(0, 0, 0), 'refused', NONE)).toBe(1)
    for (const metric of GUARD_METRICS) expect(expectedOdds(met(9999, 300, 200), metric, NONE)).toBe(1)
    expect(expectedOdds(met(9999, 200, 300), 'error', NONE)).toBe(1)
    expect(expectedOdds(met(9999, 200, 300), 'diverted', NONE)).toBe(1)
  })

  test('a predicted difference is added to the rate in force, as report and control arm know it together', () => {
    const odds = (rate: number) => rate / (1 - rate)
    // 2 % before, 2.4 % after.
    expect(expectedOdds(met(100_000, 2000, 2400), 'refused', NONE)).toBeCloseTo(odds(0.024) / odds(0.02), 3)
    // Where far more is refused today than in the report's days, four in a thousand more are less of it.
    const control = { units: 900_000, hits: 90_000 }
    expect(expectedOdds(met(100_000, 2000, 2400), 'refused', control)).toBeCloseTo(odds(0.096) / odds(0.092), 3)
    expect(Number.isFinite(expectedOdds(met(10, 0, 10), 'refused', NONE))).toBe(true)
  })
})

const STEPS = [0.01, 0.05, 0.25, 0.5]

interface Rates {
  readonly control: number
  readonly canary: number
}

/** A whole rollout of four metrics, ten looks a step. @returns step of the first alarm; null: none. */
function rollout(
  random: () => number,
  sessions: number,
  predicted: Met | null,
  rates: (metric: GuardMetric, at: number) => Rates,
): number | null {
  let states = GUARD_METRICS.map((metric): [GuardMetric, MetricState] => [metric, NO_LOOKS])
  for (const [step, share] of STEPS.entries())
    for (let i = 0; i < 10; i++) {
      const [units, others] = [Math.round((sessions * share) / 10), Math.round((sessions * (1 - share)) / 10)]
      states = states.map(([metric, state]) => {
        const now = rates(metric, (step * 10 + i) / 40)
        const arms = [{ canary: drawn(random, units, now.canary), control: drawn(random, others, now.control) }]
        return [metric, look(state, { arms, history: null }, expectedOdds(predicted, metric, state.control))]
      })
      const verdicts = states.map(([metric, state]) =>
        verdictOf(state, DEFAULT_SEQUENTIAL, expectedOdds(predicted, metric, state.control)),
      )
      if (overall(verdicts) === 'regressed') return step
    }
  return null
}

/** What a report over so many sessions would have counted: a sample itself. */
function reported(random: () => number, sessions: number, base: number, more: number): Met {
  const before = drawn(random, sessions, base).hits
  const after = before + drawn(random, sessions - before, more).hits
  return met(sessions, before, after)
}

/** One in twenty of those refused objects. */
const appealed = (rate: number) => rate / 20

describe('a rollout whose report predicted that more is refused', () => {
  const BASE = 0.02
  const MORE = 0.004
  const rates =
    (canary: number, drift: (at: number) => number = () => 1) =>
    (metric: GuardMetric, at: number): Rates => {
      const of = (rate: number) => {
        if (metric === 'refused') return rate * drift(at)
        return metric === 'appeal' ? appealed(rate) * drift(at) : 0.01
      }
      return { control: of(BASE), canary: of(canary) }
    }

  test('SR-3: exactly what was predicted pauses at most 5 % of whole rollouts, also when rates drift; unpredicted it pauses more', () => {
    const random = chance(20261126)
    const runs = 200
    const alarms = { alike: 0, predicted: 0, drifting: 0, unpredicted: 0 }
    for (let run = 0; run < runs; run++) {
      const sessions = run % 2 === 0 ? 10_000 : 80_000
      const report = reported(random, 20_000, BASE, MORE)
      const drift = (at: number) => 1 + 0.8 * Math.sin(2 * Math.PI * at + run)
      if (rollout(random, sessions, report, rates(BASE)) !== null) alarms.alike++
      if (rollout(random, sessions, report, rates(BASE + MORE)) !== null) alarms.predicted++
      if (rollout(random, sessions, report, rates(BASE + MORE, drift)) !== null) alarms.drifting++
      if (rollout(random, sessions, null, rates(BASE + MORE)) !== null) alarms.unpredicted++
    }
    expect(alarms.alike / runs).toBeLessThanOrEqual(0.05)
    expect(alarms.predicted / runs).toBeLessThanOrEqual(0.05)
    expect(alarms.drifting / runs).toBeLessThanOrEqual(0.05)
    expect(alarms.unpredicted / runs).toBeGreaterThan(0.1)
  })

  test('SR-3: one point more than predicted is caught before the 25 % stage at the stated n, in nine of ten rollouts', () => {
    const random = chance(7)
    for (const base of [0.001, 0.02, 0.08]) {
      const report = met(100_000, base * 100_000, (base + MORE) * 100_000)
      const control = { units: 100_000, hits: base * 100_000 }
      const odds = expectedOdds(report, 'refused', control)
      const stated = unitsNeeded(control, { units: 5_000, hits: 0 }, DEFAULT_SEQUENTIAL, odds)
      let caught = 0
      const runs = 100
      for (let run = 0; run < runs; run++) {
        const step = rollout(random, stated / 0.06, report, (metric) =>
          metric === 'refused' ? { control: base, canary: base + MORE + 0.01 } : { control: 0.01, canary: 0.01 },
        )
        if (step !== null && step < 2) caught++
      }
      expect([base, caught / runs]).toEqual([base, expect.toSatisfy((share: number) => share >= 0.85)])
    }
  })

  test('a report of days on which nothing was refused makes no guard blind', () => {
    const random = chance(11)
    const report = met(5000, 0, 20)
    let caught = 0
    for (let run = 0; run < 50; run++) {
      const step = rollout(random, 60_000, report, (metric) =>
        metric === 'refused' ? { control: 0.01, canary: 0.03 } : { control: 0.01, canary: 0.01 },
      )
      if (step !== null) caught++
    }
    expect(caught).toBeGreaterThan(45)
  })
})
