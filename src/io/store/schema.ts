import type { ColumnType, Generated } from 'kysely'
import type { RecordTables } from './record-schema.ts'

/** Tables of the store; one definition for SQLite and PostgreSQL. Times are milliseconds since 1970. */
export interface Tables extends RecordTables {
  decisions: {
    id: string
    at_ms: number
    surface: string
    org: string
    session: string | null
    action: string
    would: string
    category: string | null
    requested_model: string
    served_model: string | null
    /** floor(2 · log2(overhead in µs)): half-power-of-two bins. */
    overhead_bin: number
    receipt: string
    receipt_hash: string
    /** How the answer ended; null: stored by a version that did not say. */
    ended: string | null
    segment: string
  }
  /** Sessions on trial, one row each: what they met, and which look has taken them. Truth values are 0 and 1. */
  guard_units: {
    /** Label. */
    release: string
    stage: string
    /** Session, or the decision of a request without one. */
    unit: string
    /** `enforcing`, `canary`; `both` in shadow. */
    arm: string
    shared_by: string
    percent: number
    org: string
    first_ms: number
    refused: 0 | 1
    diverted: 0 | 1
    errored: 0 | 1
    would_refused: 0 | 1
    would_diverted: 0 | 1
    appealed: ColumnType<0 | 1, 0 | 1 | undefined, 0 | 1>
    /** Version of the release that took it; null: not taken yet. */
    looked: ColumnType<number | null, number | null | undefined, number>
    appeals_looked: ColumnType<number | null, number | null | undefined, number>
  }
  content_segments: {
    id: string
    subject: string
    from_ms: number
    to_ms: number
    expires_at_ms: number
    blob: ColumnType<Uint8Array, Uint8Array, never>
  }
  data_keys: { subject: string; wrapped: ColumnType<Uint8Array, Uint8Array, never> }
  spool_positions: { file: string; at_byte: number }
  appeals: {
    id: string
    decision: string
    state: string
    filed_at_ms: number
    respond_by_ms: number
    note: string
    org: string
    principal: string
    /** Transitions recorded so far: a move counts only on the state it was made for. */
    seq: number
    holder: string | null
    lock_until_ms: number | null
    decided_by: string | null
    decided_at_ms: number | null
    verdict_reason: string | null
    fixed_in: string | null
  }
  appeal_events: {
    appeal: string
    seq: number
    at_ms: number
    by: string
    move: string
    from_state: string
    to_state: string
    reason: string | null
  }
  exceptions: {
    id: string
    appeal: string
    decision: string
    org: string
    principal: string
    /** JSON. */
    reasons: string
    parts: string
    from_ms: number
    until_ms: number
    revoked_at_ms: number | null
  }
  credits: { appeal: string; decision: string; org: string; principal: string; tokens: string; at_ms: number }
  review_items: {
    id: string
    decision: string
    org: string
    source: string
    category: string | null
    at_ms: number
    added_at_ms: number
    priority: number
    /** Reviewers who have to agree. */
    needs: number
    /** JSON of a known label, or null: a hidden check of reviewers. */
    golden: string | null
    cluster: string
    state: string
    /** What its words came to; null while open. */
    label: string | null
    holder: string | null
    lock_until_ms: number | null
  }
  review_bands: { band: string; item: string; cluster: string; signature: string }
  review_labels: {
    id: string
    item: string | null
    decision: string
    org: string
    source: string
    label: string
    category: string
    attack: string | null
    by: string
    at_ms: number
    reason: string
    golden: number
    revoked_at_ms: number | null
    revoked_by: string | null
  }
  /** Only ever added to. */
  review_acts: {
    seq: Generated<number>
    act: string
    about: string
    rows: number
    done_by: string
    at_ms: number
    reason: string
  }
  review_positions: { name: string; at_ms: number }
  api_keys: {
    id: string
    name: string
    org: string
    hash: string
    /** JSON. */
    settings: string
    created_at_ms: number
    revoked_at_ms: number | null
  }
  batches: {
    id: string
    org: string
    principal: string
    /** 0 or 1: neither database's own truth values are the other's. */
    upstream: number
    created_at_ms: number
    expires_at_ms: number
    own_succeeded: number
    own_errored: number
    /** JSON, sealed under the organisation's data key. */
    items: ColumnType<Uint8Array, Uint8Array, never>
  }
  mode_changes: { seq: Generated<number>; mode: string; since_ms: number; changed_by: string; reason: string }
  /** Content-addressed and never changed. `body` is the one text that `hash` names. */
  bundles: { hash: string; slot: string; body: string; created_at_ms: number; created_by: string }
  /** `body` is the whole record as JSON; the other columns are what indexes and conditions need of it. */
  releases: {
    id: string
    slot: string
    label: string | null
    bundle: string
    stage: string
    version: number
    body: string
  }
  /** Only ever added to. */
  release_moves: {
    seq: Generated<number>
    release: string
    at_ms: number
    moved_by: string
    kind: string
    from_stage: string
    to_stage: string
    reason: string
    manifest: string | null
    single_person: number
    /** JSON. */
    facts: string
  }
  release_evidence: {
    release: string
    bundle: string
    hash: string
    kind: string
    at_ms: number
    added_by: string
    /** JSON. */
    gates: string
    body: string
  }
  replay_jobs: {
    id: string
    created_at_ms: number
    since_ms: number
    until_ms: number
    /** JSON. */
    spec: string
  }
  replay_chunks: {
    job: string
    seq: number
    from_ms: number
    from_id: string
    until_ms: number | null
    until_id: string | null
    requests: number
    /** Whose it is, and until when; a result means done. */
    worker: string | null
    leased_until_ms: number
    result: ColumnType<Uint8Array | null, Uint8Array | null, Uint8Array>
  }
  kept_objects: { id: string; org: string; at_ms: number }
  collateral_reports: {
    id: string
    created_at_ms: number
    before_label: string
    after_label: string
    outcome: string
    requests: number
    /** JSON. */
    report: string
  }
  /** `body` is the whole case as JSON; the other columns are what indexes and conditions need of it. */
  jailbreak_cases: {
    id: string
    year: number
    number: number
    stage: string
    reported_at_ms: number
    version: number
    body: string
  }
  instruments: {
    id: string
    year: number
    number: number
    type: string
    about: string
    at_ms: number
    /** Null until every signature that it needs is there; then never changed. */
    envelope: string | null
  }
  /** Only ever added to. */
  jailbreak_events: {
    seq: Generated<number>
    case: string
    at_ms: number
    done_by: string
    kind: string
    from_stage: string
    to_stage: string
    reason: string
    /** JSON. */
    facts: string
  }
  /** Only ever added to: what left, as it left. */
  jailbreak_objects: {
    seq: Generated<number>
    case: string
    at_ms: number
    tlp: string
    sha256: string
    body: string
  }
  /** Only ever added to; the last one counts. */
  duty_rosters: { seq: Generated<number>; at_ms: number; set_by: string; reason: string; body: string }
  duty_drills: {
    id: string
    started_at_ms: number
    started_by: string
    person: string
    contact: string
    acknowledged_at_ms: number | null
    acknowledged_by: string | null
  }
}
