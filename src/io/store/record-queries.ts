import { type Kysely, sql } from 'kysely'
import type { EntryDraft, EntryName } from '../../core/record/draft.ts'
import type { EntryKind } from '../../core/record/entry-kinds.ts'
import { tileBytes } from '../../core/record/grow.ts'
import { HASH_BYTES } from '../../core/record/tree.ts'
import type { RecordStore, SealedBatch, SealedSalt } from '../../jobs/record-ports.ts'
import type { SpooledReceipt } from '../../jobs/spool-ports.ts'
import { guarded } from './guarded.ts'
import { closeRollup, openRollups, summed, sumReceipts } from './rollup-rows.ts'
import type { Tables } from './schema.ts'

/** Both databases bound a statement's parameters. */
const ROWS_PER_STATEMENT = 200
/** The one row of `record_log`. */
const ONE = 1
const FIRST = 'first'

/** The record: drafts, the sealed log, rollups, and what a witness remembers. SQL that both databases speak. */
export function recordQueries(db: Kysely<Tables>): RecordStore {
  return {
    addDrafts: (drafts, salts = []) =>
      guarded(() =>
        db.transaction().execute(async (tx) => {
          await addDrafts(tx, drafts)
          await addSalts(tx, salts)
        }),
      ),
    drafts: (limit) =>
      guarded(async () => {
        const rows = await db.selectFrom('record_drafts').selectAll().orderBy('seq').limit(limit).execute()
        return rows.map(({ seq, body }) => ({ seq: Number(seq), draft: JSON.parse(body) as EntryDraft }))
      }),
    lockRecord: (holder, nowMs, untilMs) =>
      guarded(async () => {
        const row = await db
          .updateTable('record_log')
          .set({
            holder,
            until_ms: untilMs,
            token: sql<number>`case when holder = ${holder} then token else token + 1 end`,
          })
          .where('id', '=', ONE)
          .where((where) => where.or([where('holder', '=', holder), where('until_ms', '<=', nowMs)]))
          .returning('token')
          .executeTakeFirst()
        return row === undefined ? null : Number(row.token)
      }),
    logHead: () =>
      guarded(async () => {
        const row = await db.selectFrom('record_log').selectAll().where('id', '=', ONE).executeTakeFirst()
        if (row === undefined || row.checkpoint === '') return null
        return { size: Number(row.size), checkpoint: row.checkpoint, atMs: Number(row.at_ms) }
      }),
    sealBatch: (batch) => sealBatch(db, batch),
    replaceCheckpoint: (size, checkpoint) =>
      guarded(() =>
        db.transaction().execute(async (tx) => {
          for (const table of ['record_checkpoints', 'record_log'] as const)
            await tx.updateTable(table).set({ checkpoint }).where('size', '=', size).execute()
          const head = await tx.selectFrom('record_log').select('size').where('id', '=', ONE).executeTakeFirst()
          return Number(head?.size) === size
        }),
      ),
    keptCheckpoints: () =>
      guarded(async () => {
        const rows = await db.selectFrom('record_checkpoints').selectAll().orderBy('size').execute()
        return rows.map(({ day, size, checkpoint }) => ({ day, size: Number(size), checkpoint }))
      }),
    entryBytes: (from, to) =>
      guarded(async () => {
        const rows = await db
          .selectFrom('record_entries')
          .select('body')
          .where('idx', '>=', from)
          .where('idx', '<', to)
          .orderBy('idx')
          .execute()
        return rows.map(({ body }) => new Uint8Array(body))
      }),
    hashTile: (level, n, width) =>
      guarded(async () => {
        const row = await db
          .selectFrom('record_tiles')
          .select('hashes')
          .where('level', '=', level)
          .where('n', '=', n)
          .executeTakeFirst()
        if (row === undefined || row.hashes.length < width * HASH_BYTES) return null
        return new Uint8Array(row.hashes).slice(0, width * HASH_BYTES)
      }),
    entryOf: (name) => guarded(() => entryOf(db, name)),
    recentEntries: (limit, before) =>
      guarded(async () => {
        let query = db.selectFrom('record_entries').select(['idx', 'body']).orderBy('idx', 'desc').limit(limit)
        if (before !== null) query = query.where('idx', '<', before)
        return (await query.execute()).map(({ idx, body }) => ({ index: Number(idx), bytes: new Uint8Array(body) }))
      }),
    openRollups: (beforeMs) => guarded(() => openRollups(db, beforeMs)),
    rollupLeaves: (rollup) =>
      guarded(async () => {
        const query = db.selectFrom('record_leaves').select('hash').where('rollup', '=', rollup).orderBy('position')
        return (await query.execute()).map(({ hash }) => hash)
      }),
    closeRollup: (rollup, draft) =>
      guarded(() =>
        db.transaction().execute(async (tx) => {
          if (!(await closeRollup(tx, rollup))) return false
          await addDrafts(tx, [draft])
          return true
        }),
      ),
    rollup: (id) =>
      guarded(async () => {
        const query = db.selectFrom('record_rollups').select(['segment', 'minute_ms']).where('id', '=', id)
        const row = await query.executeTakeFirst()
        return row === undefined ? null : { segment: row.segment, minuteMs: Number(row.minute_ms) }
      }),
    receiptLeaf: (decision) =>
      guarded(async () => {
        const row = await db
          .selectFrom('record_leaves')
          .select(['rollup', 'position'])
          .where('decision', '=', decision)
          .executeTakeFirst()
        return row === undefined ? null : { rollup: Number(row.rollup), position: Number(row.position) }
      }),
    salts: ({ k, about }) =>
      guarded(async () => {
        const query = db.selectFrom('record_salts').selectAll().where('about', '=', about).where('k', '=', k)
        const rows = await query.orderBy('member').execute()
        return rows.map((row) => ({ ...row, k: row.k as EntryKind, blob: new Uint8Array(row.blob) }))
      }),
    shreds: () =>
      guarded(async () => {
        const query = db.selectFrom('record_shreds').select(sql<number>`count(*)`.as('n'))
        return Number((await query.executeTakeFirstOrThrow()).n)
      }),
    shredKey: (subject, draft, atMs) =>
      guarded(() =>
        db.transaction().execute(async (tx) => {
          const key = await tx.deleteFrom('data_keys').where('subject', '=', subject).executeTakeFirst()
          const salts = await tx.deleteFrom('record_salts').where('subject', '=', subject).executeTakeFirst()
          const shredded = Number(key.numDeletedRows) > 0
          if (shredded) {
            await addDrafts(tx, [draft])
            await tx.insertInto('record_shreds').values({ at_ms: atMs }).execute()
          }
          return { shredded, salts: Number(salts.numDeletedRows) }
        }),
      ),
    recordKey: (name, make) =>
      guarded(async () => {
        const find = () => db.selectFrom('record_keys').select('wrapped').where('name', '=', name).executeTakeFirst()
        const known = await find()
        if (known !== undefined) return new Uint8Array(known.wrapped)
        // Of two who make one at once, the first insert stands, and both read that.
        await db
          .insertInto('record_keys')
          .values({ name, wrapped: Buffer.from(make()) })
          .onConflict((conflict) => conflict.column('name').doNothing())
          .execute()
        return new Uint8Array((await find())!.wrapped)
      }),
    recordOrigin: (origin) =>
      guarded(async () => {
        const nothing = { size: 0, checkpoint: '', at_ms: 0, holder: '', token: 0, until_ms: 0 }
        await db
          .insertInto('record_log')
          .values({ id: ONE, origin, ...nothing })
          .onConflict((conflict) => conflict.column('id').doNothing())
          .execute()
        const query = db.selectFrom('record_log').select('origin').where('id', '=', ONE)
        return (await query.executeTakeFirstOrThrow()).origin
      }),
    witnessed: (origin) =>
      guarded(async () => {
        const query = db.selectFrom('record_witnessed').select(['size', 'checkpoint']).where('origin', '=', origin)
        const row = await query.executeTakeFirst()
        return row === undefined ? null : { size: Number(row.size), checkpoint: row.checkpoint }
      }),
    witness: (origin, before, size, checkpoint) =>
      guarded(async () => {
        if (before === null) {
          const made = await db
            .insertInto('record_witnessed')
            .values({ origin, size, checkpoint })
            .onConflict((conflict) => conflict.column('origin').doNothing())
            .executeTakeFirst()
          return Number(made.numInsertedOrUpdatedRows ?? 0) === 1
        }
        const moved = await db
          .updateTable('record_witnessed')
          .set({ size, checkpoint })
          .where('origin', '=', origin)
          .where('size', '=', before)
          .executeTakeFirst()
        return Number(moved.numUpdatedRows) === 1
      }),
  }
}

/** Stores drafts within the transaction of the change that they tell. */
export async function addDrafts(tx: Kysely<Tables>, drafts: readonly EntryDraft[]): Promise<void> {
  for (let i = 0; i < drafts.length; i += ROWS_PER_STATEMENT) {
    const rows = drafts.slice(i, i + ROWS_PER_STATEMENT).map((draft) => ({ body: JSON.stringify(draft) }))
    await tx.insertInto('record_drafts').values(rows).execute()
  }
}

export async function addSalts(tx: Kysely<Tables>, salts: readonly SealedSalt[]): Promise<void> {
  for (let i = 0; i < salts.length; i += ROWS_PER_STATEMENT) {
    const rows = salts.slice(i, i + ROWS_PER_STATEMENT).map((salt) => ({ ...salt, blob: Buffer.from(salt.blob) }))
    await tx
      .insertInto('record_salts')
      .values(rows)
      .onConflict((conflict) => conflict.columns(['about', 'k', 'member']).doNothing())
      .execute()
  }
}

/** What new receipts add to the record, within the transaction that stores them. */
export async function recordReceipts(tx: Kysely<Tables>, receipts: readonly SpooledReceipt[]): Promise<void> {
  await sumReceipts(
    tx,
    receipts.map(summed).filter((one) => one !== null),
  )
  await addDrafts(
    tx,
    receipts.flatMap(({ record }) => record?.draft ?? []),
  )
  await addSalts(
    tx,
    receipts.flatMap(({ record }) => record?.salts ?? []),
  )
}

async function entryOf(db: Kysely<Tables>, { k, about }: EntryName) {
  const row = await db
    .selectFrom('record_entries')
    .select(['idx', 'leaf'])
    .where('about', '=', about)
    .where('k', '=', k)
    .orderBy('idx', 'desc')
    .limit(1)
    .executeTakeFirst()
  return row === undefined ? null : { index: Number(row.idx), leaf: new Uint8Array(row.leaf) }
}

/** Another sealer came first. */
class Lost extends Error {}

function sealBatch(db: Kysely<Tables>, batch: SealedBatch): Promise<boolean> {
  const { token, before, entries, tiles, head, day, drafts } = batch
  return guarded(async () => {
    try {
      await db.transaction().execute(async (tx) => {
        // First, and in the write itself: who lost the lock must write nothing, whatever it believes.
        const held = await tx
          .updateTable('record_log')
          .set({ size: head.size, checkpoint: head.checkpoint, at_ms: head.atMs })
          .where('id', '=', ONE)
          .where('token', '=', token)
          .where('size', '=', before)
          .executeTakeFirst()
        if (Number(held.numUpdatedRows) !== 1) throw new Lost()
        for (let i = 0; i < entries.length; i += ROWS_PER_STATEMENT) {
          const rows = entries.slice(i, i + ROWS_PER_STATEMENT).map(({ index, leaf, bytes, k, about }) => ({
            ...{ idx: index, leaf: Buffer.from(leaf), body: Buffer.from(bytes), k, about },
          }))
          await tx.insertInto('record_entries').values(rows).execute()
        }
        for (const { level, n, hashes } of tiles) {
          const bytes = Buffer.from(tileBytes(hashes))
          await tx
            .insertInto('record_tiles')
            .values({ level, n, hashes: bytes })
            .onConflict((conflict) => conflict.columns(['level', 'n']).doUpdateSet({ hashes: bytes }))
            .execute()
        }
        for (const name of [FIRST, day])
          await tx
            .insertInto('record_checkpoints')
            .values({ day: name, size: head.size, checkpoint: head.checkpoint })
            .onConflict((conflict) =>
              name === FIRST
                ? conflict.column('day').doNothing()
                : conflict.column('day').doUpdateSet({ size: head.size, checkpoint: head.checkpoint }),
            )
            .execute()
        for (let i = 0; i < drafts.length; i += ROWS_PER_STATEMENT)
          await tx
            .deleteFrom('record_drafts')
            .where('seq', 'in', drafts.slice(i, i + ROWS_PER_STATEMENT))
            .execute()
      })
      return true
    } catch (error) {
      if (error instanceof Lost) return false
      throw error
    }
  })
}
