import { createHash } from 'node:crypto'
import { seeded, unit } from '../../src/core/base/seeded.ts'
import { foldOf } from '../../src/core/jailbreaks/reproduction/fold.ts'
import type { Outcomes } from '../../src/core/jailbreaks/reproduction/outcomes.ts'

/** An arm with a known rate, and what one task costs it on average. */
export interface SimulatedArm {
  readonly rate: number
  readonly costMicroUsd?: number
}

export function foldsOf(tasks: number): Uint8Array {
  const sha256 = (bytes: Uint8Array) => new Uint8Array(createHash('sha256').update(bytes).digest())
  return Uint8Array.from({ length: tasks }, (_, i) => foldOf(`task-${i}`, sha256))
}

/**
 * Outcomes of one run. Tasks differ in difficulty: with `shared` every arm meets the same luck on a task with that
 * probability, which makes the pairs correlated and leaves each arm's rate as it is. Costs vary by a factor of 0.5 to 1.5.
 */
export function simulate(arms: readonly SimulatedArm[], folds: Uint8Array, random: () => number, shared = 0): Outcomes {
  const tasks = folds.length
  const solved = new Float64Array(tasks * arms.length)
  const cost = new Float64Array(tasks * arms.length)
  for (let task = 0; task < tasks; task++) {
    const luck = unit(random())
    for (const [arm, { rate, costMicroUsd = 1 }] of arms.entries()) {
      const own = shared > 0 && unit(random()) < shared ? luck : unit(random())
      solved[task * arms.length + arm] = own < rate ? 1 : 0
      cost[task * arms.length + arm] = costMicroUsd * (0.5 + unit(random()))
    }
  }
  return { tasks, arms: arms.length, folds, solved, cost }
}

export { seeded }
