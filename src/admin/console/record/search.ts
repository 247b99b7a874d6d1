import { type EntryKind, isEntryKind } from '../../../core/record/entry-kinds.ts'

/** What of the record is listed, as it stands in the address. */
export interface RecordSearch {
  readonly kind?: EntryKind
  /** Text that an entry's bytes hold: an id, a pseudonym, a hash. */
  readonly q?: string
  /** Entries below this index. */
  readonly before?: string
}

export function recordSearchOf({ kind, q, before }: Readonly<Record<string, unknown>>): RecordSearch {
  return {
    ...(isEntryKind(kind) ? { kind } : {}),
    ...(typeof q === 'string' && q.trim() !== '' ? { q: q.trim().slice(0, 200) } : {}),
    ...(typeof before === 'string' && /^[1-9]\d{0,15}$/.test(before) ? { before } : {}),
  }
}
