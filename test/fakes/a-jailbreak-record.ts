import type { Assessment, JailbreakRecord } from '../../src/core/jailbreaks/exchange/record.ts'
import { anAssessment, aRecord } from '../parts/feeds.ts'

/** A whole record, and what matters to a test. */
export function aJailbreakRecord(more: Partial<JailbreakRecord> = {}): JailbreakRecord {
  return { ...(aRecord(17).object as unknown as JailbreakRecord), tlp: 'CLEAR', ...more }
}

export function anAssessmentBy(by: string, more: Partial<Assessment> = {}): Assessment {
  return { ...(anAssessment(by) as unknown as Assessment), ...more }
}
