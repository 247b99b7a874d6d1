import { parse as parseYaml } from 'yaml'
import { z } from 'zod'
import { parseVerifierKey } from '../../core/record/note-key.ts'
import { type Person, peopleFaults } from '../../core/record/person.ts'
import { RecordError } from '../../core/record/record-error.ts'
import { sha256 } from '../keys/ed25519.ts'

const time = z.iso.datetime({ offset: true })

/** People as `sluice.yaml` and a file for `sluice people verify` name them. */
export const peopleSchema = z
  .array(
    z.strictObject({
      id: z.string().describe('pseudonym that the record may name, such as u-114'),
      name: z.string().trim().min(1).max(100).describe('stays here, and is shown beside what they sign'),
      keys: z
        .array(z.strictObject({ key: z.string().describe('verifier key named as `id`'), from: time, until: time }))
        .max(20),
    }),
  )
  .max(1000)

/** The list with its keys read, or what is wrong with it. */
export function parsePeople(written: z.infer<typeof peopleSchema>): readonly Person[] | string {
  try {
    const people = written.map(({ id, name, keys }) => ({
      ...{ id, name },
      keys: keys.map(({ key, from, until }) => ({
        ...{ key: parseVerifierKey(sha256, key), fromMs: Date.parse(from), untilMs: Date.parse(until) },
      })),
    }))
    const faults = peopleFaults(people)
    return faults.length === 0 ? people : faults.join('; ')
  } catch (error) {
    if (!(error instanceof RecordError)) throw error
    return error.message
  }
}

/** People of a text: a list, or a configuration that has one under `people`. @returns What is wrong with it, else. */
export function readPeople(text: string): readonly Person[] | string {
  let value: unknown
  try {
    value = parseYaml(text)
  } catch {
    return 'not valid YAML'
  }
  const list = Array.isArray(value) ? value : (value as { people?: unknown } | null)?.people
  const written = peopleSchema.safeParse(list)
  if (written.success) return parsePeople(written.data)
  return written.error.issues.map(({ path, message }) => `\`${path.join('.') || 'people'}\`: ${message}`).join('; ')
}
