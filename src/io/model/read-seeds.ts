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
/** Of all texts of a file. */
export const language = z.string().regex(/^[a-z]{2}$/, 'wanted a language code of two letters')

/** Lists that every template of a language may use. */
export const sharedSlots = z.strictObject({ en: slots, ja: slots })

/**
 * Seeds of a folder: one YAML file per subject, and beside them or one folder up the slots that all may use.
 * A template with a category has two sides; one without is of a regression set.
 * @throws {SeedsError} `seeds_missing`; `seeds_invalid`: the file, the field, and what was wanted
 */
export async function readSeeds(folder: string, slotsFile = join(folder, 'slots.yaml')): Promise<Seeds> {
  const templates: Template[] = []
  for (const file of await seedFiles(folder)) {
    const read = await seedFile(subject, file)
    for (const lang of ['en', 'ja'] as const)
      for (const one of read[lang]) templates.push(templateOf(read.subject, lang, one))
  }
  return { templates, shared: await seedFile(sharedSlots, slotsFile) }
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
    source: category === undefined ? 'sluice-regression' : 'sluice-pairs',
    turns: said ?? [{ role: 'user', content: text! }],
    slots: own,
  }
}

/** The YAML files of a folder but `slots.yaml`, in order. @throws {SeedsError} `seeds_missing` */
export async function seedFiles(folder: string): Promise<readonly string[]> {
  const names = await readdir(folder).catch(() => {
    throw new SeedsError('seeds_missing', `no folder ${folder}`)
  })
  const files = names.filter((name) => name.endsWith('.yaml') && name !== 'slots.yaml').sort()
  return files.map((name) => join(folder, name))
}

/** What a file of seeds says. @throws {SeedsError} `seeds_missing`; `seeds_invalid`: the file, the field, what was wanted */
export async function seedFile<T>(schema: z.ZodType<T>, file: string): Promise<T> {
  const text = await readFile(file, 'utf8').catch(() => {
    throw new SeedsError('seeds_missing', `no file ${file}`)
  })
  const read = schema.safeParse(parsed(text, file))
  if (read.success) return read.data
  const { path, message } = read.error.issues[0]!
  throw new SeedsError('seeds_invalid', `${file}: \`${path.join('.') || 'file'}\`: ${message}`)
}

function parsed(text: string, file: string): unknown {
  try {
    return parse(text)
  } catch (error) {
    throw new SeedsError('seeds_invalid', `${file}: wanted YAML`, { cause: error })
  }
}
