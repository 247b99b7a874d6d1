import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { EvalRow } from '../../core/classifier/evaluation/row.ts'
import { readSet } from './read-set.ts'

/** Rows of one of the project's own folders, from the JSON Lines in it; null when there is none. @throws {RowsError} */
export async function readOwn(folder: string): Promise<readonly EvalRow[] | null> {
  if (!existsSync(folder)) return null
  const files = readdirSync(folder).filter((name) => /\.jsonl(\.gz)?$/.test(name))
  if (files.length === 0) return null
  const rows: EvalRow[] = []
  for (const file of files.sort()) for (const row of await readSet(join(folder, file))) rows.push(row)
  return rows
}
