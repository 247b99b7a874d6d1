import { canonicalJson } from '../../base/canonical-json.ts'
import { strictJson } from '../../base/strict-json.ts'
import { PERSON_ID } from '../../record/person.ts'
import { timeMs, timeText } from '../exchange/time.ts'
import { type Override, overrideFaults } from '../severity/override.ts'
import { RESPONSES } from '../severity/response-table.ts'
import type { SignedOverride } from './case.ts'
import type { Fault } from './errors.ts'
import { reading } from './reader.ts'

const MOST_REASON = 1000
const MOST_EVIDENCE = 200
const GRADES = ['A', 'B', 'C', 'D'] as const

/** What an override rests on: an assessment, or the report where nobody assessed it. */
export interface OverrideEvidence {
  /** `JRX-2026-000017/A1` */
  readonly ref: string
  /** Hex, of its canonical JSON: whoever signs has signed for exactly this. */
  readonly sha256: string
  readonly grade: (typeof GRADES)[number]
}

/** All that two people sign for. `by` are the ids of both: who proposes comes first. */
export interface OverrideTerms extends Override {
  /** `INS-YYYY-NNNN`, given once. */
  readonly id: string
  /** Organisation whose registry it is. */
  readonly org: string
  readonly evidence: readonly OverrideEvidence[]
}

/** `INS-2026-0017`: four digits, or as many as it takes. */
export function instrumentId(year: number, number: number): string {
  return `INS-${year}-${String(number).padStart(4, '0')}`
}

/**
 * The text that is signed: an instrument (governance.md §3) as canonical JSON. Equal terms give equal bytes.
 * Times are written in whole seconds.
 */
export function overridePayload(terms: OverrideTerms): string {
  const { id, org, record, by, prescribed, action, reason, evidence, issuedAtMs, expiresAtMs } = terms
  return canonicalJson({
    ...{ type: 'override', id, addressee: { org, role: 'registry' }, ground: `record:${record}` },
    issuer: { authority: 'operator', person: by[0] ?? '' },
    ...{ people: by, scope: { records: [record] }, prescribed, action, reason, evidence },
    ...{ start: timeText(issuedAtMs), expiry: timeText(expiresAtMs) },
  })
}

/**
 * The terms of a signed text, or null: not an override, not canonical, or with a member that has no place in the terms;
 * nobody signs for what is not shown. Total.
 */
export function readOverrideTerms(payload: string): OverrideTerms | null {
  const faults: Fault[] = []
  const at = reading(strictJson(payload), '', faults)
  const record = /^record:(JRX-\d{4}-\d{6})$/.exec(at.text('ground', 100))?.[1] ?? ''
  const terms: OverrideTerms = {
    id: at.text('id', 20, /^INS-\d{4}-\d{4,6}$/),
    org: at.optional('addressee')?.text('org', 128) ?? '',
    record,
    by: at.texts('people', 2, PERSON_ID),
    prescribed: at.oneOf('prescribed', RESPONSES),
    action: at.oneOf('action', RESPONSES),
    reason: at.text('reason', MOST_REASON),
    evidence: at.list('evidence', MOST_EVIDENCE).map((one) => ({
      ref: one.text('ref', 100),
      sha256: one.text('sha256', 64, /^[0-9a-f]{64}$/),
      grade: one.oneOf('grade', GRADES),
    })),
    issuedAtMs: at.time('start', timeMs),
    expiresAtMs: at.time('expiry', timeMs),
  }
  return faults.length === 0 && overridePayload(terms) === payload ? terms : null
}

/** The terms of an override of a case: they were read before it was stored. */
export function termsOf({ id, payload }: SignedOverride): OverrideTerms {
  const terms = readOverrideTerms(payload)
  if (terms === null) throw new Error(`stored override ${id} cannot be read`)
  return terms
}

/** True once two people have signed it, and until it ends. */
export function holds(override: SignedOverride, nowMs: number): boolean {
  const by = override.signatures.map(({ person }) => person)
  return overrideFaults({ ...termsOf(override), by }, nowMs).length === 0
}
