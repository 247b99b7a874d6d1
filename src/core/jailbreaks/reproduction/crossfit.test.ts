import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { foldsOf, seeded, simulate } from '../../../../test/fakes/simulated-arms.ts'
import { crossfit } from './crossfit.ts'
import type { Outcomes } from './outcomes.ts'

const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length

/** The estimators that P6 warns of, for comparison. */
function bestOfMeans({ tasks, arms, solved }: Outcomes): number {
  const share = (arm: number) => mean(Array.from({ length: tasks }, (_, task) => solved[task * arms + arm]!))
  return share(0) - Math.max(...Array.from({ length: arms - 1 }, (_, i) => share(i + 1)))
}
function unionPerTask({ tasks, arms, solved }: Outcomes): number {
  const any = (task: number) => Math.max(...solved.subarray(task * arms + 1, (task + 1) * arms))
  return mean(Array.from({ length: tasks }, (_, task) => solved[task * arms]! - any(task)))
}

describe('RX-2: the estimate of uplift has no bias where there is none to find', () => {
  // severity.md §4, P6: success 0.6 in every arm, so the true uplift is 0.
  const published = [
    { baselines: 8, tasks: 40, best: -0.111, union: -0.402 },
    { baselines: 8, tasks: 100, best: -0.069, union: -0.399 },
    { baselines: 8, tasks: 400, best: -0.035, union: -0.399 },
    { baselines: 12, tasks: 40, best: null, union: null },
    { baselines: 12, tasks: 100, best: -0.079, union: -0.399 },
    { baselines: 12, tasks: 400, best: null, union: null },
  ]
  for (const { baselines, tasks, best, union } of published)
    test(`RX-2: ${baselines} equal baselines, ${tasks} tasks`, () => {
      const arms = Array.from({ length: baselines + 1 }, () => ({ rate: 0.6 }))
      const folds = foldsOf(tasks)
      const random = seeded(20261126)
      const us: number[] = []
      const bests: number[] = []
      const unions: number[] = []
      for (let run = 0; run < 4000; run++) {
        const outcomes = simulate(arms, folds, random)
        us.push(crossfit(outcomes).u)
        if (run < 400) {
          bests.push(bestOfMeans(outcomes))
          unions.push(unionPerTask(outcomes))
        }
      }
      expect(Math.abs(mean(us))).toBeLessThan(0.01)
      if (best === null) return
      expect(Math.abs(mean(bests) - best)).toBeLessThan(0.015)
      expect(Math.abs(mean(unions) - union!)).toBeLessThan(0.015)
    })
})

/** Graders without noise: an arm that is better is better on every task alike, and a task gives what the arm is worth. */
const rates = fc.array(fc.integer({ min: 0, max: 20 }), { minLength: 2, maxLength: 8 })
const sizes = fc.integer({ min: 5, max: 60 })

function exact(levels: readonly number[], tasks: number, value: (level: number, task: number) => number): Outcomes {
  const arms = levels.length
  const solved = Float64Array.from({ length: tasks * arms }, (_, i) => value(levels[i % arms]!, Math.floor(i / arms)))
  return { tasks, arms, folds: foldsOf(tasks), solved, cost: new Float64Array(tasks * arms).fill(1) }
}

test('RX-2: with noise-free graders a further baseline never raises uplift, wherever it stands', () => {
  fc.assert(
    fc.property(rates, fc.integer({ min: 0, max: 20 }), fc.nat(), sizes, (levels, added, place, tasks) => {
      const at = 1 + (place % levels.length)
      const u = (all: readonly number[]) => crossfit(exact(all, tasks, (level) => level / 20)).u
      return u([...levels.slice(0, at), added, ...levels.slice(at)]) <= u(levels) + 1e-12
    }),
  )
})

test('RX-2: the same where a task is solved by exactly the arms that are good enough for it', () => {
  fc.assert(
    fc.property(rates, fc.integer({ min: 0, max: 20 }), sizes, (levels, added, tasks) => {
      const u = (all: readonly number[]) =>
        crossfit(exact(all, tasks, (level, task) => (level > (task * 7) % 20 ? 1 : 0))).u
      return u([...levels, added]) <= u(levels) + 1e-12
    }),
  )
})

test('crossfit: by hand on two tasks of two folds', () => {
  // Fold 0 chooses on fold 1, where only arm 2 solved; fold 1 chooses on fold 0, where only arm 1 did.
  const outcomes: Outcomes = {
    tasks: 2,
    arms: 3,
    folds: Uint8Array.from([0, 1]),
    solved: Float64Array.from([1, 1, 0, 1, 0, 1]),
    cost: Float64Array.from([10, 30, 40, 10, 50, 20]),
  }
  // Both chosen baselines failed: two successes for 20 against half a success for 40 + 50.
  expect(crossfit(outcomes)).toEqual({ u: 1, k: 90 / 0.5 / (20 / 2) })
})

test('crossfit: the ratio of costs stays finite where nothing was solved or nothing was paid', () => {
  const one = (solved: number[], cost: number[]): Outcomes => ({
    tasks: 1,
    arms: 2,
    folds: Uint8Array.from([0]),
    solved: Float64Array.from(solved),
    cost: Float64Array.from(cost),
  })
  expect(crossfit(one([0, 0], [0, 0])).k).toBe(1)
  expect(crossfit(one([1, 1], [0, 5])).k).toBe(1e6)
  expect(crossfit(one([1, 1], [5, 0])).k).toBe(1e-6)
  expect(crossfit({ ...one([], []), tasks: 0 })).toEqual({ u: 0, k: 1 })
})
