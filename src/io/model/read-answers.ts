import { basename, join } from 'node:path'
import { z } from 'zod'
import { CATEGORIES } from '../../core/base/harm.ts'
import type { AnswerSeed } from '../../jobs/training-ports.ts'
import { language, SeedsError, seedFile, seedFiles } from './read-seeds.ts'

const text = z.string().trim().min(1)
const file = z.strictObject({
  lang: language,
  answers: z
    .array(
      z.strictObject({
        /** What harm the request is, and the answer that gives in. */
        category: z.enum(CATEGORIES),
        asked: text,
        complies: text,
        declines: text,
        near: text,
        helps: text,
      }),
    )
    .min(1),
})

/**
 * Answers: one YAML file a writer.
 *
 * @throws {SeedsError} `seeds_missing`; `seeds_invalid`: the file, the field, and what was wanted; a request given twice, a
 *   name that is none of a writer
 */
export async function readAnswers(folder: string): Promise<readonly AnswerSeed[]> {
  const seeds: AnswerSeed[] = []
  const seen = new Set<string>()
  for (const path of await seedFiles(folder)) {
    const writer = basename(path, '.yaml')
    if (!/^[a-z0-9-]+$/.test(writer))
      throw new SeedsError('seeds_invalid', `${path}: its name is the writer's: wanted a to z, 0 to 9 and hyphens`)
    const { lang, answers } = await seedFile(file, path)
    for (const one of answers) {
      if (seen.has(one.asked)) throw new SeedsError('seeds_invalid', `${path}: \`answers\`: given twice: ${one.asked}`)
      seen.add(one.asked)
      seeds.push({ writer, lang, ...one })
    }
  }
  return seeds
}

/** Where the project keeps them. @param data Its folder `data`. */
export function ownAnswers(data: string): Promise<readonly AnswerSeed[]> {
  return readAnswers(join(data, 'answers'))
}

/** Those of writers of whom nothing is learned. */
export function unseenAnswers(data: string): Promise<readonly AnswerSeed[]> {
  return readAnswers(join(data, 'unseen-answers'))
}
