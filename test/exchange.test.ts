import { afterEach, expect, test } from 'vitest'
import { allRecordViews } from '../src/cli/partner-feeds.ts'
import { aRecord, type Coalition, coalition } from './parts/feeds.ts'

let open: Coalition | null = null
afterEach(() => {
  open?.remove()
  open = null
})
const start = async (...names: readonly string[]) => {
  open = await coalition(...names)
  return open
}

test('exchange: what one publishes, the other has; and again nothing changes', async () => {
  const { members } = await start('partner-a', 'partner-b')
  const [a, b] = members as [(typeof members)[0], (typeof members)[0]]
  await a.publish('clear', aRecord(1), aRecord(2))
  await b.witness(a)
  const first = await b.sync(a)
  expect(
    first.levels.map(({ level, kind, reason, size, applied, fresh }) => [level, kind, reason, size, applied, fresh]),
  ).toEqual([
    ['clear', 'synced', null, 2, 2, true],
    ['green', 'synced', null, 0, 0, true],
    ['amber', 'synced', null, 0, 0, true],
    ['red', 'synced', null, 0, 0, true],
  ])
  const views = await allRecordViews(b.data)
  expect(views.map(({ publisher, record }) => [publisher, record.id])).toEqual([
    ['partner-a', 'JRX-2026-000001'],
    ['partner-a', 'JRX-2026-000002'],
  ])
  const again = await b.sync(a)
  expect([again.requests, ...again.levels.map(({ kind }) => kind)]).toEqual([4, ...Array(4).fill('unchanged')])
  expect(b.receipts.filter(({ level }) => level === 'clear').map(({ size, applied }) => [size, applied])).toEqual([
    [2, 2],
  ])
})
