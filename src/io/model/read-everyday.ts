import { join } from 'node:path'
import { z } from 'zod'
import { hash32 } from '../../core/base/hash32.ts'
import type { Seeds, Slots, Template } from '../../jobs/training-ports.ts'
import { UNADORNED } from './read-requests.ts'
import { language, seedFile, seedFiles, sharedSlots } from './read-seeds.ts'

const file = z.strictObject({
  lang: language,
  requests: z
    .array(
      z
        .string()
        .trim()
        .regex(/^[^{}|]+$/, 'wanted a request without braces and bars'),
    )
    .min(1),
})

/**
 * Everyday requests: harmless ones without anything alarming, one YAML file a language, each a template of one side.
 *
 * @param data The project's folder `data`.
 * @throws {SeedsError} `seeds_missing`; `seeds_invalid`: the file, the field, and what was wanted
 */
export async function everydayRequests(data: string): Promise<Seeds> {
  const templates: Template[] = []
  const around: Seeds['shared'] = await seedFile(sharedSlots, join(data, 'pairs', 'slots.yaml'))
  const shared: Record<string, Slots> = {}
  for (const path of await seedFiles(join(data, 'everyday'))) {
    const { lang, requests } = await seedFile(file, path)
    shared[lang] = { ...UNADORNED, ...around[lang] }
    for (const text of requests) templates.push(templateOf(lang, text))
  }
  return { templates, shared }
}

function templateOf(lang: string, text: string): Template {
  return {
    id: `everyday.${lang}.${hash32(text).toString(16).padStart(8, '0')}`,
    subject: 'everyday',
    lang,
    sides: ['harmless'],
    label: 'benign',
    category: 'none',
    attack: null,
    source: 'sluice-everyday',
    turns: [{ role: 'user', content: '{do}' }],
    tone: 'plain',
    slots: { do: [text] },
  }
}
