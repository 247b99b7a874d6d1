import { sql } from 'kysely'
import type { Migration } from 'kysely/migration'

/** Tables of the record. */
export function recordMigration(bytes: 'blob' | 'bytea'): Migration {
  const serial = bytes === 'bytea' ? sql`bigserial` : sql`integer`
  return {
    async up(db) {
      await db.schema
        .createTable('record_drafts')
        .addColumn('seq', serial, (column) => column.primaryKey())
        .addColumn('body', 'text', (column) => column.notNull())
        .execute()
      await db.schema
        .createTable('record_entries')
        .addColumn('idx', 'bigint', (column) => column.primaryKey())
        .addColumn('leaf', sql.raw(bytes), (column) => column.notNull())
        .addColumn('body', sql.raw(bytes), (column) => column.notNull())
        .addColumn('k', 'text', (column) => column.notNull())
        .addColumn('about', 'text', (column) => column.notNull())
        .execute()
      await db.schema.createIndex('record_entries_about').on('record_entries').columns(['about', 'k', 'idx']).execute()
      await db.schema
        .createTable('record_tiles')
        .addColumn('level', 'integer', (column) => column.notNull())
        .addColumn('n', 'bigint', (column) => column.notNull())
        .addColumn('hashes', sql.raw(bytes), (column) => column.notNull())
        .addPrimaryKeyConstraint('record_tiles_key', ['level', 'n'])
        .execute()
      await db.schema
        .createTable('record_log')
        .addColumn('id', 'integer', (column) => column.primaryKey())
        .addColumn('origin', 'text', (column) => column.notNull())
        .addColumn('size', 'bigint', (column) => column.notNull())
        .addColumn('checkpoint', 'text', (column) => column.notNull())
        .addColumn('at_ms', 'bigint', (column) => column.notNull())
        .addColumn('holder', 'text', (column) => column.notNull())
        .addColumn('token', 'bigint', (column) => column.notNull())
        .addColumn('until_ms', 'bigint', (column) => column.notNull())
        .execute()
      await db.schema
        .createTable('record_checkpoints')
        .addColumn('day', 'text', (column) => column.primaryKey())
        .addColumn('size', 'bigint', (column) => column.notNull())
        .addColumn('checkpoint', 'text', (column) => column.notNull())
        .execute()
      let rollups = db.schema
        .createTable('record_rollups')
        .addColumn('id', serial, (column) => column.primaryKey())
        .addColumn('segment', 'text', (column) => column.notNull())
        .addColumn('minute_ms', 'bigint', (column) => column.notNull())
      for (const name of SUMS) rollups = rollups.addColumn(name, 'bigint', (column) => column.notNull())
      await rollups.addColumn('closed', 'integer', (column) => column.notNull()).execute()
      await db.schema
        .createIndex('record_rollups_minute')
        .unique()
        .on('record_rollups')
        .columns(['segment', 'minute_ms'])
        .execute()
      await db.schema.createIndex('record_rollups_open').on('record_rollups').columns(['closed', 'minute_ms']).execute()
      await db.schema
        .createTable('record_leaves')
        .addColumn('decision', 'text', (column) => column.primaryKey())
        .addColumn('rollup', 'bigint', (column) => column.notNull())
        .addColumn('position', 'bigint', (column) => column.notNull())
        .addColumn('hash', 'text', (column) => column.notNull())
        .execute()
      await db.schema
        .createIndex('record_leaves_order')
        .unique()
        .on('record_leaves')
        .columns(['rollup', 'position'])
        .execute()
      await db.schema
        .createTable('record_salts')
        .addColumn('k', 'text', (column) => column.notNull())
        .addColumn('about', 'text', (column) => column.notNull())
        .addColumn('member', 'text', (column) => column.notNull())
        .addColumn('subject', 'text', (column) => column.notNull())
        .addColumn('blob', sql.raw(bytes), (column) => column.notNull())
        .addPrimaryKeyConstraint('record_salts_key', ['about', 'k', 'member'])
        .execute()
      await db.schema
        .createTable('record_keys')
        .addColumn('name', 'text', (column) => column.primaryKey())
        .addColumn('wrapped', sql.raw(bytes), (column) => column.notNull())
        .execute()
      await db.schema
        .createTable('record_shreds')
        .addColumn('seq', serial, (column) => column.primaryKey())
        .addColumn('at_ms', 'bigint', (column) => column.notNull())
        .execute()
      await db.schema
        .createTable('record_people')
        .addColumn('name', 'text', (column) => column.primaryKey())
        .addColumn('pseudonym', 'text', (column) => column.notNull())
        .execute()
      await db.schema
        .createTable('record_witnessed')
        .addColumn('origin', 'text', (column) => column.primaryKey())
        .addColumn('size', 'bigint', (column) => column.notNull())
        .addColumn('checkpoint', 'text', (column) => column.notNull())
        .execute()
    },
  }
}

/** What a rollup sums. */
export const SUMS = [
  'count',
  'allow',
  'flag',
  'fall_back',
  'require_trust',
  'refuse',
  'would_allow',
  'would_flag',
  'would_fall_back',
  'would_require_trust',
  'would_refuse',
  'input_tokens',
  'output_tokens',
] as const
