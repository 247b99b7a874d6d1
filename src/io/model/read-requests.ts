import { join } from 'node:path'
import { z } from 'zod'
import { ATTACK_FORMS, CATEGORIES } from '../../core/base/harm.ts'
import { hash32 } from '../../core/base/hash32.ts'
import type { OwnSource, Seeds, Slots, Template } from '../../jobs/training-ports.ts'
import { language, SeedsError, seedFile, seedFiles, sharedSlots } from './read-seeds.ts'

const phrase = z.string().trim().min(1)
const file = z
  .strictObject({
    lang: language,
    /** What form of attack the harmful sides are. */
    attack: z.enum(ATTACK_FORMS).nullable().default(null),
    /** Of a document the topics are texts that a tool brings, and the frames what is asked about them. */
    place: z.enum(['request', 'document']).default('request'),
    /** Whole sentences, around `{do}` where they are not about a document. */
    frames: z.array(phrase).min(1),
    /** What one may want to do, harmless and harmful, by the category of the harmful side; `none` where no harm is named. */
    topics: z.partialRecord(z.enum([...CATEGORIES, 'none']), z.array(z.tuple([phrase, phrase])).min(1)),
  })
  .check(({ value: { place, frames }, issues }) => {
    const [fits, wanted] =
      place === 'document'
        ? [/^[^{}]+$/, 'wanted a question without slots']
        : [/^[^{}]*\{do\}[^{}]*$/, 'wanted `{do}` once, and no other slot']
    frames.forEach((frame, i) => {
      if (!fits.test(frame)) issues.push({ code: 'custom', message: wanted, input: frame, path: ['frames', i] })
    })
  })
type RequestFile = z.infer<typeof file>
/** Around requests of a language without greetings of its own. */
export const UNADORNED = { plain_opener: [''], plain_closer: [''] }

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
  for (const path of await seedFiles(folder)) {
    const read = await seedFile(file, path)
    shared[read.lang] = { ...UNADORNED, ...around[read.lang] }
    const own = Object.entries(read.topics).flatMap(([category, pairs]) =>
      pairs.map((pair) => topicOf(read, category as Template['category'], pair, source)),
    )
    const twice = own.find(({ id }, i) => own.findIndex((one) => one.id === id) < i)
    if (twice !== undefined) throw new SeedsError('seeds_invalid', `${path}: \`topics\`: given twice: ${twice.id}`)
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

/** Forms of attack, beside innocent texts of the same words, by writers of whom nothing is learned. */
export function unseenAttacks(data: string): Promise<Seeds> {
  return readRequests(join(data, 'unseen-attacks'), join(data, 'pairs', 'slots.yaml'), 'sluice-unseen')
}

function topicOf(
  read: RequestFile,
  category: Template['category'],
  [harmless, harmful]: readonly [string, string],
  source: OwnSource,
): Template {
  const { lang, attack, place, frames } = read
  const asked = { role: 'user', content: '{frame}' } as const
  return {
    // By what it asks for, so that it stays where it is whatever is added around it.
    id: `requests.${lang}.${hash32(harmful).toString(16).padStart(8, '0')}`,
    subject: 'requests',
    lang,
    sides: ['harmless', 'harmful'],
    label: 'borderline-benign',
    category,
    attack,
    source,
    turns: place === 'document' ? [asked, { role: 'tool', content: '{do}' }] : [asked],
    tone: 'plain',
    slots: { frame: frames, do: [`${harmless}||${harmful}`] },
  }
}
