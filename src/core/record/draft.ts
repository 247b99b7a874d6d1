import { type Entry, entryBytes } from './entry.ts'
import type { EntryKind } from './entry-kinds.ts'

/** An entry without what only the sealer knows: when it is sequenced, and the leaf hashes of those that it answers. */
export interface EntryDraft {
  readonly k: EntryKind
  readonly who: string
  readonly about: string
  readonly h?: string
  readonly d: Readonly<Record<string, unknown>>
  /** Entries that it corrects, ends or answers, by kind and id: the latest of each, where there is one. */
  readonly answers?: readonly EntryName[]
}

export interface EntryName {
  readonly k: EntryKind
  readonly about: string
}

/** As it is sequenced. @param prev Leaf hashes, `sha256:…`. @throws {RecordError} as `entryBytes`. */
export function sequenced(draft: EntryDraft, at: string, prev: readonly string[]): Entry {
  const { k, who, about, h, d } = draft
  return {
    ...{ v: 1, k, at, who, about },
    ...(h === undefined ? {} : { h }),
    d,
    ...(prev.length === 0 ? {} : { prev }),
  }
}

const ANY_TIME = '2026-01-01T00:00:00.000Z'
const ANY_HASH = `sha256:${'0'.repeat(64)}`

/**
 * The draft, once it is sure that the sealer can make an entry of it: what waits behind it must not be held up.
 * @throws {RecordError} `malformed`, `too_large`.
 */
export function checkedDraft(draft: EntryDraft): EntryDraft {
  entryBytes(
    sequenced(
      draft,
      ANY_TIME,
      (draft.answers ?? []).map(() => ANY_HASH),
    ),
  )
  return draft
}

/** The name of a hash as entries write it. */
export function hashName(hexDigits: string): `sha256:${string}` {
  return `sha256:${hexDigits}`
}
