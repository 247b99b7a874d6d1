import type { Asking } from './acts.ts'
import type { Case } from './case.ts'
import type { Intake } from './intake.ts'

/** The case that a report opens. @param id The next free `JRX-YYYY-NNNNNN`. */
export function newCase(
  id: string,
  { case: read, vendor, assessment }: Intake,
  { person }: Asking,
  nowMs: number,
): Case {
  return {
    ...read,
    ...{ id, stage: 'received', version: 1, reportedAtMs: nowMs, acknowledged: null },
    assessments: assessment === null ? [] : [{ ...assessment, id: 'A1', person, atMs: nowMs }],
    ...{ statements: [], overrides: [], authorities: [], clocks: [], publications: [] },
    vendor: { org: vendor, notifiedAtMs: null, ackAtMs: null, replyOffered: null, extension: null },
    ...{ response: null, reproducedSinceMs: null, fixed: null, withdrawn: null },
  }
}

/** `JRX-2026-000017`: numbered by its publisher, year by year. @param n 1..999,999 */
export function caseId(year: number, n: number): string {
  return `JRX-${year}-${String(n).padStart(6, '0')}`
}
