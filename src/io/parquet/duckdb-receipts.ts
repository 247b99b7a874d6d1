import { CodedError } from '../../core/base/errors.ts'
import type { Receipt } from '../../core/policy/receipt.ts'

/** Files cannot be read, or the engine that reads them is not installed. */
export class ParquetError extends CodedError<'duckdb_missing' | 'parquet_unreadable'> {}

/** Receipts in Parquet files: a column `receipt` with the receipt's JSON, as the table `decisions` has it. */
export interface ParquetReceipts {
  readonly rows: number
  /** Rows in the order of the files. */
  page(offset: number, limit: number): Promise<readonly Receipt[]>
  close(): void
}

/** What we use of `@duckdb/node-api`; it is an optional peer, and not there for most. */
interface Duck {
  readonly DuckDBInstance: { create(path: string): Promise<{ connect(): Promise<Connection>; closeSync?(): void }> }
}
interface Connection {
  runAndReadAll(
    sql: string,
    values: readonly (string | number)[],
  ): Promise<{ getRows(): readonly (readonly unknown[])[] }>
  closeSync(): void
}

/**
 * Opens Parquet files by name or pattern (`decisions-*.parquet`), read in place.
 * @throws {ParquetError} `duckdb_missing`: install the optional peer; `parquet_unreadable`: no file, or no such column.
 */
export async function openParquet(files: string): Promise<ParquetReceipts> {
  const { DuckDBInstance } = await duckdb()
  const instance = await DuckDBInstance.create(':memory:')
  const connection = await instance.connect()
  const read = async (sql: string, more: readonly number[] = []) => {
    try {
      return (await connection.runAndReadAll(sql, [files, ...more])).getRows()
    } catch (cause) {
      throw new ParquetError('parquet_unreadable', `${files}: wanted Parquet files with a column \`receipt\` of JSON`, {
        cause,
      })
    }
  }
  // The column is asked for too: a file without it is found out now.
  const [[rows]] = (await read('select count(*)::double, max(length(receipt))::double from read_parquet($1)')) as [
    [number],
  ]
  return {
    rows,
    async page(offset, limit) {
      const found = await read('select receipt from read_parquet($1) limit $2 offset $3', [limit, offset])
      return found.map(([receipt]) => JSON.parse(String(receipt)) as Receipt)
    },
    close() {
      connection.closeSync()
      instance.closeSync?.()
    },
  }
}

async function duckdb(): Promise<Duck> {
  // Named apart from the import: types and bundlers must not look for what need not be there.
  const name: string = '@duckdb/node-api'
  try {
    return (await import(name)) as Duck
  } catch (cause) {
    throw new ParquetError('duckdb_missing', 'Parquet files need DuckDB: npm install @duckdb/node-api', { cause })
  }
}
