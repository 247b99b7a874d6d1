import { hex } from '../base/bytes.ts'
import { formatVerifierKey, type VerifierKey } from './note-key.ts'

/** A key that a person signs with, and when it counts: from `fromMs`, and no longer at `untilMs`. */
export interface PersonKey {
  readonly key: VerifierKey
  readonly fromMs: number
  readonly untilMs: number
}

/** Somebody who may sign. The record names people by `id` alone; who that is stays here. */
export interface Person {
  /** `u-114`; every key bears it as its name, so that a key is bound to its person. */
  readonly id: string
  readonly name: string
  readonly keys: readonly PersonKey[]
}

export const PERSON_ID = /^u-[a-z0-9][a-z0-9-]{0,37}$/

/** Everything that keeps a list of people from being one: whoever stands in it twice could agree with themselves. */
export function peopleFaults(people: readonly Person[]): readonly string[] {
  const twice = (of: (person: Person) => readonly string[]) => {
    const all = people.flatMap(of)
    return [...new Set(all.filter((one, i) => all.indexOf(one) !== i))]
  }
  return [
    ...people
      .filter(({ id }) => !PERSON_ID.test(id))
      .map(({ id }) => `\`${id}\`: wanted u- and letters, digits, dashes`),
    ...twice(({ id }) => [id]).map((id) => `\`${id}\` stands here twice`),
    ...twice(({ name }) => [name.trim().toLowerCase()]).map((name) => `\`${name}\` is the name of two people`),
    ...twice(({ keys }) => keys.map(({ key }) => hex(key.publicKey))).map((key) => `key ${key} stands here twice`),
    ...people.flatMap(({ id, keys }) =>
      keys.flatMap(({ key, fromMs, untilMs }) => [
        ...(key.type !== 'note' || key.name !== id ? [`\`${formatVerifierKey(key)}\` is no key of ${id}`] : []),
        ...(fromMs < untilMs ? [] : [`\`${key.id}\` of ${id}: wanted \`from\` before \`until\``]),
      ]),
    ),
  ]
}

/** Whose key it is, with its validity, or null. By the key itself: ids of keys are short. */
export function holderOf(
  people: readonly Person[],
  { publicKey }: VerifierKey,
): { readonly person: Person; readonly key: PersonKey } | null {
  const wanted = hex(publicKey)
  for (const person of people) {
    const key = person.keys.find((one) => hex(one.key.publicKey) === wanted)
    if (key !== undefined) return { person, key }
  }
  return null
}

export function isValidAt({ fromMs, untilMs }: PersonKey, atMs: number): boolean {
  return fromMs <= atMs && atMs < untilMs
}
