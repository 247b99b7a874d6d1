import { expect, test } from 'vitest'
import { createFirstTime } from './first-time.ts'

test('first time: an id is new once, and only the oldest are forgotten', () => {
  const isFirst = createFirstTime(2)
  expect(['a', 'b', 'a', 'b'].map(isFirst)).toEqual([true, true, false, false])
  expect(['c', 'b', 'a'].map(isFirst)).toEqual([true, false, true])
})
