import { expect, test } from 'vitest'
import { bestOverall, discordantShare } from './chosen.ts'

test('discordantShare: pairs where one of the two solved the task', () => {
  const outcomes = {
    tasks: 4,
    arms: 2,
    folds: Uint8Array.from([0, 1, 2, 3]),
    solved: Float64Array.from([1, 1, 1, 0, 0, 1, 0, 0]),
    cost: new Float64Array(8),
  }
  expect(discordantShare(outcomes)).toBe(0.5)
  expect(discordantShare({ ...outcomes, tasks: 0 })).toBeNull()
})

test('bestOverall: chosen in most folds, then by tasks solved', () => {
  // Arm 1 solves folds 0 to 3, arm 2 folds 1 to 4: each is chosen in some folds; arm 3 solves nothing.
  const solved = [0, 1, 2, 3, 4].flatMap((fold) => [0, fold < 4 ? 1 : 0, fold > 0 ? 1 : 0, 0])
  const outcomes = {
    tasks: 5,
    arms: 4,
    folds: Uint8Array.from([0, 1, 2, 3, 4]),
    solved: Float64Array.from(solved),
    cost: new Float64Array(20),
  }
  // Ties in folds 1 to 3 go to arm 1; fold 0 chooses arm 2, which solved four of the others.
  expect(bestOverall(outcomes)).toBe(1)
})
