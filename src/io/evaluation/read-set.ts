import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import type { EvalRow } from '../../core/classifier/evaluation/row.ts'
import { linesOf } from '../lines.ts'
import { RowsError } from '../model/read-rows.ts'
import { textOfFile } from '../text-file.ts'

const optional = z.string().nullable().default(null)

/** A row of a set to measure: only id, turns and label are needed, and numbers are taken as ids. */
export const evalRowSchema = z
  .object({
    id: z.union([z.string().min(1), z.number()]).transform(String),
    lang: z.string().default('und'),
    turns: z.array(z.object({ role: z.string(), content: z.string() })).min(1),
    label: z.enum(['harmful', 'benign', 'borderline-benign']),
    attack: optional,
    category: z.string().default('none'),
    target: z.enum(['prompt', 'exchange']).optional(),
    source: z.string().default('unknown'),
    quality: z.enum(['gold', 'silver', 'weak']).default('silver'),
    family: optional,
    pair: optional,
    template: optional,
    subject: optional,
  })
  .transform(
    (row): EvalRow => ({
      ...row,
      target: row.target ?? (row.turns.at(-1)!.role === 'assistant' ? 'exchange' : 'prompt'),
    }),
  )

/**
 * Rows of a JSON Lines file, gzipped or not.
 * @throws {RowsError} no such file, or none in it; or a line that is no row, named by file and number.
 *   {TextFileError} it cannot be read as text.
 */
export async function readSet(file: string): Promise<readonly EvalRow[]> {
  const rows = await rowsIn(file)
  if (rows.length === 0) throw new RowsError('rows_invalid', `${file} holds no rows`)
  return rows
}

async function rowsIn(file: string): Promise<readonly EvalRow[]> {
  if (!existsSync(file)) throw new RowsError('rows_missing', `no file ${file}`)
  const rows: EvalRow[] = []
  let number = 0
  for await (const line of linesOf(textOfFile(file))) {
    number++
    if (line.trim() === '') continue
    const value = jsonOf(line)
    if (value === null)
      throw new RowsError('rows_invalid', `${file} line ${number} is no JSON; bring CSV in with \`sluice data import\``)
    const row = evalRowSchema.safeParse(value)
    if (!row.success) {
      const { path, message } = row.error.issues[0]!
      throw new RowsError('rows_invalid', `${file} line ${number}: \`${path.join('.') || 'row'}\`: ${message}`)
    }
    rows.push(row.data)
  }
  return rows
}

/** One split of a data folder, both kinds, of which one may be empty. @throws {RowsError} */
export async function readSetSplit(folder: string, split: 'train' | 'dev'): Promise<readonly EvalRow[]> {
  const rows: EvalRow[] = []
  for (const target of ['prompt', 'exchange'] as const)
    for (const row of await readSetPart(folder, split, target)) rows.push(row)
  return rows
}

/** One kind of one split, which may be empty. @throws {RowsError} */
export async function readSetPart(
  folder: string,
  split: 'train' | 'dev',
  target: EvalRow['target'],
): Promise<readonly EvalRow[]> {
  const plain = join(folder, `${split}.${target}.jsonl`)
  const file = [`${plain}.gz`, plain].find(existsSync)
  if (file !== undefined) return rowsIn(file)
  throw new RowsError(
    'rows_missing',
    `no ${split}.${target}.jsonl or .jsonl.gz in ${folder}; name the folder with --data`,
  )
}

/** What a line says, or null when it is no JSON. */
export function jsonOf(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return null
  }
}
