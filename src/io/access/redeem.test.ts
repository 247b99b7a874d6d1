import { expect, test } from 'vitest'
import type { DecisionId } from '../../core/base/ids.ts'
import { createRedeem } from './redeem.ts'

const id = 'dec_1' as DecisionId

async function redeemed(first: () => Promise<boolean>) {
  const reports: unknown[] = []
  const report = (event: string, facts: object) => reports.push([event, facts])
  const effect = await createRedeem({ first, report, waitMs: 20 })(id)
  return [effect, ...reports]
}

test('GW-16: a credit token has the effect that the control side says', async () => {
  expect(await redeemed(async () => true)).toEqual([true])
  expect(await redeemed(async () => false)).toEqual([false])
})

test('GW-16: nobody waits for a control side that does not answer, and none is no effect', async () => {
  const notTold = (code: string) => [false, ['credit.not_told', { id, code }]]
  expect(await redeemed(() => new Promise(() => undefined))).toEqual(notTold('late'))
  expect(await redeemed(() => Promise.reject(Object.assign(new Error('down'), { code: 'down' })))).toEqual(
    notTold('down'),
  )
  expect(await redeemed(() => Promise.reject(new Error('?')))).toEqual(notTold('unknown'))
  // One that fails when nobody waits any more harms nobody.
  const later = new Promise<boolean>((_, reject) => setTimeout(reject, 30, new Error('?')))
  expect(await redeemed(() => later)).toEqual(notTold('late'))
  await new Promise((resolve) => setTimeout(resolve, 20))
})
