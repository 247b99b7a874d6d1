import { expect, test } from 'vitest'
import { type Suspension, suspensionOf } from './suspension.ts'

test('a suspension holds up to its end, and one without an end until it is lifted', () => {
  const end = 1_000
  const ending: Suspension = { since: 'x', until: 'y', untilMs: end, briefUrl: null }
  const open: Suspension = { ...ending, until: null, untilMs: null }
  const suspended = new Map<string, Suspension>([
    ['ending', ending],
    ['open', open],
  ])
  expect(suspensionOf('ending', suspended, end - 1)).toBe(ending)
  expect(suspensionOf('ending', suspended, end)).toBeNull()
  expect(suspensionOf('open', suspended, end * 2)).toBe(open)
  expect(suspensionOf('constructor', suspended, end)).toBeNull()
})
