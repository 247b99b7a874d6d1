import { hash, randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { OrgId, PrincipalId } from '../../src/core/base/ids.ts'
import type { BatchListing, BatchRecord } from '../../src/core/protocols/batch-record.ts'
import type { Store } from '../../src/jobs/ports.ts'
import type { AppealRow } from '../../src/jobs/review-ports.ts'
import type { SpooledReceipt, StoredReceipt } from '../../src/jobs/spool-ports.ts'
import { aReceipt, type ReceiptFacts } from './a-receipt.ts'

const AT = 1_795_500_000_000
const ANY = { appeals: 1000, sinceMs: 0 }

export function spooled(facts: ReceiptFacts = {}): SpooledReceipt {
  const head = aReceipt(facts)
  const line = JSON.stringify(head)
  return { head, line, hash: hash('sha256', line), segment: 'other' }
}

/** As it is found again. */
export function stored(facts: ReceiptFacts = {}): StoredReceipt {
  const { line, hash } = spooled(facts)
  return { receipt: aReceipt(facts), line, hash }
}

/** What every store must do, whatever is below it. One suite, run on each. */
export function storeContract(name: string, open: () => Promise<{ store: Store; remove: () => Promise<void> }>): void {
  describe(`store on ${name}`, () => {
    let store: Store
    let remove: () => Promise<void>
    beforeAll(async () => {
      ;({ store, remove } = await open())
    })
    afterAll(async () => {
      await store?.close()
      await remove?.()
    })

    test('receipts are added once, however often and from whichever file they come', async () => {
      const rows = [spooled({ n: 1 }), spooled({ n: 2 })]
      expect(await store.addReceipts(rows, { file: 'a', offset: 10 })).toBe(2)
      expect(await store.addReceipts(rows, { file: 'b', offset: 20 })).toBe(0)
      expect(await store.count({})).toBe(2)
      expect(await store.receipt(rows[0]!.head.id)).toEqual(stored({ n: 1 }))
    })

    test('positions move with the rows they stand behind, and can be forgotten', async () => {
      await store.addReceipts([], { file: 'a', offset: 30 })
      expect(await store.positions()).toEqual(
        expect.arrayContaining([
          { file: 'a', offset: 30 },
          { file: 'b', offset: 20 },
        ]),
      )
      await store.forgetPosition('b')
      expect((await store.positions()).map(({ file }) => file)).not.toContain('b')
    })

    test('GW-23: what an upstream keeps is found by the organisation that was given it first, and by no other', async () => {
      const [acme, other] = ['acme', 'other'] as OrgId[]
      const rows = [
        spooled({ n: 11, org: 'acme', gave: ['resp_1', 'rs_1'] }),
        spooled({ n: 12, org: 'other', gave: ['resp_2', 'resp_1'] }),
      ]
      const told = ['conv_1', ...Array.from({ length: 1_200 }, (_, i) => `file-${i}`)]
      for (let again = 0; again < 2; again++) {
        await store.addReceipts(rows, { file: 'kept', offset: 50 })
        await store.claimKept(acme!, told, AT)
        await store.claimKept(other!, ['resp_1', 'conv_1'], AT)
        await store.claimKept(other!, [], AT)
      }
      const all = ['resp_1', 'rs_1', 'resp_2', ...told, 'resp_none', 'with \0', 'long'.repeat(100)]
      expect(new Set(await store.keptOf(acme!, all))).toEqual(new Set(['resp_1', 'rs_1', ...told]))
      expect(await store.keptOf(other!, all)).toEqual(['resp_2'])
      expect(await store.keptOf(other!, [])).toEqual([])
      await store.forgetPosition('kept')
    })

    test('pages are newest first, also where times are equal, and no row is lost or doubled between them', async () => {
      const rows = Array.from({ length: 25 }, (_, i) => spooled({ n: 100 + i, atMs: AT + 1000 + Math.floor(i / 10) }))
      await store.addReceipts(rows, { file: 'a', offset: 40 })
      const seen: string[] = []
      let cursor: string | null = null
      do {
        const page = await store.decisions({ sinceMs: AT + 1000, untilMs: AT + 2000 }, 7, cursor)
        seen.push(...page.items.map(({ receipt }) => receipt.id))
        cursor = page.next
      } while (cursor !== null)
      expect(seen).toEqual(
        rows
          .map(({ head }) => head.id)
          .sort()
          .reverse(),
      )
      await expect(store.decisions({}, 7, 'bm90IG9uZQ')).rejects.toMatchObject({ code: 'cursor_invalid' })
    })

    test('filters narrow, lists mean any of, and an empty list matches nothing', async () => {
      const at = AT + 10_000
      await store.addReceipts(
        [
          spooled({ n: 200, atMs: at, action: 'refuse', category: 'bio', model: 'big_one' }),
          spooled({ n: 201, atMs: at, action: 'flag', would: 'refuse', category: 'cyber', model: 'bigXone' }),
          spooled({ n: 202, atMs: at, action: 'fall_back', category: 'cyber', model: 'small' }),
        ],
        { file: 'a', offset: 50 },
      )
      const within = { sinceMs: at, untilMs: at + 1 }
      expect(await store.count({ ...within, action: ['refuse', 'flag'] })).toBe(2)
      expect(await store.count({ ...within, would: ['refuse'] })).toBe(2)
      expect(await store.count({ ...within, category: ['cyber'] })).toBe(2)
      expect(await store.count({ ...within, model: ['small', 'Xone'] })).toBe(2)
      expect(await store.count({ ...within, action: [] })).toBe(0)
      expect(await store.count({ ...within, surface: ['chat'] })).toBe(0)
      expect(await store.count({ ...within, org: 'default' })).toBe(3)
      expect(await store.count({ text: stored({ n: 202, atMs: at }).receipt.id.slice(0, 30) })).toBe(1)
      expect(await store.count({ ...within, text: "' or 1=1 --" })).toBe(0)
    })

    test('counts are numbers: buckets, sessions, overhead bins', async () => {
      const at = 1_795_600_000_000
      await store.addReceipts(
        [
          spooled({ n: 300, atMs: at, session: 's1', overheadUs: 1 }),
          spooled({ n: 301, atMs: at + 1, session: 's1', action: 'refuse', category: 'bio', overheadUs: 1024 }),
          spooled({ n: 302, atMs: at + 60_000, session: 's2', overheadUs: 1500 }),
        ],
        { file: 'a', offset: 60 },
      )
      const buckets = await store.actions(at, at + 120_000, 60_000)
      expect(buckets).toHaveLength(3)
      expect(buckets.find(({ action }) => action === 'refuse')).toEqual({
        startMs: at - (at % 60_000),
        action: 'refuse',
        would: 'refuse',
        category: 'bio',
        requests: 1,
      })
      expect(await store.sessions(at, at + 120_000)).toEqual({ requests: 3, sessions: 2, touched: 1 })
      expect([...(await store.overheads(at, at + 120_000))].sort((a, b) => a.bin - b.bin)).toEqual([
        { bin: 0, requests: 1 },
        { bin: 20, requests: 1 },
        { bin: 21, requests: 1 },
      ])
    })

    test('content segments come back byte for byte, and are gone when they expire', async () => {
      const blob = new Uint8Array(randomBytes(5000))
      const segment = { id: 'seg_1', subject: 'default', fromMs: AT, toMs: AT + 50, expiresAtMs: AT + 1000, blob }
      expect(await store.addContents([segment], { file: 'c', offset: 5 })).toBe(1)
      expect(await store.addContents([segment], { file: 'c', offset: 5 })).toBe(0)
      expect(await store.contentsAt('default', AT + 50)).toEqual([segment])
      expect(await store.contentsAt('default', AT + 51)).toEqual([])
      expect(await store.contentsAt('other', AT)).toEqual([])
      expect(await store.expireContents(AT + 999)).toBe(0)
      expect(await store.expireContents(AT + 1000)).toBe(1)
      expect(await store.contentsAt('default', AT)).toEqual([])
    })

    test('of many who make a data key at once, all get the same', async () => {
      const keys = await Promise.all(Array.from({ length: 10 }, () => store.dataKey('org-1', () => randomBytes(60))))
      expect(new Set(keys.map((key) => Buffer.from(key).toString('hex'))).size).toBe(1)
      expect(await store.dataKey('org-1', () => randomBytes(60))).toEqual(keys[0])
    })

    test('a decision has one appeal, and its place in the queue counts those filed before', async () => {
      const appeal = (n: number): AppealRow => {
        const { id, appeal: appealId } = stored({ n: 400 + n }).receipt
        return {
          id: appealId,
          decision: id,
          org: 'default' as OrgId,
          principal: 'pri_test' as PrincipalId,
          state: 'open',
          ...{ seq: 0, lock: null, verdict: null, fixedIn: null },
          filedAtMs: AT + n,
          respondByMs: AT + n + 1,
          note: `note ${n}`,
        }
      }
      expect(await store.fileAppeal(appeal(1), ANY)).toEqual({ filed: true, appeal: appeal(1), before: 0 })
      expect(await store.fileAppeal(appeal(2), ANY)).toMatchObject({ filed: true, before: 1 })
      expect(await store.fileAppeal({ ...appeal(1), note: 'again' }, ANY)).toMatchObject({
        filed: false,
        appeal: appeal(1),
        before: 0,
      })
      expect(await store.appeal(appeal(2).decision)).toEqual(appeal(2))
      expect(await store.appeal(stored({ n: 499 }).receipt.id)).toBeNull()
    })

    test('a batch belongs to who made it; pages go both ways; what has expired is gone', async () => {
      const batch = (n: number, more: Partial<BatchRecord> = {}): BatchRecord => ({
        ...{ id: `msgbatch_${n}`, org: 'acme' as OrgId, principal: 'pri_1' as PrincipalId, upstream: true },
        ...{ createdAtMs: AT + Math.floor(n / 2), expiresAtMs: AT + 1000 + n, ownSucceeded: n, ownErrored: 1 },
        ...more,
      })
      const items = new Uint8Array(randomBytes(3000))
      const all = [0, 1, 2, 3, 4].map((n) => batch(n, { upstream: n !== 3 }))
      for (const one of all) await store.addBatch(one, items)
      await store.addBatch(batch(2, { org: 'other' as OrgId }), new Uint8Array(1))
      expect(await store.batch('msgbatch_2')).toEqual(all[2])
      expect(await store.batchItems('msgbatch_2')).toEqual(items)
      expect([await store.batch('msgbatch_9'), await store.batchItems('msgbatch_9')]).toEqual([null, null])
      const list = async (more: Partial<BatchListing> = {}) =>
        (
          await store.batches({ org: 'acme' as OrgId, ownOf: null, limit: 2, afterId: null, beforeId: null, ...more })
        ).map(({ id }) => Number(id.slice(9)))
      expect(await list()).toEqual([4, 3])
      expect(await list({ afterId: 'msgbatch_3' })).toEqual([2, 1])
      expect(await list({ beforeId: 'msgbatch_0' })).toEqual([2, 1])
      expect(await list({ limit: 9, ownOf: 'pri_1' as PrincipalId })).toEqual([3])
      expect(await list({ limit: 9, ownOf: 'pri_2' as PrincipalId })).toEqual([])
      expect(await list({ org: 'other' as OrgId })).toEqual([])
      // A foreign cursor says nothing, not even when its batch was made.
      await store.addBatch(batch(7, { org: 'other' as OrgId, createdAtMs: AT - 10 }), items)
      expect(await list({ org: 'other' as OrgId })).toEqual([7])
      expect(await list({ org: 'other' as OrgId, afterId: 'msgbatch_3' })).toEqual([])
      await store.forgetBatch('msgbatch_4')
      expect(await store.expireBatches(AT + 1001)).toBe(2)
      expect(await list({ limit: 9 })).toEqual([3, 2])
    })

    test('the last mode counts, and earlier ones stay', async () => {
      expect(await store.mode()).toBeNull()
      await store.setMode({ mode: 'enforce', sinceMs: AT, by: 'console', reason: 'ready' })
      await store.setMode({ mode: 'off', sinceMs: AT + 1, by: 'cli', reason: 'incident' })
      expect(await store.mode()).toEqual({ mode: 'off', sinceMs: AT + 1, by: 'cli', reason: 'incident' })
    })

    test('ten thousand rows in batches', async () => {
      const at = 1_796_000_000_000
      for (let batch = 0; batch < 20; batch++) {
        const rows = Array.from({ length: 500 }, (_, i) => spooled({ n: batch * 500 + i, atMs: at + batch }))
        expect(await store.addReceipts(rows, { file: 'bulk', offset: batch })).toBe(500)
      }
      expect(await store.count({ sinceMs: at })).toBe(10_000)
    })
  })
}
