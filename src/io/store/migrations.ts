import { sql } from 'kysely'
import type { Migration } from 'kysely/migration'
import { recordMigration } from './record-migration.ts'
import { instrumentTable, registryTables } from './registry-migration.ts'

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
    '0020-review': {
      async up(db) {
        // One column a statement: SQLite adds no more at once.
        for (const [name, type] of [
          ['org', 'text'],
          ['principal', 'text'],
        ] as const)
          await db.schema
            .alterTable('appeals')
            .addColumn(name, type, (column) => column.notNull().defaultTo(''))
            .execute()
        await db.schema
          .alterTable('appeals')
          .addColumn('seq', 'integer', (column) => column.notNull().defaultTo(0))
          .execute()
        for (const [name, type] of [
          ['holder', 'text'],
          ['lock_until_ms', 'bigint'],
          ['decided_by', 'text'],
          ['decided_at_ms', 'bigint'],
          ['verdict_reason', 'text'],
          ['fixed_in', 'text'],
        ] as const)
          await db.schema.alterTable('appeals').addColumn(name, type).execute()
        await db.schema.createIndex('appeals_filed').on('appeals').columns(['filed_at_ms', 'id']).execute()
        await db.schema.createIndex('appeals_by').on('appeals').columns(['principal', 'filed_at_ms']).execute()
        await db.schema
          .createTable('appeal_events')
          .addColumn('appeal', 'text', (column) => column.notNull())
          .addColumn('seq', 'integer', (column) => column.notNull())
          .addColumn('at_ms', 'bigint', (column) => column.notNull())
          .addColumn('by', 'text', (column) => column.notNull())
          .addColumn('move', 'text', (column) => column.notNull())
          .addColumn('from_state', 'text', (column) => column.notNull())
          .addColumn('to_state', 'text', (column) => column.notNull())
          .addColumn('reason', 'text')
          .addPrimaryKeyConstraint('appeal_events_key', ['appeal', 'seq'])
          .execute()
        await db.schema
          .createTable('exceptions')
          .addColumn('id', 'text', (column) => column.primaryKey())
          .addColumn('appeal', 'text', (column) => column.notNull())
          .addColumn('decision', 'text', (column) => column.notNull())
          .addColumn('org', 'text', (column) => column.notNull())
          .addColumn('principal', 'text', (column) => column.notNull())
          .addColumn('reasons', 'text', (column) => column.notNull())
          .addColumn('parts', 'text', (column) => column.notNull())
          .addColumn('from_ms', 'bigint', (column) => column.notNull())
          .addColumn('until_ms', 'bigint', (column) => column.notNull())
          .addColumn('revoked_at_ms', 'bigint')
          .execute()
        await db.schema.createIndex('exceptions_until').on('exceptions').column('until_ms').execute()
        await db.schema
          .createTable('credits')
          .addColumn('appeal', 'text', (column) => column.primaryKey())
          .addColumn('decision', 'text', (column) => column.notNull())
          .addColumn('org', 'text', (column) => column.notNull())
          .addColumn('principal', 'text', (column) => column.notNull())
          .addColumn('tokens', 'text', (column) => column.notNull())
          .addColumn('at_ms', 'bigint', (column) => column.notNull())
          .execute()
        await db.schema
          .createTable('review_items')
          .addColumn('id', 'text', (column) => column.primaryKey())
          .addColumn('decision', 'text', (column) => column.notNull().unique())
          .addColumn('org', 'text', (column) => column.notNull())
          .addColumn('source', 'text', (column) => column.notNull())
          .addColumn('category', 'text')
          .addColumn('at_ms', 'bigint', (column) => column.notNull())
          .addColumn('added_at_ms', 'bigint', (column) => column.notNull())
          .addColumn('priority', 'double precision', (column) => column.notNull())
          .addColumn('needs', 'integer', (column) => column.notNull())
          .addColumn('golden', 'text')
          .addColumn('cluster', 'text', (column) => column.notNull())
          .addColumn('state', 'text', (column) => column.notNull())
          .addColumn('label', 'text')
          .addColumn('holder', 'text')
          .addColumn('lock_until_ms', 'bigint')
          .execute()
        await db.schema.createIndex('review_items_order').on('review_items').columns(['state', 'priority']).execute()
        await db.schema.createIndex('review_items_cluster').on('review_items').column('cluster').execute()
        await db.schema
          .createTable('review_bands')
          .addColumn('band', 'text', (column) => column.notNull())
          .addColumn('item', 'text', (column) => column.notNull())
          .addColumn('cluster', 'text', (column) => column.notNull())
          .addColumn('signature', 'text', (column) => column.notNull())
          .execute()
        await db.schema.createIndex('review_bands_band').on('review_bands').column('band').execute()
        await db.schema
          .createTable('review_labels')
          .addColumn('id', 'text', (column) => column.primaryKey())
          .addColumn('item', 'text')
          .addColumn('decision', 'text', (column) => column.notNull())
          .addColumn('org', 'text', (column) => column.notNull())
          .addColumn('source', 'text', (column) => column.notNull())
          .addColumn('label', 'text', (column) => column.notNull())
          .addColumn('category', 'text', (column) => column.notNull())
          .addColumn('attack', 'text')
          .addColumn('by', 'text', (column) => column.notNull())
          .addColumn('at_ms', 'bigint', (column) => column.notNull())
          .addColumn('reason', 'text', (column) => column.notNull())
          .addColumn('golden', 'integer', (column) => column.notNull())
          .addColumn('revoked_at_ms', 'bigint')
          .addColumn('revoked_by', 'text')
          .execute()
        await db.schema.createIndex('review_labels_decision').on('review_labels').column('decision').execute()
        await db.schema.createIndex('review_labels_by').on('review_labels').columns(['by', 'at_ms']).execute()
        await db.schema
          .createTable('review_positions')
          .addColumn('name', 'text', (column) => column.primaryKey())
          .addColumn('at_ms', 'bigint', (column) => column.notNull())
          .execute()
      },
    },
    '0030-collateral': {
      async up(db) {
        await db.schema
          .createTable('replay_jobs')
          .addColumn('id', 'text', (column) => column.primaryKey())
          .addColumn('created_at_ms', 'bigint', (column) => column.notNull())
          .addColumn('since_ms', 'bigint', (column) => column.notNull())
          .addColumn('until_ms', 'bigint', (column) => column.notNull())
          .addColumn('spec', 'text', (column) => column.notNull())
          .execute()
        await db.schema
          .createTable('replay_chunks')
          .addColumn('job', 'text', (column) => column.notNull())
          .addColumn('seq', 'integer', (column) => column.notNull())
          .addColumn('from_ms', 'bigint', (column) => column.notNull())
          .addColumn('from_id', 'text', (column) => column.notNull())
          .addColumn('until_ms', 'bigint')
          .addColumn('until_id', 'text')
          .addColumn('requests', 'integer', (column) => column.notNull())
          .addColumn('worker', 'text')
          .addColumn('leased_until_ms', 'bigint', (column) => column.notNull())
          .addColumn('result', sql.raw(bytes))
          .addPrimaryKeyConstraint('replay_chunks_pk', ['job', 'seq'])
          .execute()
        await db.schema
          .createTable('collateral_reports')
          .addColumn('id', 'text', (column) => column.primaryKey())
          .addColumn('created_at_ms', 'bigint', (column) => column.notNull())
          .addColumn('before_label', 'text', (column) => column.notNull())
          .addColumn('after_label', 'text', (column) => column.notNull())
          .addColumn('outcome', 'text', (column) => column.notNull())
          .addColumn('requests', 'bigint', (column) => column.notNull())
          .addColumn('report', 'text', (column) => column.notNull())
          .execute()
      },
    },
    '0040-releases': {
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
    '0045-guard-units': {
      async up(db) {
        await db.schema.alterTable('decisions').addColumn('ended', 'text').execute()
        await db.schema
          .alterTable('decisions')
          .addColumn('segment', 'text', (column) => column.notNull().defaultTo('other'))
          .execute()
        await db.schema
          .createTable('guard_units')
          .addColumn('release', 'text', (column) => column.notNull())
          .addColumn('stage', 'text', (column) => column.notNull())
          .addColumn('unit', 'text', (column) => column.notNull())
          .addColumn('arm', 'text', (column) => column.notNull())
          .addColumn('shared_by', 'text', (column) => column.notNull())
          .addColumn('percent', 'double precision', (column) => column.notNull())
          .addColumn('org', 'text', (column) => column.notNull())
          .addColumn('first_ms', 'bigint', (column) => column.notNull())
          .addColumn('refused', 'integer', (column) => column.notNull())
          .addColumn('diverted', 'integer', (column) => column.notNull())
          .addColumn('errored', 'integer', (column) => column.notNull())
          .addColumn('would_refused', 'integer', (column) => column.notNull())
          .addColumn('would_diverted', 'integer', (column) => column.notNull())
          .addColumn('appealed', 'integer', (column) => column.notNull().defaultTo(0))
          .addColumn('looked', 'bigint')
          .addColumn('appeals_looked', 'bigint')
          .addPrimaryKeyConstraint('guard_units_key', ['release', 'stage', 'unit'])
          .execute()
        await db.schema
          .createIndex('guard_units_waiting')
          .on('guard_units')
          .columns(['release', 'stage', 'looked', 'first_ms'])
          .execute()
      },
    },
    '0046-review-acts': {
      async up(db) {
        const serial = bytes === 'bytea' ? sql`bigserial` : sql`integer`
        await db.schema
          .createTable('review_acts')
          .addColumn('seq', serial, (column) => column.primaryKey())
          .addColumn('act', 'text', (column) => column.notNull())
          .addColumn('about', 'text', (column) => column.notNull())
          .addColumn('rows', 'integer', (column) => column.notNull())
          .addColumn('done_by', 'text', (column) => column.notNull())
          .addColumn('at_ms', 'bigint', (column) => column.notNull())
          .addColumn('reason', 'text', (column) => column.notNull())
          .execute()
      },
    },
    '0050-record': recordMigration(bytes),
    '0060-kept-objects': {
      async up(db) {
        await db.schema
          .createTable('kept_objects')
          .addColumn('id', 'text', (column) => column.primaryKey())
          .addColumn('org', 'text', (column) => column.notNull())
          .addColumn('at_ms', 'bigint', (column) => column.notNull())
          .execute()
      },
    },
    '0070-registry': { up: (db) => registryTables(db, bytes) },
    '0080-instruments': { up: instrumentTable },
    // Two trials would share sessions: of all slots one release is in canary.
    '0090-one-trial': {
      async up(db) {
        await db.schema.dropIndex('releases_one_canary').execute()
        await db.schema
          .createIndex('releases_one_trial')
          .unique()
          .on('releases')
          .column('stage')
          .where(sql.ref('stage'), '=', sql.lit('canary'))
          .execute()
      },
    },
  }
}
