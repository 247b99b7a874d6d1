import type { Hex256, Time } from './texts.ts'

/** Kinds of object that a log points to. Root and provider have fixed addresses. */
export const OBJECT_TYPES = ['record', 'statement', 'panel', 'instrument'] as const
export type ObjectType = (typeof OBJECT_TYPES)[number]

/** A log entry: the log holds pointers and never objects, so that an entry stays small. */
export interface Pointer {
  readonly t: ObjectType
  readonly id: string
  readonly modified: Time
  /** Of the envelope file. */
  readonly sha256: Hex256
  /** Bytes of the envelope file. */
  readonly len: number
}

/** Largest envelope file that is fetched. */
export const MOST_OBJECT_BYTES = 1_048_576

/** The one text of a pointer: members in this order, no white space. */
export function pointerText({ t, id, modified, sha256, len }: Pointer): string {
  return JSON.stringify({ t, id, modified, sha256, len })
}

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,3})?Z$/

/** The pointer that an entry is, or null: not a pointer, or not in its one form. */
export function parsePointer(text: string): Pointer | null {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return null
  }
  if (typeof value !== 'object' || value === null) return null
  const { t, id, modified, sha256, len } = value as Record<string, unknown>
  if (!OBJECT_TYPES.includes(t as ObjectType)) return null
  if (typeof id !== 'string' || !/^[A-Za-z0-9][\w.:@/-]{0,127}$/.test(id)) return null
  if (typeof modified !== 'string' || !TIME.test(modified)) return null
  if (typeof sha256 !== 'string' || !/^[0-9a-f]{64}$/.test(sha256)) return null
  if (!Number.isSafeInteger(len) || (len as number) < 1) return null
  const pointer: Pointer = { t: t as ObjectType, id, modified, sha256, len: len as number }
  // One form only: a second spelling of the same pointer would be a second leaf for one thing.
  return pointerText(pointer) === text ? pointer : null
}
