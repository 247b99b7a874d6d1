import { expect, test } from 'vitest'
import { foldsOf, type SimulatedArm, seeded, simulate } from '../../../../test/fakes/simulated-arms.ts'
import { wilson } from '../severity/measured.ts'
import { bootstrap } from './bootstrap.ts'
import type { Outcomes } from './outcomes.ts'

const RUNS = 500

/** Arms of known rates: what U and K are in truth. */
const SCENARIOS: readonly { name: string; arms: readonly SimulatedArm[]; u: number; k: number }[] = [
  {
    name: 'a technique that is ahead',
    arms: [
      { rate: 0.7, costMicroUsd: 1000 },
      { rate: 0.5, costMicroUsd: 2000 },
      { rate: 0.3, costMicroUsd: 500 },
    ],
    u: 0.2,
    k: 2000 / 0.5 / (1000 / 0.7),
  },
  {
    name: 'a technique that adds nothing',
    arms: [
      { rate: 0.6, costMicroUsd: 1000 },
      { rate: 0.6, costMicroUsd: 1000 },
      { rate: 0.4, costMicroUsd: 500 },
    ],
    u: 0,
    k: 1,
  },
]

for (const { name, arms, u, k } of SCENARIOS)
  test(`RX-3: ${name}: intervals of U and K cover the truth in 93 to 97 % of ${RUNS} runs`, () => {
    const folds = foldsOf(100)
    const random = seeded(42)
    let [coversU, coversK] = [0, 0]
    for (let run = 0; run < RUNS; run++) {
      const { uCi95, kCi95 } = bootstrap(simulate(arms, folds, random, 0.5), run)
      if (uCi95.lo <= u && u <= uCi95.hi) coversU += 1
      if (kCi95.lo <= k && k <= kCi95.hi) coversK += 1
    }
    for (const covered of [coversU, coversK]) {
      expect(covered / RUNS).toBeGreaterThanOrEqual(0.93)
      expect(covered / RUNS).toBeLessThanOrEqual(0.97)
    }
  }, 120_000)

test('bootstrap: with four equal baselines the interval is wider than it must be, never narrower', () => {
  const folds = foldsOf(40)
  const random = seeded(43)
  let covers = 0
  for (let run = 0; run < 100; run++) {
    const { lo, hi } = bootstrap(simulate(Array(5).fill({ rate: 0.6 }), folds, random, 0.5), run).uCi95
    if (lo <= 0 && 0 <= hi) covers += 1
  }
  expect(covers / 100).toBeGreaterThan(0.95)
})

test("RX-3: Wilson's interval covers known reliabilities in 93 to 97 % of sessions on average, counted exactly", () => {
  const sessions = 36
  const rates = Array.from({ length: 81 }, (_, i) => 0.1 + i / 100)
  const coverage = rates.map((rate) => {
    let chance = (1 - rate) ** sessions
    let covered = 0
    for (let k = 0; k <= sessions; k++) {
      const { lo, hi } = wilson(k, sessions)
      if (lo <= rate && rate <= hi) covered += chance
      chance *= ((sessions - k) / (k + 1)) * (rate / (1 - rate))
    }
    return covered
  })
  const average = coverage.reduce((a, b) => a + b, 0) / coverage.length
  expect(average).toBeGreaterThan(0.93)
  expect(average).toBeLessThan(0.97)
})

test('bootstrap: the same seed gives the same interval, and the estimate lies in it', () => {
  const outcomes = simulate([{ rate: 0.5 }, { rate: 0.4 }, { rate: 0.4 }], foldsOf(40), seeded(5))
  const once = bootstrap(outcomes, 9)
  expect(bootstrap(outcomes, 9)).toEqual(once)
  expect(bootstrap(outcomes, 10)).not.toEqual(once)
  expect(once.uCi95.lo).toBeLessThanOrEqual(once.u)
  expect(once.uCi95.hi).toBeGreaterThanOrEqual(once.u)
})

test('bootstrap: arms that solve the same tasks leave what so many tasks can miss, never a width of zero', () => {
  const alike = (tasks: number): Outcomes => ({
    tasks,
    arms: 2,
    folds: foldsOf(tasks),
    solved: Float64Array.from({ length: tasks * 2 }, (_, i) => (Math.floor(i / 2) % 3 === 0 ? 1 : 0)),
    cost: new Float64Array(tasks * 2).fill(1),
  })
  // 1 − 0.025^(1/n), the exact bound of a share of which none was seen.
  expect(bootstrap(alike(40), 1).uCi95.hi).toBeCloseTo(0.0881, 4)
  expect(bootstrap(alike(343), 1).uCi95.hi).toBeCloseTo(0.0107, 4)
})

test('bootstrap: fewer than 2,000 resamples, no task and no baseline are refused', () => {
  const outcomes = simulate([{ rate: 0.5 }, { rate: 0.5 }], foldsOf(10), seeded(1))
  expect(() => bootstrap(outcomes, 1, 1999)).toThrow('at least 2000 resamples')
  expect(() => bootstrap({ ...outcomes, tasks: 0 }, 1)).toThrow('at least one task')
  expect(() => bootstrap({ ...outcomes, arms: 1 }, 1)).toThrow('one baseline')
})
