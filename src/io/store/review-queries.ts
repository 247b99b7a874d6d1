import { type Kysely, sql } from 'kysely'
import type { DecisionId, OrgId } from '../../core/base/ids.ts'
import { ACTIONS } from '../../core/policy/policy.ts'
import type { BandRow, ReviewAct, ReviewItem, ReviewStore, Why } from '../../jobs/review-ports.ts'
import { labelOf, labelRow } from './appeal-queries.ts'
import { tellLabels, tellReviews } from './change-entries.ts'
import { storable, storedReceipt } from './decision-rows.ts'
import type { Tables } from './schema.ts'

type Guarded = <T>(act: () => Promise<T>) => Promise<T>

const ROWS_PER_STATEMENT = 100
/** Both databases bound a statement's parameters. */
const IDS_PER_STATEMENT = 500

/** The queue of people, its clusters, and labels. */
export function reviewQueries(db: Kysely<Tables>, guarded: Guarded): ReviewStore {
  return {
    reviewCandidates: (sinceMs, limit, which) =>
      guarded(async () => {
        const above = ACTIONS.filter((action) => action !== 'allow')
        let query = db
          .selectFrom('decisions')
          .select(['receipt', 'receipt_hash'])
          .where('at_ms', '>=', sinceMs)
          .where('would', 'in', which === 'acted' ? above : ['allow'])
          .where((where) =>
            where.not(
              where.exists(
                where
                  .selectFrom('review_items')
                  .select('review_items.id')
                  .whereRef('review_items.decision', '=', 'decisions.id'),
              ),
            ),
          )
        // "dec_" and 26 characters, of which the last sixteen are random.
        if (typeof which === 'object') query = query.where(sql<string>`substr(id, 29, 2)`, 'in', [...which.endings])
        // A receipt names the tier of every detector that answered.
        if (which === 'opined') query = query.where('receipt', 'like', '%"tier":"second_opinion"%')
        const rows = await query.orderBy('at_ms').orderBy('id').limit(limit).execute()
        return rows.map(storedReceipt)
      }),
    reviewPosition: (name) =>
      guarded(async () => {
        const row = await db.selectFrom('review_positions').select('at_ms').where('name', '=', name).executeTakeFirst()
        return row === undefined ? 0 : Number(row.at_ms)
      }),
    setReviewPosition: (name, atMs) =>
      guarded(async () => {
        await db
          .insertInto('review_positions')
          .values({ name, at_ms: atMs })
          .onConflict((conflict) => conflict.column('name').doUpdateSet({ at_ms: atMs }))
          .execute()
      }),
    addReviewItems: (items, bands) => guarded(() => db.transaction().execute((tx) => addItems(tx, items, bands))),
    reviewBands: (bands) =>
      guarded(async () => {
        if (bands.length === 0) return []
        const rows = await db
          .selectFrom('review_bands')
          .selectAll()
          .where('band', 'in', [...bands])
          .limit(500)
          .execute()
        return rows.map((row) => ({ ...row, signature: JSON.parse(row.signature) as BandRow['signature'] }))
      }),
    reviewItems: ({ state, source, category, cluster }, limit) =>
      guarded(async () => {
        let query = db.selectFrom('review_items').selectAll()
        if (state !== undefined) query = query.where('state', '=', state)
        if (source !== undefined) query = query.where('source', 'in', [...source, ''])
        if (category !== undefined) query = query.where('category', 'in', [...category, ''])
        if (cluster !== undefined) query = query.where('cluster', '=', cluster)
        return (await query.orderBy('priority', 'desc').orderBy('id').limit(limit).execute()).map(itemOf)
      }),
    reviewItem: (id) => guarded(() => findItem(db, id)),
    clusterSizes: (clusters) =>
      guarded(async () => {
        if (clusters.length === 0) return new Map()
        const rows = await db
          .selectFrom('review_items')
          .select(['cluster', sql<number>`count(*)`.as('n')])
          .where('cluster', 'in', clusters.slice(0, IDS_PER_STATEMENT))
          .where('state', '=', 'open')
          .where('golden', 'is', null)
          .groupBy('cluster')
          .execute()
        return new Map(rows.map((row) => [row.cluster, Number(row.n)]))
      }),
    reviewCount: () =>
      guarded(async () => {
        const row = await db
          .selectFrom('review_items')
          .select([sql<number>`count(*)`.as('n'), sql<number | null>`min(added_at_ms)`.as('oldest')])
          .where('state', '=', 'open')
          .where('golden', 'is', null)
          .executeTakeFirstOrThrow()
        return { open: Number(row.n), oldestAtMs: row.oldest === null ? null : Number(row.oldest) }
      }),
    nextReviewItem: (by, blind, nowMs) =>
      guarded(async () => {
        const query = db
          .selectFrom('review_items')
          .selectAll()
          .where((where) => where.or([where('state', '=', 'open'), where('golden', 'is not', null)]))
          .where((where) =>
            where.or([where('holder', 'is', null), where('holder', '=', by), where('lock_until_ms', '<=', nowMs)]),
          )
          .where((where) =>
            where.not(
              where.exists(
                where
                  .selectFrom('review_labels')
                  .select('review_labels.id')
                  .whereRef('review_labels.item', '=', 'review_items.id')
                  .where('review_labels.by', '=', by)
                  .where('review_labels.revoked_at_ms', 'is', null),
              ),
            ),
          )
        const hidden = query.where((where) =>
          where.or([where('source', '=', 'sample'), where('golden', 'is not', null)]),
        )
        // Hidden checks come in no order that a reviewer could learn: ids are random behind their time.
        const unseen = () => hidden.orderBy(sql`substr(id, 20)`).limit(1).executeTakeFirst()
        const pressing = () =>
          query.where('golden', 'is', null).orderBy('priority', 'desc').orderBy('id').limit(1).executeTakeFirst()
        const row = blind ? ((await unseen()) ?? (await pressing())) : await pressing()
        return row === undefined ? null : itemOf(row)
      }),
    takeReviewItem: (id, by, nowMs, untilMs) =>
      guarded(async () => {
        const taken = await db
          .updateTable('review_items')
          .set({ holder: by, lock_until_ms: untilMs })
          .where('id', '=', id)
          .where((where) =>
            where.or([where('holder', 'is', null), where('holder', '=', by), where('lock_until_ms', '<=', nowMs)]),
          )
          .executeTakeFirst()
        return Number(taken.numUpdatedRows) > 0
      }),
    releaseReviewItem: (id, by) =>
      guarded(async () => {
        const free = { holder: null, lock_until_ms: null }
        await db.updateTable('review_items').set(free).where('id', '=', id).where('holder', '=', by).execute()
      }),
    addLabels: (labels, items) =>
      guarded(() =>
        db.transaction().execute(async (tx) => {
          for (let i = 0; i < labels.length; i += ROWS_PER_STATEMENT)
            await tx
              .insertInto('review_labels')
              .values(labels.slice(i, i + ROWS_PER_STATEMENT).map(labelRow))
              .execute()
          for (const { id, state, needs, label } of items)
            await tx
              .updateTable('review_items')
              .set({ state, needs, label, holder: null, lock_until_ms: null })
              .where('id', '=', id)
              .execute()
          await tellLabels(tx, labels, 'given')
          await tellReviews(tx, items, labels)
        }),
      ),
    label: (id) =>
      guarded(async () => {
        const row = await db.selectFrom('review_labels').selectAll().where('id', '=', id).executeTakeFirst()
        return row === undefined ? null : labelOf(row)
      }),
    labelsOfItem: (item) =>
      guarded(async () => {
        const query = db.selectFrom('review_labels').selectAll().where('item', '=', item)
        return (await query.where('revoked_at_ms', 'is', null).orderBy('at_ms').orderBy('id').execute()).map(labelOf)
      }),
    labelCount: (by) =>
      guarded(async () => {
        const query = db.selectFrom('review_labels').select(sql<number>`count(*)`.as('n'))
        return Number((await query.where('by', '=', by).where('source', '=', 'review').executeTakeFirstOrThrow()).n)
      }),
    labelsAfter: (id, limit) =>
      guarded(async () => {
        const query = db.selectFrom('review_labels').selectAll().where('id', '>', id)
        return (await query.where('revoked_at_ms', 'is', null).orderBy('id').limit(limit).execute()).map(labelOf)
      }),
    revokeLabels: (which, why) =>
      guarded(() =>
        db.transaction().execute(async (tx) => {
          const rows = await revoke(tx, which, why)
          const [[kind, name]] = Object.entries(which) as [[string, string]]
          if (rows > 0) await record(tx, { ...why, act: 'revoke', about: `${kind}:${name}`, rows })
          return rows
        }),
      ),
    setGolden: (item, golden, why) =>
      guarded(() =>
        db.transaction().execute(async (tx) => {
          const set = await tx.updateTable('review_items').set({ golden }).where('id', '=', item).executeTakeFirst()
          const rows = Number(set.numUpdatedRows)
          if (rows > 0) await record(tx, { ...why, act: golden === null ? 'golden_end' : 'golden', about: item, rows })
          return rows > 0
        }),
      ),
    reviewActs: (limit) =>
      guarded(async () => {
        const rows = await db.selectFrom('review_acts').selectAll().orderBy('seq', 'desc').limit(limit).execute()
        return rows.map(({ act, about, rows: changed, done_by, at_ms, reason }) => ({
          ...{ act: act as ReviewAct['act'], about, rows: changed, by: done_by, atMs: Number(at_ms), reason },
        }))
      }),
  }
}

async function record(tx: Kysely<Tables>, { act, about, rows, by, atMs, reason }: ReviewAct): Promise<void> {
  const row = { act, about: storable(about), rows, done_by: storable(by), at_ms: atMs, reason: storable(reason) }
  await tx.insertInto('review_acts').values(row).execute()
}

async function findItem(db: Kysely<Tables>, id: string): Promise<ReviewItem | null> {
  const row = await db.selectFrom('review_items').selectAll().where('id', '=', id).executeTakeFirst()
  return row === undefined ? null : itemOf(row)
}

async function addItems(tx: Kysely<Tables>, items: readonly ReviewItem[], bands: readonly BandRow[]): Promise<void> {
  for (const item of items) {
    await tx
      .insertInto('review_items')
      .values(itemRow(item))
      .onConflict((conflict) => conflict.column('decision').doNothing())
      .execute()
    if (item.source === 'appealed')
      await tx
        .updateTable('review_items')
        .set({ source: item.source, priority: item.priority })
        .where('id', '=', item.id)
        .where('priority', '<', item.priority)
        .execute()
  }
  for (let i = 0; i < bands.length; i += ROWS_PER_STATEMENT) {
    const some = bands.slice(i, i + ROWS_PER_STATEMENT)
    await tx
      .insertInto('review_bands')
      .values(some.map((row) => ({ ...row, signature: JSON.stringify(row.signature) })))
      .execute()
  }
}

async function revoke(
  tx: Kysely<Tables>,
  which: Parameters<ReviewStore['revokeLabels']>[0],
  { by, atMs }: Why,
): Promise<number> {
  const [[column, value]] = Object.entries(which) as [['id' | 'by' | 'org', string]]
  const items = await tx
    .selectFrom('review_labels')
    .select('item')
    .distinct()
    .where(column, '=', value)
    .where('revoked_at_ms', 'is', null)
    .execute()
  const revoked = await tx
    .updateTable('review_labels')
    .set({ revoked_at_ms: atMs, revoked_by: by })
    .where(column, '=', value)
    .where('revoked_at_ms', 'is', null)
    .returningAll()
    .execute()
  await tellLabels(tx, revoked.map(labelOf), 'revoked')
  const ids = items.flatMap(({ item }) => (item === null ? [] : [item]))
  for (let i = 0; i < ids.length; i += IDS_PER_STATEMENT)
    await tx
      .updateTable('review_items')
      .set({ state: 'open', label: null })
      .where('id', 'in', ids.slice(i, i + IDS_PER_STATEMENT))
      .execute()
  return revoked.length
}

function itemRow(item: ReviewItem): Tables['review_items'] {
  const { id, decision, org, source, category, priority, needs, golden, cluster, state, label, lock } = item
  return {
    ...{ id, decision, org, source, category, priority, needs, golden, cluster, state, label },
    at_ms: item.atMs,
    added_at_ms: item.addedAtMs,
    holder: lock?.by ?? null,
    lock_until_ms: lock?.untilMs ?? null,
  }
}

function itemOf(row: Tables['review_items']): ReviewItem {
  const { id, source, category, needs, golden, cluster, state, label, holder } = row
  return {
    ...{ id, needs, cluster, decision: row.decision as DecisionId, org: row.org as OrgId },
    source: source as ReviewItem['source'],
    category: category as ReviewItem['category'],
    atMs: Number(row.at_ms),
    addedAtMs: Number(row.added_at_ms),
    priority: Number(row.priority),
    golden: golden as ReviewItem['golden'],
    state: state as ReviewItem['state'],
    label: label as ReviewItem['label'],
    lock: holder === null ? null : { by: holder, untilMs: Number(row.lock_until_ms) },
  }
}
