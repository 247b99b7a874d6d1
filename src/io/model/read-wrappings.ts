import { join } from 'node:path'
import { z } from 'zod'
import type { Wrappings } from '../../jobs/training-ports.ts'
import { language, seedFile, seedFiles } from './read-seeds.ts'

const file = z.strictObject({
  lang: language,
  wrappings: z
    .array(
      z
        .string()
        .trim()
        .regex(/^[^{}]*\{text\}[^{}]*$/, 'wanted `{text}` once, and no other braces'),
    )
    .min(1),
})

/**
 * Texts that people put around a request, by language: any number of YAML files each.
 *
 * @throws {SeedsError} `seeds_missing`; `seeds_invalid`: the file, the field, and what was wanted
 */
export async function readWrappings(folder: string): Promise<Wrappings> {
  const read: Record<string, string[]> = {}
  for (const path of await seedFiles(folder)) {
    const { lang, wrappings } = await seedFile(file, path)
    read[lang] = [...(read[lang] ?? []), ...wrappings]
  }
  return read
}

/** Those that are learned from. @param data The project's folder `data`. */
export function ownWrappings(data: string): Promise<Wrappings> {
  return readWrappings(join(data, 'wrappings'))
}

/** Those of a writer of whom nothing is learned. */
export function unseenWrappings(data: string): Promise<Wrappings> {
  return readWrappings(join(data, 'unseen-wrappings'))
}
