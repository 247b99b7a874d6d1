import { type Kysely, sql } from 'kysely'
import type { Tables } from './schema.ts'

/** Tables of the registry. `serial` is what counts by itself in this database. */
export async function registryTables(db: Kysely<unknown>, bytes: 'blob' | 'bytea'): Promise<void> {
  const serial = bytes === 'bytea' ? sql`bigserial` : sql`integer`
  await db.schema
    .createTable('jailbreak_cases')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('year', 'integer', (column) => column.notNull())
    .addColumn('number', 'integer', (column) => column.notNull())
    .addColumn('stage', 'text', (column) => column.notNull())
    .addColumn('reported_at_ms', 'bigint', (column) => column.notNull())
    .addColumn('version', 'integer', (column) => column.notNull())
    .addColumn('body', 'text', (column) => column.notNull())
    .execute()
  // Of two who number at once, one is told no.
  await db.schema
    .createIndex('jailbreak_cases_number')
    .unique()
    .on('jailbreak_cases')
    .columns(['year', 'number'])
    .execute()
  await db.schema
    .createTable('jailbreak_events')
    .addColumn('seq', serial, (column) => column.primaryKey())
    .addColumn('case', 'text', (column) => column.notNull().references('jailbreak_cases.id'))
    .addColumn('at_ms', 'bigint', (column) => column.notNull())
    .addColumn('done_by', 'text', (column) => column.notNull())
    .addColumn('kind', 'text', (column) => column.notNull())
    .addColumn('from_stage', 'text', (column) => column.notNull())
    .addColumn('to_stage', 'text', (column) => column.notNull())
    .addColumn('reason', 'text', (column) => column.notNull())
    .addColumn('facts', 'text', (column) => column.notNull())
    .execute()
  await db.schema.createIndex('jailbreak_events_of').on('jailbreak_events').columns(['case', 'seq']).execute()
  await db.schema
    .createTable('jailbreak_objects')
    .addColumn('seq', serial, (column) => column.primaryKey())
    .addColumn('case', 'text', (column) => column.notNull().references('jailbreak_cases.id'))
    .addColumn('at_ms', 'bigint', (column) => column.notNull())
    .addColumn('tlp', 'text', (column) => column.notNull())
    .addColumn('sha256', 'text', (column) => column.notNull())
    .addColumn('body', 'text', (column) => column.notNull())
    .execute()
  await db.schema
    .createTable('duty_rosters')
    .addColumn('seq', serial, (column) => column.primaryKey())
    .addColumn('at_ms', 'bigint', (column) => column.notNull())
    .addColumn('set_by', 'text', (column) => column.notNull())
    .addColumn('reason', 'text', (column) => column.notNull())
    .addColumn('body', 'text', (column) => column.notNull())
    .execute()
  await db.schema
    .createTable('duty_drills')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('started_at_ms', 'bigint', (column) => column.notNull())
    .addColumn('started_by', 'text', (column) => column.notNull())
    .addColumn('person', 'text', (column) => column.notNull())
    .addColumn('contact', 'text', (column) => column.notNull())
    .addColumn('acknowledged_at_ms', 'bigint')
    .addColumn('acknowledged_by', 'text')
    .execute()
}

/**
 * Signed acts by their number. Overrides from before were two typed names: their lines of history stay, and they are in
 * force no longer.
 */
export async function instrumentTable(db: Kysely<Tables>): Promise<void> {
  await db.schema
    .createTable('instruments')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('year', 'integer', (column) => column.notNull())
    .addColumn('number', 'integer', (column) => column.notNull())
    .addColumn('type', 'text', (column) => column.notNull())
    .addColumn('about', 'text', (column) => column.notNull())
    .addColumn('at_ms', 'bigint', (column) => column.notNull())
    .addColumn('envelope', 'text')
    .execute()
  await db.schema.createIndex('instruments_number').unique().on('instruments').columns(['year', 'number']).execute()
  for (const { id, body } of await db.selectFrom('jailbreak_cases').select(['id', 'body']).execute()) {
    const unsigned = JSON.stringify({ ...(JSON.parse(body) as object), overrides: [] })
    await db.updateTable('jailbreak_cases').set({ body: unsigned }).where('id', '=', id).execute()
  }
}
