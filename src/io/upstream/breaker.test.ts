import { expect, test } from 'vitest'
import { Breaker, RetryBudget } from './breaker.ts'

test('GW-31: a breaker opens after failures in a row, lets one request try, and closes on its success', () => {
  let now = 0
  const breaker = new Breaker({ failures: 3, openMs: 1000 }, () => now)
  for (let i = 0; i < 2; i++) breaker.failed()
  breaker.succeeded()
  for (let i = 0; i < 3; i++) {
    expect(breaker.admits()).toBe(true)
    breaker.failed()
  }
  expect([breaker.state, breaker.admits()]).toEqual(['open', false])
  now = 1000
  expect([breaker.state, breaker.admits(), breaker.admits()]).toEqual(['half_open', true, false])
  breaker.failed()
  expect([breaker.state, breaker.admits()]).toEqual(['open', false])
  now = 2000
  expect(breaker.admits()).toBe(true)
  breaker.withdrawn()
  expect(breaker.admits()).toBe(true)
  breaker.succeeded()
  expect([breaker.state, breaker.admits(), breaker.admits()]).toEqual(['closed', true, true])
})

test('GW-32: retries are at most a tenth of requests once what was saved is spent', () => {
  const budget = new RetryBudget(0.1, 5)
  let retries = 0
  for (let i = 0; i < 1000; i++) {
    budget.request()
    if (budget.take()) retries++
  }
  expect(retries).toBeGreaterThanOrEqual(100)
  expect(retries).toBeLessThanOrEqual(105)
})
