import type { Database } from 'better-sqlite3'
import type { Kysely } from 'kysely'
import type { Store } from '../../jobs/ports.ts'
import type { SealedSegment, SpooledReceipt, SpoolPosition } from '../../jobs/spool-ports.ts'
import { decisionRow, segmentRow } from './decision-rows.ts'
import { GUARD_COLUMNS, GUARD_KEY, GUARD_UPDATES, guardRows } from './guard-rows.ts'
import { keptRows } from './kept-rows.ts'
import type { Tables } from './schema.ts'
import { sqliteRecord } from './sqlite-record.ts'
import { sqliteSeal } from './sqlite-seal.ts'
import { StoreError } from './store-error.ts'

/**
 * The drainer's two writes and the sealer's on SQLite, as prepared statements in one synchronous transaction: building and compiling a
 * statement for every batch cost as much as running it. Same SQL, same rows, same contract as the other store.
 */
export function sqliteBatches(
  database: Database,
  db: Kysely<Tables>,
): Pick<Store, 'addReceipts' | 'addContents' | 'addDrafts' | 'sealBatch'> {
  const record = sqliteRecord(database)
  const sealing = sqliteSeal(database)
  // There is one connection: in the middle of another transaction these rows would end with it, or be undone with it.
  const alone = <T>(act: () => T): Promise<T> => db.connection().execute(async () => guarded(act))
  const receipt = insert(database, 'decisions', decisionColumns)
  const kept = insert(database, 'kept_objects', keptColumns)
  const segment = insert(database, 'content_segments', segmentColumns)
  const unit = insert(database, 'guard_units', GUARD_COLUMNS, GUARD_KEY, GUARD_UPDATES)
  const position = database.prepare(
    'insert into spool_positions (file, at_byte) values (@file, @offset) on conflict (file) do update set at_byte = @offset',
  )
  const receipts = database.transaction((rows: readonly SpooledReceipt[], to: SpoolPosition) => {
    const added = rows.filter((row) => receipt.run(valuesOf(decisionRow(row), decisionColumns)).changes > 0)
    record(added)
    for (const row of added)
      if (row.head.gave !== undefined) for (const one of keptRows(row)) kept.run(valuesOf(one, keptColumns))
    for (const row of guardRows(rows)) unit.run(valuesOf(row, GUARD_COLUMNS))
    position.run(to)
    return added.length
  })
  const segments = database.transaction((rows: readonly SealedSegment[], to: SpoolPosition) => {
    let added = 0
    for (const row of rows) added += segment.run(valuesOf(segmentRow(row), segmentColumns)).changes
    position.run(to)
    return added
  })
  return {
    addReceipts: (rows, to) => alone(() => receipts(rows, to)),
    addContents: (rows, to) => alone(() => segments(rows, to)),
    addDrafts: (drafts, salts) => alone(() => sealing.addDrafts(drafts, salts)),
    sealBatch: (batch) => alone(() => sealing.sealBatch(batch)),
  }
}

const decisionColumns = [
  'id',
  'at_ms',
  'surface',
  'org',
  'session',
  'action',
  'would',
  'category',
  'requested_model',
  'served_model',
  'overhead_bin',
  'receipt',
  'receipt_hash',
  'ended',
  'segment',
] as const
const keptColumns = ['id', 'org', 'at_ms'] as const
const segmentColumns = ['id', 'subject', 'from_ms', 'to_ms', 'expires_at_ms', 'blob'] as const

function insert(
  database: Database,
  table: string,
  columns: readonly string[],
  key: readonly string[] = ['id'],
  updates: Readonly<Record<string, string>> = {},
) {
  const values = columns.map(() => '?')
  const set = Object.entries(updates).map(([column, value]) => `${column} = ${value}`)
  const then = set.length === 0 ? 'nothing' : `update set ${set.join(', ')}`
  return database.prepare(
    `insert into ${table} (${columns.join(', ')}) values (${values.join(', ')}) on conflict (${key.join(', ')}) do ${then}`,
  )
}

/** By position: looking parameters up by name costs more than the rest of the binding. */
function valuesOf<Row, Column extends keyof Row>(row: Row, columns: readonly Column[]): Row[Column][] {
  return columns.map((column) => row[column])
}

function guarded<T>(act: () => T): T {
  try {
    return act()
  } catch (cause) {
    throw new StoreError('store_unavailable', 'the store does not answer', { cause })
  }
}
