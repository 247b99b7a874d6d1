import { expect, test } from 'vitest'
import { aRelease, RELEASE_AT } from '../../test/fakes/a-release.ts'
import { DRAFT } from '../core/safeguards/release-machine.ts'
import { DEFAULT_SEQUENTIAL, look, NO_LOOKS } from '../core/safeguards/sequential.ts'
import { assertMayMoveOn } from './release-guards.ts'

const settings = {
  ...{ steps: [1, 5], waitMs: 0, shadowMs: 0, stepMs: 1000, pauseMs: 0, sessionMs: 0, appealMs: 0 },
  sequential: DEFAULT_SEQUENTIAL,
}
const arms = (hits: number) => [{ canary: { units: 30_000, hits }, control: { units: 90_000, hits: 1800 } }]
const canary = (hits: number) => {
  const metric = look(NO_LOOKS, { arms: arms(hits), history: null }, 1)
  const guard = { refused: metric, diverted: metric, error: metric, appeal: metric }
  return aRelease({ state: { ...DRAFT, stage: 'canary', gates: 'pass' }, step: 0, guard })
}
const mayMoveOn = (hits: number, atMs = RELEASE_AT + 1000) => assertMayMoveOn(canary(hits), settings, atMs, true)

test('release guards: a regression stops a canary also where nobody paused it, and cannot be taken on', () => {
  expect(() => mayMoveOn(600)).not.toThrow()
  expect(() => mayMoveOn(900)).toThrow(expect.objectContaining({ code: 'regressed' }))
})

test('release guards: a step is served to its last millisecond', () => {
  expect(() => mayMoveOn(600, RELEASE_AT + 999)).toThrow(expect.objectContaining({ code: 'too_early' }))
})
