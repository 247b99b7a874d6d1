import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { CodedError } from '../../core/base/errors.ts'
import type { TrainingRow } from '../../jobs/training-ports.ts'
import { linesOf } from '../lines.ts'
import { textOfFile } from '../text-file.ts'

export class RowsError extends CodedError<'rows_missing' | 'rows_invalid'> {}

const rowSchema = z.object({
  id: z.string().regex(/^[0-9a-f]{16}/, 'wanted 16 hex digits'),
  lang: z.string().default('und'),
  turns: z.array(z.object({ role: z.string(), content: z.string() })).min(1),
  label: z.enum(['harmful', 'benign', 'borderline-benign']),
  attack: z.string().nullable().default(null),
  category: z.string().default('none'),
  target: z.enum(['prompt', 'exchange']),
  topic: z.string().optional(),
  source: z.string().default('unknown'),
  quality: z.enum(['gold', 'silver', 'weak']).default('silver'),
  provenance: z.object({ authors: z.array(z.string()).min(1), org: z.string(), category: z.string() }).optional(),
})

/**
 * Labelled rows of one split of a data folder: `{split}.prompt.jsonl` and `{split}.exchange.jsonl`, gzipped or not.
 * @throws {RowsError} no such files; or a line that is no row, named by file and number.
 */
export async function readSplit(folder: string, split: 'train' | 'dev'): Promise<readonly TrainingRow[]> {
  const rows: TrainingRow[] = []
  for (const target of ['prompt', 'exchange']) {
    const plain = join(folder, `${split}.${target}.jsonl`)
    const file = [`${plain}.gz`, plain].find(existsSync)
    if (file === undefined) throw new RowsError('rows_missing', `no ${split}.${target}.jsonl or .jsonl.gz in ${folder}`)
    for (const row of await readRows(file)) rows.push(row)
  }
  return rows
}

export async function readRows(file: string): Promise<readonly TrainingRow[]> {
  if (!existsSync(file)) throw new RowsError('rows_missing', `no file ${file}`)
  const rows: TrainingRow[] = []
  let number = 0
  for await (const line of linesOf(textOfFile(file))) {
    number++
    if (line.trim() === '') continue
    const row = rowSchema.safeParse(parsed(line))
    if (!row.success) {
      const { path, message } = row.error.issues[0]!
      throw new RowsError('rows_invalid', `${file} line ${number}: \`${path.join('.') || 'row'}\`: ${message}`)
    }
    rows.push(row.data)
  }
  return rows
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return null
  }
}
