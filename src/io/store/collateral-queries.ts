import { type Kysely, PostgresAdapter, sql } from 'kysely'
import type { Receipt } from '../../core/policy/receipt.ts'
import type { CollateralStore, ReceiptKey, ReplayChunk, ReportRow } from '../../jobs/replay-ports.ts'
import type { Tables } from './schema.ts'

type Guarded = <T>(act: () => Promise<T>) => Promise<T>

/** Replay jobs, their chunks, and reports. Where many may write, a chunk is leased past those that others are taking. */
export function collateralQueries(db: Kysely<Tables>, guarded: Guarded): CollateralStore {
  const postgres = db.getExecutor().adapter instanceof PostgresAdapter
  return {
    chunkStarts: (sinceMs, untilMs, size) =>
      guarded(async () => {
        const numbered = db
          .selectFrom('decisions')
          .select(['at_ms', 'id', sql<number>`row_number() over (order by at_ms, id)`.as('place')])
          .where('at_ms', '>=', sinceMs)
          .where('at_ms', '<', untilMs)
        const [starts, all] = await Promise.all([
          db
            .selectFrom(numbered.as('numbered'))
            .select(['at_ms', 'id'])
            .where(sql<boolean>`(place - 1) % ${sql.lit(size)} = 0`)
            .orderBy('place')
            .execute(),
          db
            .selectFrom('decisions')
            .select(sql<number>`count(*)`.as('n'))
            .where('at_ms', '>=', sinceMs)
            .where('at_ms', '<', untilMs)
            .executeTakeFirstOrThrow(),
        ])
        const n = Number(all.n)
        return starts.map(({ at_ms, id }, i) => ({
          from: { atMs: Number(at_ms), id },
          requests: Math.max(0, Math.min(size, n - i * size)),
        }))
      }),
    receiptsBetween: (from, until, untilMs) =>
      guarded(async () => {
        let query = db
          .selectFrom('decisions')
          .select('receipt')
          .where(sql<boolean>`(at_ms, id) >= (${from.atMs}, ${from.id})`)
        query =
          until === null
            ? query.where('at_ms', '<', untilMs)
            : query.where(sql<boolean>`(at_ms, id) < (${until.atMs}, ${until.id})`)
        const rows = await query.orderBy('at_ms').orderBy('id').execute()
        return rows.map(({ receipt }) => JSON.parse(receipt) as Receipt)
      }),
    addReplay: (job, chunks) =>
      guarded(() =>
        db.transaction().execute(async (tx) => {
          const { id, createdAtMs, sinceMs, untilMs, spec } = job
          await tx
            .insertInto('replay_jobs')
            .values({ id, created_at_ms: createdAtMs, since_ms: sinceMs, until_ms: untilMs, spec })
            .execute()
          for (let i = 0; i < chunks.length; i += 500)
            await tx
              .insertInto('replay_chunks')
              .values(chunks.slice(i, i + 500).map(chunkRow))
              .execute()
        }),
      ),
    replayJob: (id) =>
      guarded(async () => {
        const row = await db.selectFrom('replay_jobs').selectAll().where('id', '=', id).executeTakeFirst()
        if (row === undefined) return null
        const [createdAtMs, sinceMs, untilMs] = [row.created_at_ms, row.since_ms, row.until_ms].map(Number)
        return { id: row.id, createdAtMs: createdAtMs!, sinceMs: sinceMs!, untilMs: untilMs!, spec: row.spec }
      }),
    forgetReplay: (id) =>
      guarded(() =>
        db.transaction().execute(async (tx) => {
          await tx.deleteFrom('replay_chunks').where('job', '=', id).execute()
          await tx.deleteFrom('replay_jobs').where('id', '=', id).execute()
        }),
      ),
    leaseChunk: (job, worker, nowMs, leaseMs) =>
      guarded(() =>
        db.transaction().execute(async (tx) => {
          let free = tx
            .selectFrom('replay_chunks')
            .select(['job', 'seq', 'from_ms', 'from_id', 'until_ms', 'until_id', 'requests'])
            .where('job', '=', job)
            .where('result', 'is', null)
            .where('leased_until_ms', '<=', nowMs)
            .orderBy('seq')
            .limit(1)
          // Whoever looks at the same time sees the next one, and does not wait. SQLite has one writer.
          if (postgres) free = free.forUpdate().skipLocked()
          const row = await free.executeTakeFirst()
          if (row === undefined) return null
          await tx
            .updateTable('replay_chunks')
            .set({ worker, leased_until_ms: nowMs + leaseMs })
            .where('job', '=', job)
            .where('seq', '=', row.seq)
            .execute()
          return {
            ...{ job, seq: row.seq, requests: row.requests },
            from: { atMs: Number(row.from_ms), id: row.from_id },
            until: row.until_id === null ? null : { atMs: Number(row.until_ms), id: row.until_id },
          }
        }),
      ),
    renewChunk: ({ job, seq }, worker, nowMs, leaseMs) =>
      guarded(async () => {
        const held = await db
          .updateTable('replay_chunks')
          .set({ leased_until_ms: nowMs + leaseMs })
          .where('job', '=', job)
          .where('seq', '=', seq)
          .where('worker', '=', worker)
          .where('result', 'is', null)
          .executeTakeFirst()
        return Number(held.numUpdatedRows) > 0
      }),
    finishChunk: ({ job, seq }, worker, result) =>
      guarded(async () => {
        const done = await db
          .updateTable('replay_chunks')
          .set({ result: Buffer.from(result) })
          .where('job', '=', job)
          .where('seq', '=', seq)
          .where('worker', '=', worker)
          .where('result', 'is', null)
          .executeTakeFirst()
        return Number(done.numUpdatedRows) > 0
      }),
    replayProgress: (job) =>
      guarded(async () => {
        const row = await db
          .selectFrom('replay_chunks')
          .select([
            sql<number>`count(*)`.as('chunks'),
            sql<number>`count(result)`.as('done'),
            sql<number>`coalesce(sum(requests), 0)`.as('requests'),
            sql<number>`coalesce(sum(case when result is not null then requests end), 0)`.as('requests_done'),
          ])
          .where('job', '=', job)
          .executeTakeFirstOrThrow()
        return {
          ...{ chunks: Number(row.chunks), chunksDone: Number(row.done) },
          ...{ requests: Number(row.requests), requestsDone: Number(row.requests_done) },
        }
      }),
    chunkResult: (job, seq) =>
      guarded(async () => {
        const row = await db
          .selectFrom('replay_chunks')
          .select('result')
          .where('job', '=', job)
          .where('seq', '=', seq)
          .executeTakeFirst()
        return row?.result == null ? null : new Uint8Array(row.result)
      }),
    dayCounts: (sinceMs, untilMs, by) =>
      guarded(async () => {
        const rows = await db
          .selectFrom('decisions')
          .select([
            sql<number>`(at_ms - at_ms % 86400000)`.as('start_ms'),
            sql<string>`${sql.ref(by)}`.as('name'),
            sql<number>`count(*)`.as('requests'),
            sql<number>`count(case when would = 'fall_back' then 1 end)`.as('diverted'),
            sql<number>`count(case when would in ('require_trust', 'refuse') then 1 end)`.as('refused'),
          ])
          .where('at_ms', '>=', sinceMs)
          .where('at_ms', '<', untilMs)
          .groupBy(['start_ms', 'name'])
          .orderBy('start_ms')
          .orderBy('name')
          .execute()
        return rows.map((row) => ({
          ...{ startMs: Number(row.start_ms), name: row.name, requests: Number(row.requests) },
          ...{ diverted: Number(row.diverted), refused: Number(row.refused) },
        }))
      }),
    addReport: ({ id, createdAtMs, before, after, outcome, requests }, report) =>
      guarded(
        async () =>
          void (await db
            .insertInto('collateral_reports')
            .values({
              ...{ id, created_at_ms: createdAtMs, before_label: before, after_label: after },
              ...{ outcome, requests, report },
            })
            .onConflict((conflict) => conflict.column('id').doNothing())
            .execute()),
      ),
    reports: (limit) =>
      guarded(async () => {
        const rows = await db
          .selectFrom('collateral_reports')
          .select(['id', 'created_at_ms', 'before_label', 'after_label', 'outcome', 'requests'])
          .orderBy('created_at_ms', 'desc')
          .orderBy('id', 'desc')
          .limit(limit)
          .execute()
        return rows.map((row) => ({
          ...{ id: row.id, createdAtMs: Number(row.created_at_ms), before: row.before_label, after: row.after_label },
          ...{ outcome: row.outcome as ReportRow['outcome'], requests: Number(row.requests) },
        }))
      }),
    report: (id) =>
      guarded(async () => {
        const row = await db.selectFrom('collateral_reports').select('report').where('id', '=', id).executeTakeFirst()
        return row?.report ?? null
      }),
  }
}

function chunkRow({ job, seq, from, until, requests }: ReplayChunk) {
  const end = (key: ReceiptKey | null) => ({ until_ms: key?.atMs ?? null, until_id: key?.id ?? null })
  return {
    ...{ job, seq, from_ms: from.atMs, from_id: from.id, ...end(until), requests },
    ...{ worker: null, leased_until_ms: 0, result: null },
  }
}
