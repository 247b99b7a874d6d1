import { afterEach, expect, test } from 'vitest'
import { watchLag } from './lag.ts'

let stop: () => void
afterEach(() => stop())

/** Keeps the event loop from everything else; timers that fell due fire in between. */
async function busy(...tasksMs: readonly number[]): Promise<void> {
  for (const ms of tasksMs) {
    for (const until = performance.now() + ms; performance.now() < until; );
    await new Promise((resolve) => setTimeout(resolve, 1))
  }
}

test('GW-36: lag: an event loop that stays behind is seen, with how far behind it is', async () => {
  const lag = watchLag()
  ;({ stop } = lag)
  await busy(400, 400, 400, 400)
  expect(lag.ms()).toBeGreaterThan(200)
})

test('GW-36: lag: one long task is not taken for a loop that stays behind, and what is over is forgotten', async () => {
  const lag = watchLag()
  ;({ stop } = lag)
  await busy(1500)
  expect(lag.ms()).toBeLessThan(700)
  await busy(400, 400, 400, 400)
  const behind = lag.ms()
  for (let i = 0; i < 100 && lag.ms() > behind / 2; i++) await new Promise((resolve) => setTimeout(resolve, 50))
  expect(lag.ms()).toBeLessThan(behind / 2)
})
