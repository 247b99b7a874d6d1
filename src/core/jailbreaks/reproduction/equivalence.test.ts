import { expect, test } from 'vitest'
import { discordantShare, requiredTasks } from './equivalence.ts'
import { wilson95 } from './wilson.ts'

test('requiredTasks: the counts of P7', () => {
  expect([0, 0.05, 0.1, 0.2].map((d) => requiredTasks(d))).toEqual([343, 343, 343, 686])
  expect([0.1, 0.2].map((d) => requiredTasks(d, 0.1))).toEqual([86, 172])
})

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

test("wilson95: the example's 29 of 36, and the ends", () => {
  const { lo, hi } = wilson95(29, 36)
  expect([lo.toFixed(3), hi.toFixed(3)]).toEqual(['0.650', '0.902'])
  expect([wilson95(0, 10).lo, wilson95(10, 10).hi]).toEqual([0, 1])
  for (const [k, n] of [
    [1, 0],
    [2, 1],
    [0.5, 1],
    [-1, 3],
  ] as const)
    expect(() => wilson95(k, n)).toThrow(RangeError)
})
