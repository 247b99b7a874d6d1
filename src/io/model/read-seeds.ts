import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parse } from 'yaml'
import { z } from 'zod'
import { CodedError } from '../../core/base/errors.ts'
import { ATTACK_FORMS, CATEGORIES } from '../../core/base/harm.ts'
import type { Seeds, Template } from '../../jobs/training-ports.ts'

export class SeedsError extends CodedError<'seeds_missing' | 'seeds_invalid'> {}

const slots = z.record(z.string(), z.array(z.string()).min(1))
const template = z
  .strictObject({
    id: z.string().regex(/^[a-z0-9-]+$/, 'wanted lower-case letters, digits and dashes'),
    label: z.enum(['benign', 'borderline-benign']).default('borderline-benign'),
    category: z.enum(CATEGORIES).optional(),
    attack: z.enum(ATTACK_FORMS).nullable().default(null),
    tone: z.enum(['polite', 'plain']).default('polite'),
    text: z.string().optional(),
    turns: z
      .array(z.partialRecord(z.enum(['system', 'user', 'assistant', 'tool']), z.string()))
      .min(1)
      .optional(),
    slots: slots.default({}),
  })
  .refine(({ text, turns }) => (text === undefined) !== (turns === undefined), 'wanted either `text` or `turns`')
const subject = z.strictObject({
  subject: z.string(),
  en: z.array(template).default([]),
  ja: z.array(template).default([]),
})
const shared = z.strictObject({ en: slots, ja: slots })

/**
 * Seeds of a folder: one YAML file per subject, and beside them or one folder up the slots that all may use.
 * A template with a category has two sides; one without is of a regression set.
 * @throws {SeedsError} `seeds_missing`; `seeds_invalid`: the file, the field, and what was wanted
 */
export async function readSeeds(folder: string, slotsFile = join(folder, 'slots.yaml')): Promise<Seeds> {
  const names = await readdir(folder).catch(() => {
    throw new SeedsError('seeds_missing', `no folder ${folder}`)
  })
  const files = names.filter((name) => name.endsWith('.yaml') && name !== 'slots.yaml').sort()
  const templates: Template[] = []
  for (const name of files) {
    const file = join(folder, name)
    const read = checked(subject, await parsed(file), file)
    for (const lang of ['en', 'ja'] as const)
      for (const one of read[lang]) templates.push(templateOf(read.subject, lang, one))
  }
  return { templates, shared: checked(shared, await parsed(slotsFile), slotsFile) }
}

function templateOf(name: string, lang: string, one: z.infer<typeof template>): Template {
  const { id, label, category, attack, tone, text, turns, slots: own } = one
  const said = turns?.flatMap((turn) => Object.entries(turn).map(([role, content]) => ({ role, content })))
  return {
    id: `${name}.${lang}.${id}`,
    subject: name,
    lang,
    sides: category === undefined ? ['harmless'] : ['harmless', 'harmful'],
    label,
    category: category ?? 'none',
    attack,
    tone,
    turns: said ?? [{ role: 'user', content: text! }],
    slots: own,
  }
}

async function parsed(file: string): Promise<unknown> {
  const text = await readFile(file, 'utf8').catch(() => {
    throw new SeedsError('seeds_missing', `no file ${file}`)
  })
  try {
    return parse(text)
  } catch (error) {
    throw new SeedsError('seeds_invalid', `${file}: wanted YAML`, { cause: error })
  }
}

function checked<T>(schema: z.ZodType<T>, value: unknown, file: string): T {
  const read = schema.safeParse(value)
  if (read.success) return read.data
  const { path, message } = read.error.issues[0]!
  throw new SeedsError('seeds_invalid', `${file}: \`${path.join('.') || 'file'}\`: ${message}`)
}
