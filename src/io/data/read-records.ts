import { existsSync } from 'node:fs'
import { CodedError } from '../../core/base/errors.ts'
import { jsonOf } from '../evaluation/read-set.ts'
import { linesOf } from '../lines.ts'
import { textOfFile } from '../text-file.ts'
import { csvRecords } from './csv.ts'

export class ImportError extends CodedError<'file_missing' | 'format_unknown' | 'file_invalid' | 'reader_missing'> {}

/** One record of a file, with the line (in Parquet the row) that it stands on. Not yet checked for anything. */
export interface FileRecord {
  readonly line: number
  readonly value: unknown
}

/** Optional peer: reads Parquet. */
const PARQUET_READER = '@duckdb/node-api'

/**
 * Records of JSON Lines, CSV (first line: names of columns) or Parquet; the first two gzipped or not. By the name's end.
 * @throws {ImportError}, {TextFileError}
 */
export async function* readRecords(file: string): AsyncGenerator<FileRecord> {
  if (!existsSync(file)) throw new ImportError('file_missing', `no file ${file}`)
  const name = file.replace(/\.gz$/, '')
  if (/\.(jsonl|ndjson)$/.test(name)) yield* jsonLines(textOfFile(file))
  else if (name.endsWith('.csv')) yield* csv(textOfFile(file), file)
  else if (file.endsWith('.parquet')) yield* parquet(file)
  else throw new ImportError('format_unknown', `${file}: wanted .jsonl, .csv (gzipped or not) or .parquet`)
}

async function* jsonLines(pieces: AsyncIterable<string>): AsyncGenerator<FileRecord> {
  let line = 0
  for await (const text of linesOf(pieces)) {
    line++
    if (text.trim() !== '') yield { line, value: jsonOf(text) }
  }
}

async function* csv(pieces: AsyncIterable<string>, file: string): AsyncGenerator<FileRecord> {
  let names: readonly string[] | null = null
  try {
    for await (const { line, fields } of csvRecords(pieces)) {
      if (names === null) names = fields.map((name) => name.trim())
      // A record of another length is no guess: it is handed on as what it is, and rejected with its line.
      else yield { line, value: fields.length === names.length ? recordOf(names, fields) : null }
    }
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause
    throw new ImportError('file_invalid', `${file} ${cause.message}`, { cause })
  }
}

/** An empty field says nothing, where JSON would leave the member out. */
function recordOf(names: readonly string[], fields: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.map((name, i) => [name, fields[i]!] as const).filter(([, value]) => value !== ''))
}

/** The little of the reader's interface that is used; its own types are there only when it is. */
interface DuckDb {
  readonly DuckDBInstance: {
    create(path: string): Promise<{
      connect(): Promise<{
        runAndReadAll(sql: string, values: readonly string[]): Promise<{ getRowObjectsJson(): readonly unknown[] }>
        closeSync(): void
      }>
    }>
  }
}

async function* parquet(file: string): AsyncGenerator<FileRecord> {
  let reader: DuckDb
  try {
    // Not a literal: it need not be installed, neither to compile nor to run.
    reader = (await import(PARQUET_READER as string)) as DuckDb
  } catch (cause) {
    throw new ImportError(
      'reader_missing',
      `${file}: Parquet is read by ${PARQUET_READER}, which is not installed; run \`npm install --no-save ${PARQUET_READER}\`, or convert the file to .jsonl`,
      { cause },
    )
  }
  const connection = await (await reader.DuckDBInstance.create(':memory:')).connect()
  try {
    const rows = (await connection.runAndReadAll('select * from read_parquet($1)', [file])).getRowObjectsJson()
    for (const [i, value] of rows.entries()) yield { line: i + 1, value }
  } catch (cause) {
    throw new ImportError('file_invalid', `${file} is no Parquet file that ${PARQUET_READER} can read`, { cause })
  } finally {
    connection.closeSync()
  }
}
