import { sql } from 'kysely'
import type { Migration } from 'kysely/migration'

/** Every step of the schema, oldest first; names sort. A step that has landed is never changed. */
export function migrations(bytes: 'blob' | 'bytea'): Record<string, Migration> {
  return {
    '0001-decisions': {
      async up(db) {
        await db.schema
          .createTable('decisions')
          .addColumn('id', 'text', (column) => column.primaryKey())
          .addColumn('at_ms', 'bigint', (column) => column.notNull())
          .addColumn('surface', 'text', (column) => column.notNull())
          .addColumn('org', 'text', (column) => column.notNull())
          .addColumn('session', 'text')
          .addColumn('action', 'text', (column) => column.notNull())
          .addColumn('would', 'text', (column) => column.notNull())
          .addColumn('category', 'text')
          .addColumn('requested_model', 'text', (column) => column.notNull())
          .addColumn('served_model', 'text')
          .addColumn('overhead_bin', 'integer', (column) => column.notNull())
          .addColumn('receipt', 'text', (column) => column.notNull())
          .addColumn('receipt_hash', 'text', (column) => column.notNull())
          .execute()
        await db.schema.createIndex('decisions_at').on('decisions').columns(['at_ms', 'id']).execute()
        await db.schema.createIndex('decisions_would_at').on('decisions').columns(['would', 'at_ms']).execute()
        await db.schema
          .createTable('content_segments')
          .addColumn('id', 'text', (column) => column.primaryKey())
          .addColumn('subject', 'text', (column) => column.notNull())
          .addColumn('from_ms', 'bigint', (column) => column.notNull())
          .addColumn('to_ms', 'bigint', (column) => column.notNull())
          .addColumn('expires_at_ms', 'bigint', (column) => column.notNull())
          .addColumn('blob', sql.raw(bytes), (column) => column.notNull())
          .execute()
        await db.schema
          .createIndex('content_segments_at')
          .on('content_segments')
          .columns(['subject', 'to_ms'])
          .execute()
        await db.schema
          .createTable('data_keys')
          .addColumn('subject', 'text', (column) => column.primaryKey())
          .addColumn('wrapped', sql.raw(bytes), (column) => column.notNull())
          .execute()
        await db.schema
          .createTable('spool_positions')
          .addColumn('file', 'text', (column) => column.primaryKey())
          .addColumn('at_byte', 'bigint', (column) => column.notNull())
          .execute()
        await db.schema
          .createTable('appeals')
          .addColumn('id', 'text', (column) => column.primaryKey())
          .addColumn('decision', 'text', (column) => column.notNull().unique())
          .addColumn('state', 'text', (column) => column.notNull())
          .addColumn('filed_at_ms', 'bigint', (column) => column.notNull())
          .addColumn('respond_by_ms', 'bigint', (column) => column.notNull())
          .addColumn('note', 'text', (column) => column.notNull())
          .execute()
        const serial = bytes === 'bytea' ? sql`bigserial` : sql`integer`
        await db.schema
          .createTable('mode_changes')
          .addColumn('seq', serial, (column) => column.primaryKey())
          .addColumn('mode', 'text', (column) => column.notNull())
          .addColumn('since_ms', 'bigint', (column) => column.notNull())
          .addColumn('changed_by', 'text', (column) => column.notNull())
          .addColumn('reason', 'text', (column) => column.notNull())
          .execute()
      },
    },
    '0002-api-keys': {
      async up(db) {
        await db.schema
          .createTable('api_keys')
          .addColumn('id', 'text', (column) => column.primaryKey())
          .addColumn('name', 'text', (column) => column.notNull())
          .addColumn('org', 'text', (column) => column.notNull())
          .addColumn('hash', 'text', (column) => column.notNull())
          .addColumn('settings', 'text', (column) => column.notNull())
          .addColumn('created_at_ms', 'bigint', (column) => column.notNull())
          .addColumn('revoked_at_ms', 'bigint')
          .execute()
      },
    },
    '0003-batches': {
      async up(db) {
        await db.schema
          .createTable('batches')
          .addColumn('id', 'text', (column) => column.primaryKey())
          .addColumn('org', 'text', (column) => column.notNull())
          .addColumn('principal', 'text', (column) => column.notNull())
          .addColumn('upstream', 'integer', (column) => column.notNull())
          .addColumn('created_at_ms', 'bigint', (column) => column.notNull())
          .addColumn('expires_at_ms', 'bigint', (column) => column.notNull())
          .addColumn('own_succeeded', 'integer', (column) => column.notNull())
          .addColumn('own_errored', 'integer', (column) => column.notNull())
          .addColumn('items', sql.raw(bytes), (column) => column.notNull())
          .execute()
        await db.schema.createIndex('batches_org_at').on('batches').columns(['org', 'created_at_ms', 'id']).execute()
      },
    },
    '0010-releases': {
      async up(db) {
        await db.schema
          .createTable('bundles')
          .addColumn('hash', 'text', (column) => column.primaryKey())
          .addColumn('slot', 'text', (column) => column.notNull())
          .addColumn('body', 'text', (column) => column.notNull())
          .addColumn('created_at_ms', 'bigint', (column) => column.notNull())
          .addColumn('created_by', 'text', (column) => column.notNull())
          .execute()
        await db.schema
          .createTable('releases')
          .addColumn('id', 'text', (column) => column.primaryKey())
          .addColumn('slot', 'text', (column) => column.notNull())
          .addColumn('label', 'text', (column) => column.unique())
          .addColumn('bundle', 'text', (column) => column.notNull().references('bundles.hash'))
          .addColumn('stage', 'text', (column) => column.notNull())
          .addColumn('version', 'integer', (column) => column.notNull())
          .addColumn('body', 'text', (column) => column.notNull())
          .execute()
        // Of two who promote at once, in whatever process, one is told no.
        for (const stage of ['shadow', 'canary', 'enforcing'])
          await db.schema
            .createIndex(`releases_one_${stage}`)
            .unique()
            .on('releases')
            .column('slot')
            .where(sql.ref('stage'), '=', sql.lit(stage))
            .execute()
        const serial = bytes === 'bytea' ? sql`bigserial` : sql`integer`
        await db.schema
          .createTable('release_moves')
          .addColumn('seq', serial, (column) => column.primaryKey())
          .addColumn('release', 'text', (column) => column.notNull().references('releases.id'))
          .addColumn('at_ms', 'bigint', (column) => column.notNull())
          .addColumn('moved_by', 'text', (column) => column.notNull())
          .addColumn('kind', 'text', (column) => column.notNull())
          .addColumn('from_stage', 'text', (column) => column.notNull())
          .addColumn('to_stage', 'text', (column) => column.notNull())
          .addColumn('reason', 'text', (column) => column.notNull())
          .addColumn('manifest', 'text')
          .addColumn('single_person', 'integer', (column) => column.notNull())
          .addColumn('facts', 'text', (column) => column.notNull())
          .execute()
        await db.schema.createIndex('release_moves_of').on('release_moves').columns(['release', 'seq']).execute()
        await db.schema
          .createTable('release_evidence')
          .addColumn('release', 'text', (column) => column.notNull().references('releases.id'))
          .addColumn('bundle', 'text', (column) => column.notNull())
          .addColumn('hash', 'text', (column) => column.notNull())
          .addColumn('kind', 'text', (column) => column.notNull())
          .addColumn('at_ms', 'bigint', (column) => column.notNull())
          .addColumn('added_by', 'text', (column) => column.notNull())
          .addColumn('gates', 'text', (column) => column.notNull())
          .addColumn('body', 'text', (column) => column.notNull())
          .addPrimaryKeyConstraint('release_evidence_key', ['release', 'bundle', 'hash'])
          .execute()
      },
    },
  }
}
