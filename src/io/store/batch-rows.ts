import type { Kysely } from 'kysely'
import type { OrgId, PrincipalId } from '../../core/base/ids.ts'
import type { BatchListing, BatchRecord } from '../../core/protocols/batch-record.ts'
import type { Tables } from './schema.ts'

type Row = Omit<Tables['batches'], 'items'>

const COLUMNS = [
  'id',
  'org',
  'principal',
  'upstream',
  'created_at_ms',
  'expires_at_ms',
  'own_succeeded',
  'own_errored',
] as const

/** An id that is there already stays with whom it belongs to. */
export async function addBatch(db: Kysely<Tables>, record: BatchRecord, items: Uint8Array): Promise<void> {
  await db
    .insertInto('batches')
    .values({
      id: record.id,
      org: record.org,
      principal: record.principal,
      upstream: record.upstream ? 1 : 0,
      created_at_ms: record.createdAtMs,
      expires_at_ms: record.expiresAtMs,
      own_succeeded: record.ownSucceeded,
      own_errored: record.ownErrored,
      items: Buffer.from(items),
    })
    .onConflict((conflict) => conflict.column('id').doNothing())
    .execute()
}

export async function findBatch(db: Kysely<Tables>, id: string): Promise<BatchRecord | null> {
  const row = await db.selectFrom('batches').select(COLUMNS).where('id', '=', id).executeTakeFirst()
  return row === undefined ? null : recordOf(row)
}

export async function findItems(db: Kysely<Tables>, id: string): Promise<Uint8Array | null> {
  const row = await db.selectFrom('batches').select('items').where('id', '=', id).executeTakeFirst()
  return row === undefined ? null : new Uint8Array(row.items)
}

/** Newest first. A cursor that is not this tenant's leads nowhere. */
export async function listBatches(db: Kysely<Tables>, listing: BatchListing): Promise<readonly BatchRecord[]> {
  const { org, ownOf, limit, afterId, beforeId } = listing
  let query = db.selectFrom('batches').select(COLUMNS).where('org', '=', org)
  if (ownOf !== null) query = query.where('principal', '=', ownOf).where('upstream', '=', 0)
  const cursor = afterId ?? beforeId
  if (cursor !== null) {
    const at = await findBatch(db, cursor)
    if (at === null || at.org !== org) return []
    const beyond = afterId === null ? '>' : '<'
    query = query.where((where) =>
      where.or([
        where('created_at_ms', beyond, at.createdAtMs),
        where.and([where('created_at_ms', '=', at.createdAtMs), where('id', beyond, at.id)]),
      ]),
    )
  }
  // Before a cursor stand the nearest ones, not the newest.
  const order = afterId === null && beforeId !== null ? 'asc' : 'desc'
  const rows = await query.orderBy('created_at_ms', order).orderBy('id', order).limit(limit).execute()
  return (order === 'asc' ? rows.reverse() : rows).map(recordOf)
}

function recordOf(row: Row): BatchRecord {
  return {
    id: row.id,
    org: row.org as OrgId,
    principal: row.principal as PrincipalId,
    upstream: row.upstream === 1,
    createdAtMs: Number(row.created_at_ms),
    expiresAtMs: Number(row.expires_at_ms),
    ownSucceeded: row.own_succeeded,
    ownErrored: row.own_errored,
  }
}
