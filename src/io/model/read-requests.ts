import { join } from 'node:path'
import { z } from 'zod'
import { CATEGORIES, type Category } from '../../core/base/harm.ts'
import { hash32 } from '../../core/classifier/evaluation/halves.ts'
import type { OwnSource, Seeds, Slots, Template } from '../../jobs/training-ports.ts'
import { SeedsError, seedFile, seedFiles, sharedSlots } from './read-seeds.ts'

const phrase = z.string().trim().min(1)
const topics = z.strictObject({
  lang: z.string().regex(/^[a-z]{2}$/, 'wanted a language code of two letters'),
  /** Whole sentences around `{do}`. */
  frames: z.array(z.string().regex(/^[^{}]*\{do\}[^{}]*$/, 'wanted `{do}` once, and no other slot')).min(1),
  /** What one may want to do, harmless and harmful, by the category of the harmful side. */
  topics: z.partialRecord(z.enum(CATEGORIES), z.array(z.tuple([phrase, phrase])).min(1)),
})
const UNADORNED = { plain_opener: [''], plain_closer: [''] }

/**
 * Topics of plain requests: one YAML file a language, each topic a template of two sides whose frame is drawn.
 *
 * @param slotsFile What may stand around a request, by language; a language without goes without.
 * @throws {SeedsError} `seeds_missing`; `seeds_invalid`: the file, the field, and what was wanted; a topic given twice
 */
export async function readRequests(
  folder: string,
  slotsFile: string,
  source: OwnSource = 'sluice-requests',
): Promise<Seeds> {
  const templates: Template[] = []
  const around: Seeds['shared'] = await seedFile(sharedSlots, slotsFile)
  const shared: Record<string, Slots> = {}
  for (const file of await seedFiles(folder)) {
    const { lang, frames, topics: byCategory } = await seedFile(topics, file)
    shared[lang] = { ...UNADORNED, ...around[lang] }
    const own = Object.entries(byCategory).flatMap(([category, pairs]) =>
      pairs.map((pair) => topicOf(lang, category as Category, pair, frames, source)),
    )
    const twice = own.find(({ id }, i) => own.findIndex((one) => one.id === id) < i)
    if (twice !== undefined) throw new SeedsError('seeds_invalid', `${file}: \`topics\`: given twice: ${twice.id}`)
    templates.push(...own)
  }
  return { templates, shared }
}

/** Where the project keeps them. @param data Its folder `data`. */
export function ownRequests(data: string): Promise<Seeds> {
  return readRequests(join(data, 'requests'), join(data, 'pairs', 'slots.yaml'))
}

/** Those of writers of whom nothing is learned, in a folder beside. */
export function unseenRequests(data: string): Promise<Seeds> {
  return readRequests(join(data, 'unseen-requests'), join(data, 'pairs', 'slots.yaml'), 'sluice-unseen')
}

function topicOf(
  lang: string,
  category: Category,
  [harmless, harmful]: readonly [string, string],
  frames: readonly string[],
  source: OwnSource,
): Template {
  return {
    // By what it asks for, so that it stays where it is whatever is added around it.
    id: `requests.${lang}.${hash32(harmful).toString(16).padStart(8, '0')}`,
    subject: 'requests',
    lang,
    sides: ['harmless', 'harmful'],
    label: 'borderline-benign',
    category,
    attack: null,
    source,
    turns: [{ role: 'user', content: '{frame}' }],
    tone: 'plain',
    slots: { frame: frames, do: [`${harmless}||${harmful}`] },
  }
}
