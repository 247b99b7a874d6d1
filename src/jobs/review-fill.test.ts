import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { ReceiptFacts } from '../../test/fakes/a-receipt.ts'
import { spooled } from '../../test/fakes/store-contract.ts'
import { defaultPolicy } from '../core/policy/default-policy.ts'
import { openSqlite } from '../io/store/open-store.ts'
import type { Store } from './ports.ts'
import { fillReviewQueue } from './review-fill.ts'

const AT = 1_795_500_000_000
const T = { clear: 200_000, act: 600_000, actPlus: 950_000 }
const policy = defaultPolicy({ harmInput: T, attackInput: T, output: T, exchange: T })

let store: Store
let folder: string
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-fill-'))
  store = await openSqlite(join(folder, 'sluice.db'))
})
afterAll(async () => {
  await store.close()
  rmSync(folder, { recursive: true, force: true })
})

const fill = (most?: number) =>
  fillReviewQueue({ store, policyOf: () => policy, textOf: async () => null, seed: 1, nowMs: () => AT + 1000 }, most)
const add = (...facts: ReceiptFacts[]) => store.addReceipts(facts.map(spooled), { file: 'a', offset: 1 })
const sources = async () => Object.groupBy(await store.reviewItems({ state: 'open' }, 1000), ({ source }) => source)

test('filling: everything above allow, about one allowed request in 256, each once, however small the steps are', async () => {
  await add(
    ...Array.from({ length: 90 }, (_, n) => ({ n, atMs: AT + n, action: 'refuse' as const, category: 'bio' as const })),
    ...Array.from({ length: 40 }, (_, n) => ({
      n: 200 + n,
      atMs: AT + 3,
      action: 'flag' as const,
      category: 'cyber' as const,
    })),
    // The last two characters of these ids take every value, each as often.
    ...Array.from({ length: 2048 }, (_, n) => ({ n: 1000 + n, atMs: AT + 5 })),
  )
  for (let i = 0; i < 20; i++) await fill(7)
  const { acted, flagged, sample } = await sources()
  expect([acted?.length, flagged?.length, sample?.length]).toEqual([90, 40, 8])
  expect(acted!.every(({ needs, category }) => needs === 2 && category === 'bio')).toBe(true)
  await fill()
  expect(Object.values(await sources()).flat()).toHaveLength(138)
})

test('filling: a receipt that comes late is found; an appeal raises what is there already', async () => {
  await add({ n: 5000, atMs: AT - 60_000, action: 'refuse', category: 'cyber' })
  await fill()
  const late = (await store.reviewItems({ category: ['cyber'], source: ['acted'] }, 9))[0]!
  expect(late.atMs).toBe(AT - 60_000)
  const { receipt } = (await store.receipt(late.decision))!
  const nothing = { seq: 0, lock: null, verdict: null, fixedIn: null }
  await store.fileAppeal(
    {
      ...{ id: receipt.appeal, decision: receipt.id, org: receipt.org, principal: receipt.principal, state: 'open' },
      ...{ filedAtMs: AT, respondByMs: AT + 1, note: 'own work', ...nothing },
    },
    { appeals: 9, sinceMs: 0 },
  )
  await fill()
  expect(await store.reviewItem(late.id)).toMatchObject({ source: 'appealed' })
  expect((await store.reviewItem(late.id))!.priority).toBeGreaterThan(late.priority)
})
