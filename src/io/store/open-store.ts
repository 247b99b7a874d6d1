import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { Kysely, PostgresDialect, SqliteDialect } from 'kysely'
import { Migrator } from 'kysely/migration'
import type { Store } from '../../jobs/ports.ts'
import { kyselyStore } from './kysely-store.ts'
import { migrations } from './migrations.ts'
import type { Tables } from './schema.ts'
import { sqliteBatches } from './sqlite-batches.ts'
import { StoreError } from './store-error.ts'

/** PostgreSQL where a URL is given, else SQLite in the data folder. @throws {StoreError} it does not open. */
export function openStore(databaseUrl: string | null, dataFolder: string): Promise<Store> {
  return databaseUrl === null ? openSqlite(join(dataFolder, 'sluice.db')) : openPostgres(databaseUrl)
}

/** Write-ahead log with full sync: what was acknowledged survives a power cut. */
export async function openSqlite(path: string): Promise<Store> {
  mkdirSync(join(path, '..'), { recursive: true, mode: 0o700 })
  const database = new Database(path, { timeout: 5000 })
  database.pragma('journal_mode = WAL')
  database.pragma('synchronous = FULL')
  database.pragma('foreign_keys = ON')
  // Copying the log back syncs the file: at four times the default size, a quarter as often.
  database.pragma('wal_autocheckpoint = 4000')
  // A deleted row's bytes are overwritten where its page is written anyway: a destroyed key must not lie about in it.
  database.pragma('secure_delete = FAST')
  const db = new Kysely<Tables>({ dialect: new SqliteDialect({ database }) })
  await migrate(db, 'blob')
  const store = kyselyStore(db, () => db.destroy())
  return {
    ...store,
    ...sqliteBatches(database, db),
    async shredKey(...args) {
      const done = await store.shredKey(...args)
      // Pages as they were before lie in the log until it is copied back and cut.
      await db.connection().execute(async () => database.pragma('wal_checkpoint(TRUNCATE)'))
      return done
    },
  }
}

/** @param schema Where the tables live; `public` unless told otherwise. */
export async function openPostgres(url: string, schema = 'public'): Promise<Store> {
  // Loaded where it is used: with SQLite every start would pay for it.
  const { default: pg } = await import('pg')
  // 64-bit integers come as numbers, as SQLite gives them: all of ours are below 2^53.
  const types = {
    getTypeParser: (id: number, format?: string) => (id === 20 ? Number : pg.types.getTypeParser(id, format as 'text')),
  }
  const pool = new pg.Pool({
    connectionString: url,
    max: 8,
    types: types as never,
    options: `-c search_path=${schema}`,
  })
  pool.on('error', () => undefined) // an idle connection that broke is replaced; the query that needs one reports
  const db = new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) })
  try {
    await migrate(db, 'bytea', schema)
  } catch (cause) {
    await db.destroy()
    throw new StoreError('store_unavailable', 'PostgreSQL does not answer at DATABASE_URL', { cause })
  }
  return kyselyStore(db, () => db.destroy())
}

async function migrate(db: Kysely<Tables>, bytes: 'blob' | 'bytea', schema = 'public'): Promise<void> {
  const migrator = new Migrator({
    db,
    provider: { getMigrations: async () => migrations(bytes) },
    // Else its own tables in another schema of the same database would be taken for those of this one.
    ...(schema === 'public' ? {} : { migrationTableSchema: schema }),
  })
  const { error } = await migrator.migrateToLatest()
  if (error !== undefined) throw error
}
