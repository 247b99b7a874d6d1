import { hash } from 'node:crypto'
import { z } from 'zod'
import { ATTACK_FORMS, CATEGORIES } from '../../core/base/harm.ts'
import type { DataRow } from '../../jobs/training-ports.ts'

const given = (value: unknown) => (value === null || value === '' ? undefined : value)
const optional = <T extends z.ZodType>(schema: T) => z.preprocess(given, schema.optional())

/** A row as the outside has it: turns, or plain columns `text`, or `prompt` and `answer`. */
const outsideSchema = z.object({
  id: optional(z.union([z.string(), z.number()]).transform(String)),
  lang: optional(z.string().regex(/^[a-z]{2,3}$/, 'wanted a language code such as en')),
  turns: z.preprocess(
    (value) => (typeof value === 'string' ? parsed(value) : given(value)),
    z
      .array(z.object({ role: z.enum(['system', 'user', 'assistant', 'tool']), content: z.string() }))
      .min(1)
      .optional(),
  ),
  text: optional(z.string()),
  prompt: optional(z.string()),
  answer: optional(z.string()),
  label: z.enum(['harmful', 'benign', 'borderline-benign']),
  attack: optional(z.enum(ATTACK_FORMS)),
  category: optional(z.enum([...CATEGORIES, 'none'])),
  source: optional(z.string()),
  license: optional(z.string()),
  quality: optional(z.enum(['gold', 'silver', 'weak'])),
  split: optional(z.enum(['train', 'dev'])),
})

export interface ImportDefaults {
  readonly license: string | null
  readonly source: string
  readonly lang: string
  /** Their column by our name. */
  readonly columns: ReadonlyMap<string, string>
}

/** A row of ours, or what is wrong with theirs: the field and what was wanted, never what stands in it. */
export function importRow(value: unknown, defaults: ImportDefaults): DataRow | string {
  if (typeof value !== 'object' || value === null)
    return '`row`: wanted an object, or as many columns as there are names'
  const read = outsideSchema.safeParse(renamed(value as Record<string, unknown>, defaults.columns))
  if (!read.success) {
    const { path, message } = read.error.issues[0]!
    return `\`${path.join('.') || 'row'}\`: ${message}`
  }
  const row = read.data
  const turns = row.turns ?? plainTurns(row)
  if (turns === null) return '`turns`: wanted turns, or `text`, or `prompt` with or without `answer`'
  if (turns.every(({ content }) => content.trim() === '')) return '`turns`: all of them are empty'
  const license = row.license ?? defaults.license
  if (license === null) return '`license`: wanted one; name it in the row, or for all rows with --license'
  const target = turns.at(-1)!.role === 'assistant' ? 'exchange' : 'prompt'
  const id = hash('sha256', JSON.stringify([target, turns])).slice(0, 16)
  return {
    id: row.id !== undefined && /^[0-9a-f]{16}$/.test(row.id) ? row.id : id,
    lang: row.lang ?? defaults.lang,
    turns,
    label: row.label,
    attack: row.attack ?? null,
    category: row.category ?? (row.label === 'harmful' ? 'other-harm' : 'none'),
    target,
    source: row.source ?? defaults.source,
    license,
    quality: row.quality ?? 'silver',
    split: row.split ?? 'train',
  }
}

function plainTurns(row: z.infer<typeof outsideSchema>): DataRow['turns'] | null {
  const asked = row.prompt ?? row.text
  if (asked === undefined) return null
  const user = { role: 'user', content: asked }
  return row.answer === undefined ? [user] : [user, { role: 'assistant', content: row.answer }]
}

function renamed(value: Record<string, unknown>, columns: ReadonlyMap<string, string>): Record<string, unknown> {
  const ours = { ...value }
  for (const [name, theirs] of columns) if (theirs in value) ours[name] = value[theirs]
  return ours
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
