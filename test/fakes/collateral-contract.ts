import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Store } from '../../src/jobs/ports.ts'
import type { ReplayChunk } from '../../src/jobs/replay-ports.ts'
import { aReceipt } from './a-receipt.ts'
import { spooled } from './store-contract.ts'

const AT = 1_795_500_000_000

/** What every store must do for replay and reports, whatever is below it. */
export function collateralContract(
  name: string,
  open: () => Promise<{ store: Store; remove: () => Promise<void> }>,
): void {
  describe(`replay and reports on ${name}`, () => {
    let store: Store
    let remove: () => Promise<void>
    beforeAll(async () => {
      ;({ store, remove } = await open())
    })
    afterAll(async () => {
      await store?.close()
      await remove?.()
    })

    const chunks = (job: string, n: number): ReplayChunk[] =>
      Array.from({ length: n }, (_, seq) => ({
        ...{ job, seq, requests: 10 + seq },
        from: { atMs: AT + seq, id: `dec_${seq}` },
        until: seq === n - 1 ? null : { atMs: AT + seq + 1, id: `dec_${seq + 1}` },
      }))
    const addJob = (id: string, n: number) =>
      store.addReplay({ id, createdAtMs: AT, sinceMs: AT, untilMs: AT + 10, spec: '{"x":1}' }, chunks(id, n))

    test('chunks hold every receipt of the window once, in order, also where times are equal', async () => {
      const rows = Array.from({ length: 25 }, (_, i) => spooled({ n: i, atMs: AT + Math.floor(i / 10) }))
      await store.addReceipts([...rows, spooled({ n: 99, atMs: AT + 5 })], { file: 'a', offset: 1 })
      const starts = await store.chunkStarts(AT, AT + 5, 7)
      expect(starts.map(({ requests }) => requests)).toEqual([7, 7, 7, 4])
      const seen: string[] = []
      for (const [i, { from, requests }] of starts.entries()) {
        const receipts = await store.receiptsBetween(from, starts[i + 1]?.from ?? null, AT + 5)
        expect(receipts).toHaveLength(requests)
        seen.push(...receipts.map(({ id }) => id))
      }
      expect(seen).toEqual(rows.map(({ head }) => head.id).sort())
      const first = await store.receiptsBetween(starts[0]!.from, starts[1]!.from, AT + 5)
      expect(first[0]).toEqual(aReceipt({ n: 0, atMs: AT }))
      expect(await store.chunkStarts(AT - 10, AT, 7)).toEqual([])
    })

    test('of many who want a chunk at once, no two get one, and all chunks go', async () => {
      await addJob('many', 20)
      const leased = await Promise.all(
        Array.from({ length: 30 }, (_, i) => store.leaseChunk('many', `w${i}`, AT, 1000)),
      )
      const seqs = leased.flatMap((chunk) => (chunk === null ? [] : [chunk.seq]))
      expect(new Set(seqs).size).toBe(seqs.length)
      // Who looked while another was writing may have come away with nothing: it asks again.
      for (let more = await store.leaseChunk('many', 'late', AT, 1000); more !== null; ) {
        seqs.push(more.seq)
        more = await store.leaseChunk('many', 'late', AT, 1000)
      }
      expect([...seqs].sort((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, i) => i))
    })

    test('a lease passes on when its time is over, and then its result is not taken', async () => {
      await addJob('lease', 2)
      const chunk = (await store.leaseChunk('lease', 'slow', AT, 1000))!
      expect(chunk).toEqual(chunks('lease', 2)[0])
      expect((await store.leaseChunk('lease', 'other', AT + 999, 1000))?.seq).toBe(1)
      expect(await store.leaseChunk('lease', 'other', AT + 999, 1000)).toBeNull()
      expect((await store.leaseChunk('lease', 'quick', AT + 1000, 4000))?.seq).toBe(0)
      expect(await store.renewChunk(chunk, 'slow', AT + 1000, 9000)).toBe(false)
      expect(await store.renewChunk(chunk, 'quick', AT + 1000, 5000)).toBe(true)
      expect((await store.leaseChunk('lease', 'late', AT + 5999, 1))?.seq).toBe(1)
      expect(await store.finishChunk(chunk, 'slow', new Uint8Array([1]))).toBe(false)
      expect(await store.finishChunk(chunk, 'quick', new Uint8Array([2, 0, 255]))).toBe(true)
      expect(await store.finishChunk(chunk, 'quick', new Uint8Array([3]))).toBe(false)
      expect(await store.renewChunk(chunk, 'quick', AT + 1000, 5000)).toBe(false)
      expect(await store.chunkResult('lease', 0)).toEqual(new Uint8Array([2, 0, 255]))
      expect(await store.chunkResult('lease', 1)).toBeNull()
      expect(await store.replayProgress('lease')).toEqual({
        ...{ chunks: 2, chunksDone: 1, requests: 21, requestsDone: 10 },
      })
      expect(await store.leaseChunk('lease', 'quick', AT + 9000, 1000)).toMatchObject({ seq: 1 })
    })

    test('a job is found again, and gone with its chunks when it is forgotten', async () => {
      await addJob('kept', 1)
      expect(await store.replayJob('kept')).toMatchObject({ id: 'kept', sinceMs: AT, spec: '{"x":1}' })
      await store.forgetReplay('kept')
      expect(await store.replayJob('kept')).toBeNull()
      expect(await store.leaseChunk('kept', 'w', AT, 1)).toBeNull()
      expect((await store.replayProgress('kept')).chunks).toBe(0)
    })

    test('days count what enforce would do; a session counts once, and a request without one is one of its own', async () => {
      const day = 86_400_000 * 21_000
      await store.addReceipts(
        [
          spooled({ n: 700, atMs: day + 1, session: 'a' }),
          spooled({ n: 701, atMs: day + 2, session: 'a', action: 'flag', would: 'refuse' }),
          spooled({ n: 702, atMs: day + 3, action: 'fall_back' }),
          spooled({ n: 703, atMs: day + 4 }),
          spooled({ n: 704, atMs: day + 86_400_000, session: 'a', action: 'require_trust' }),
        ],
        { file: 'a', offset: 2 },
      )
      const first = {
        startMs: day,
        name: 'default',
        requests: 4,
        diverted: 1,
        refused: 1,
      }
      const next = { startMs: day + 86_400_000, name: 'default', requests: 1, diverted: 0, refused: 1 }
      expect(await store.dayCounts(day, day + 2 * 86_400_000, 'org')).toEqual([first, next])
      expect(await store.dayCounts(day, day + 86_400_000, 'surface')).toEqual([{ ...first, name: 'messages' }])
      // One session of two days, and two requests without: what Home says, too.
      const counted = { sessions: 3, touched: 2 }
      expect(await store.sessions(day, day + 2 * 86_400_000)).toEqual({ requests: 5, ...counted })
      expect(await store.sessionsBy(day, day + 2 * 86_400_000, 'org')).toEqual([{ name: 'default', ...counted }])
    })

    test('reports are listed newest first, and the first of an id stays', async () => {
      const row = (n: number) => ({
        ...{ id: `col_${n}`, createdAtMs: AT + n, before: 'base-1', after: `base-${n}`, requests: n },
        outcome: 'INCONCLUSIVE' as const,
      })
      await store.addReport(row(1), '{"v":1}')
      await store.addReport(row(2), '{"v":2}')
      await store.addReport(row(1), '{"v":3}')
      expect(await store.reports(10)).toEqual([row(2), row(1)])
      expect(await store.reports(1)).toEqual([row(2)])
      expect(await store.report('col_1')).toBe('{"v":1}')
      expect(await store.report('col_9')).toBeNull()
    })
  })
}
