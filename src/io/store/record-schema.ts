import type { ColumnType, Generated } from 'kysely'

type Bytes = ColumnType<Uint8Array, Uint8Array, Uint8Array>

/** Tables of the record. Times are milliseconds since 1970, hashes raw bytes unless they are told to be hex. */
export interface RecordTables {
  /** Drafts without a place. `body` is JSON. */
  record_drafts: { seq: Generated<number>; body: string }
  record_entries: { idx: number; leaf: Bytes; body: Bytes; k: string; about: string }
  /** Hashes of a tile, as many as it has now. */
  record_tiles: { level: number; n: number; hashes: Bytes }
  /** One row: the log as it was last signed, and who may sign. */
  record_log: {
    id: number
    origin: string
    size: number
    checkpoint: string
    at_ms: number
    holder: string
    token: number
    until_ms: number
  }
  /** `first`, or the day. */
  record_checkpoints: { day: string; size: number; checkpoint: string }
  record_rollups: {
    id: Generated<number>
    segment: string
    minute_ms: number
    count: number
    allow: number
    flag: number
    fall_back: number
    require_trust: number
    refuse: number
    would_allow: number
    would_flag: number
    would_fall_back: number
    would_require_trust: number
    would_refuse: number
    input_tokens: number
    output_tokens: number
    /** 0 or 1. */
    closed: number
  }
  /** `hash` is hex. */
  record_leaves: { decision: string; rollup: number; position: number; hash: string }
  record_salts: { k: string; about: string; member: string; subject: string; blob: Bytes }
  record_keys: { name: string; wrapped: Bytes }
  /** Data keys that were destroyed; whose they were is not kept. */
  record_shreds: { seq: Generated<number>; at_ms: number }
  /** People as the log names them. */
  record_people: { name: string; pseudonym: string }
  record_witnessed: { origin: string; size: number; checkpoint: string }
}
