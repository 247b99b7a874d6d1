import { type Kysely, sql } from 'kysely'
import { DEFAULT_KEY_SETTINGS, type KeySettings } from '../../core/trust/key-settings.ts'
import type { ActionBucket } from '../../jobs/listing-ports.ts'
import type { ModeRow, Store } from '../../jobs/ports.ts'
import type { SpooledReceipt } from '../../jobs/spool-ports.ts'
import { appealQueries } from './appeal-queries.ts'
import { addBatch, findBatch, findItems, listBatches } from './batch-rows.ts'
import { tellKey, tellMode } from './change-entries.ts'
import { collateralQueries } from './collateral-queries.ts'
import { decisionRow, filtered, makeCursor, parseCursor, segmentRow, storedReceipt } from './decision-rows.ts'
import { guardQueries } from './guard-queries.ts'
import { GUARD_KEY, GUARD_UPDATES, guardRows } from './guard-rows.ts'
import { guarded } from './guarded.ts'
import { claimKept, keptOf, keptRows } from './kept-rows.ts'
import { labelQueries } from './label-queries.ts'
import { recordQueries, recordReceipts } from './record-queries.ts'
import { registryQueries } from './registry-queries.ts'
import { releaseQueries } from './release-queries.ts'
import { reviewQueries } from './review-queries.ts'
import type { Tables } from './schema.ts'
import { SESSION_COUNTS } from './session-counts.ts'

/** Both databases bound a statement's parameters; a batch stays far below. */
const ROWS_PER_STATEMENT = 200

/** The store over any Kysely dialect. SQL that both databases speak. @throws {StoreError} the database does not answer. */
export function kyselyStore(db: Kysely<Tables>, close: () => Promise<void>): Store {
  return {
    addReceipts: (receipts, position) =>
      guarded(() =>
        db.transaction().execute(async (tx) => {
          const added = new Set<string>()
          for (let i = 0; i < receipts.length; i += ROWS_PER_STATEMENT) {
            const rows = receipts.slice(i, i + ROWS_PER_STATEMENT).map(decisionRow)
            const result = await tx
              .insertInto('decisions')
              .values(rows)
              .onConflict((conflict) => conflict.column('id').doNothing())
              .returning('id')
              .execute()
            for (const { id } of result) added.add(id)
          }
          await recordReceipts(
            tx,
            receipts.filter(({ head }) => added.has(head.id)),
          )
          await claimKept(tx, receipts.flatMap(keptRows))
          await addGuardUnits(tx, receipts)
          await movePosition(tx, position)
          return added.size
        }),
      ),
    addContents: (segments, position) =>
      guarded(() =>
        db.transaction().execute(async (tx) => {
          let added = 0
          for (let i = 0; i < segments.length; i += ROWS_PER_STATEMENT) {
            const rows = segments.slice(i, i + ROWS_PER_STATEMENT).map(segmentRow)
            const result = await tx
              .insertInto('content_segments')
              .values(rows)
              .onConflict((conflict) => conflict.column('id').doNothing())
              .executeTakeFirst()
            added += Number(result.numInsertedOrUpdatedRows ?? 0)
          }
          await movePosition(tx, position)
          return added
        }),
      ),
    positions: () =>
      guarded(async () => {
        const rows = await db.selectFrom('spool_positions').select(['file', 'at_byte']).execute()
        return rows.map(({ file, at_byte }) => ({ file, offset: Number(at_byte) }))
      }),
    forgetPosition: (file) =>
      guarded(async () => void (await db.deleteFrom('spool_positions').where('file', '=', file).execute())),
    receipt: (id) =>
      guarded(async () => {
        const row = await db
          .selectFrom('decisions')
          .select(['receipt', 'receipt_hash'])
          .where('id', '=', id)
          .executeTakeFirst()
        return row === undefined ? null : storedReceipt(row)
      }),
    decisions: (filter, limit, cursor) =>
      guarded(async () => {
        let query = filtered(db.selectFrom('decisions').select(['receipt', 'receipt_hash', 'at_ms', 'id']), filter)
        if (cursor !== null) {
          const { atMs, id } = parseCursor(cursor)
          query = query.where((where) =>
            where.or([where('at_ms', '<', atMs), where.and([where('at_ms', '=', atMs), where('id', '<', id)])]),
          )
        }
        const rows = await query
          .orderBy('at_ms', 'desc')
          .orderBy('id', 'desc')
          .limit(limit + 1)
          .execute()
        const last = rows.length > limit ? rows[limit - 1]! : null
        return {
          items: rows.slice(0, limit).map(storedReceipt),
          next: last === null ? null : makeCursor(Number(last.at_ms), last.id),
        }
      }),
    count: (filter) =>
      guarded(async () => {
        const query = filtered(db.selectFrom('decisions').select(sql<number>`count(*)`.as('n')), filter)
        return Number((await query.executeTakeFirstOrThrow()).n)
      }),
    actions: (sinceMs, untilMs, bucketMs) =>
      guarded(async () => {
        const bucket = sql<number>`(at_ms - at_ms % ${sql.lit(bucketMs)})`
        const rows = await db
          .selectFrom('decisions')
          .select([bucket.as('start_ms'), 'action', 'would', 'category', sql<number>`count(*)`.as('n')])
          .where('at_ms', '>=', sinceMs)
          .where('at_ms', '<', untilMs)
          .groupBy(['start_ms', 'action', 'would', 'category'])
          .execute()
        return rows.map((row) => ({
          startMs: Number(row.start_ms),
          action: row.action as ActionBucket['action'],
          would: row.would as ActionBucket['would'],
          category: row.category,
          requests: Number(row.n),
        }))
      }),
    sessions: (sinceMs, untilMs) =>
      guarded(async () => {
        const row = await db
          .selectFrom('decisions')
          .select([sql<number>`count(*)`.as('requests'), ...SESSION_COUNTS])
          .where('at_ms', '>=', sinceMs)
          .where('at_ms', '<', untilMs)
          .executeTakeFirstOrThrow()
        return { requests: Number(row.requests), sessions: Number(row.sessions), touched: Number(row.touched) }
      }),
    sessionsBy: (sinceMs, untilMs, by) =>
      guarded(async () => {
        const rows = await db
          .selectFrom('decisions')
          .select([sql<string>`${sql.ref(by)}`.as('name'), ...SESSION_COUNTS])
          .where('at_ms', '>=', sinceMs)
          .where('at_ms', '<', untilMs)
          .groupBy('name')
          .execute()
        return rows.map(({ name, sessions, touched }) => ({
          ...{ name, sessions: Number(sessions), touched: Number(touched) },
        }))
      }),
    overheads: (sinceMs, untilMs) =>
      guarded(async () => {
        const rows = await db
          .selectFrom('decisions')
          .select(['overhead_bin', sql<number>`count(*)`.as('n')])
          .where('at_ms', '>=', sinceMs)
          .where('at_ms', '<', untilMs)
          .groupBy('overhead_bin')
          .execute()
        return rows.map(({ overhead_bin, n }) => ({ bin: Number(overhead_bin), requests: Number(n) }))
      }),
    contentsAt: (subject, atMs) =>
      guarded(async () => {
        const rows = await db
          .selectFrom('content_segments')
          .selectAll()
          .where('subject', '=', subject)
          .where('to_ms', '>=', atMs)
          .where('from_ms', '<=', atMs)
          .orderBy('to_ms')
          .limit(20)
          .execute()
        return rows.map((row) => ({
          id: row.id,
          subject: row.subject,
          fromMs: Number(row.from_ms),
          toMs: Number(row.to_ms),
          expiresAtMs: Number(row.expires_at_ms),
          blob: new Uint8Array(row.blob),
        }))
      }),
    expireContents: (nowMs) =>
      guarded(async () =>
        Number(
          (await db.deleteFrom('content_segments').where('expires_at_ms', '<=', nowMs).executeTakeFirst())
            .numDeletedRows,
        ),
      ),
    dataKey: (subject, make) =>
      guarded(async () => {
        const find = () =>
          db.selectFrom('data_keys').select('wrapped').where('subject', '=', subject).executeTakeFirst()
        const known = await find()
        if (known !== undefined) return new Uint8Array(known.wrapped)
        // Of two who make one at once, the first insert stands, and both read that.
        await db
          .insertInto('data_keys')
          .values({ subject, wrapped: Buffer.from(make()) })
          .onConflict((conflict) => conflict.column('subject').doNothing())
          .execute()
        return new Uint8Array((await find())!.wrapped)
      }),
    ...appealQueries(db, guarded),
    ...reviewQueries(db, guarded),
    keys: () =>
      guarded(async () => {
        const rows = await db.selectFrom('api_keys').selectAll().orderBy('created_at_ms').orderBy('id').execute()
        return rows.map((row) => ({
          id: row.id,
          name: row.name,
          org: row.org,
          hash: row.hash,
          settings: { ...DEFAULT_KEY_SETTINGS, ...(JSON.parse(row.settings) as Partial<KeySettings>) },
          createdAtMs: Number(row.created_at_ms),
          revokedAtMs: row.revoked_at_ms === null ? null : Number(row.revoked_at_ms),
        }))
      }),
    addKey: ({ id, name, org, hash, settings, createdAtMs, revokedAtMs }) =>
      guarded(async () => {
        const row = { id, name, org, hash, settings: JSON.stringify(settings) }
        await db.transaction().execute(async (tx) => {
          await tx
            .insertInto('api_keys')
            .values({ ...row, created_at_ms: createdAtMs, revoked_at_ms: revokedAtMs })
            .execute()
          await tellKey(tx, { id }, 'made')
        })
      }),
    revokeKey: (id, atMs) =>
      guarded(() =>
        db.transaction().execute(async (tx) => {
          const revoked = await tx
            .updateTable('api_keys')
            .set({ revoked_at_ms: atMs })
            .where('id', '=', id)
            .where('revoked_at_ms', 'is', null)
            .executeTakeFirst()
          if (Number(revoked.numUpdatedRows) === 0) return false
          await tellKey(tx, { id }, 'revoked')
          return true
        }),
      ),
    claimKept: (org, ids, atMs) =>
      guarded(() =>
        claimKept(
          db,
          ids.map((id) => ({ id, org, at_ms: atMs })),
        ),
      ),
    keptOf: (org, ids) => guarded(() => keptOf(db, org, ids)),
    addBatch: (record, items) => guarded(() => addBatch(db, record, items)),
    batch: (id) => guarded(() => findBatch(db, id)),
    batchItems: (id) => guarded(() => findItems(db, id)),
    batches: (listing) => guarded(() => listBatches(db, listing)),
    forgetBatch: (id) => guarded(async () => void (await db.deleteFrom('batches').where('id', '=', id).execute())),
    expireBatches: (nowMs) =>
      guarded(async () =>
        Number((await db.deleteFrom('batches').where('expires_at_ms', '<=', nowMs).executeTakeFirst()).numDeletedRows),
      ),
    mode: () =>
      guarded(async () => {
        const row = await db.selectFrom('mode_changes').selectAll().orderBy('seq', 'desc').limit(1).executeTakeFirst()
        if (row === undefined) return null
        return {
          mode: row.mode as ModeRow['mode'],
          sinceMs: Number(row.since_ms),
          by: row.changed_by,
          reason: row.reason,
        }
      }),
    setMode: (row) =>
      guarded(() =>
        db.transaction().execute(async (tx) => {
          const { mode, sinceMs, by, reason } = row
          const before = await tx.selectFrom('mode_changes').select('mode').orderBy('seq', 'desc').executeTakeFirst()
          await tx.insertInto('mode_changes').values({ mode, since_ms: sinceMs, changed_by: by, reason }).execute()
          await tellMode(tx, row, before?.mode ?? null)
        }),
      ),
    ...releaseQueries(db),
    ...collateralQueries(db, guarded),
    ...recordQueries(db),
    ...registryQueries(db),
    ...guardQueries(db),
    ...labelQueries(db),
    close,
  }
}

async function addGuardUnits(tx: Kysely<Tables>, receipts: readonly SpooledReceipt[]): Promise<void> {
  const rows = guardRows(receipts)
  const updates = Object.entries(GUARD_UPDATES).map(([column, value]) => [column, sql.raw(value)])
  for (let i = 0; i < rows.length; i += ROWS_PER_STATEMENT)
    await tx
      .insertInto('guard_units')
      .values(rows.slice(i, i + ROWS_PER_STATEMENT))
      .onConflict((conflict) => conflict.columns([...GUARD_KEY]).doUpdateSet(Object.fromEntries(updates)))
      .execute()
}

async function movePosition(tx: Kysely<Tables>, { file, offset }: { file: string; offset: number }): Promise<void> {
  await tx
    .insertInto('spool_positions')
    .values({ file, at_byte: offset })
    .onConflict((conflict) => conflict.column('file').doUpdateSet({ at_byte: offset }))
    .execute()
}
