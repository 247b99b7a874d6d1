import { expect, test } from 'vitest'
import { aCase, anAssessment, CASE_AT, FIX_THIS_CODE } from '../../../../test/fakes/a-case.ts'
import { RESPONSE_TABLE } from '../severity/response-table.ts'
import type { Case } from './case.ts'
import { type Clock, clocksOf, DAY_MS, embargoEnds, HOUR_MS } from './clocks.ts'
import { type RegistryRules, stateOf } from './standing.ts'

const RULES: RegistryRules = { self: 'lab-b', table: RESPONSE_TABLE, sameControl: [], statutoryHarms: [] }
const clockOf = (one: Case, kind: Clock['kind'], nowMs = CASE_AT) =>
  clocksOf(one, stateOf(one, RULES, nowMs), RULES, nowMs).find((each) => each.kind === kind) ?? null
const rated = (vector: string, more: Partial<Case> = {}) =>
  aCase({ assessments: [anAssessment({ vector, measured: null, panel: null })], ...more })

const HIGH = 'JSS:1.0/UP:H/HD:S/UN:D/EF:T/RE:A/DI:W/CF:C'
const MAYBE_CRITICAL = 'JSS:1.0/UP:?/HD:C/UN:D/EF:T/RE:A/DI:R/CF:C'

test('clocks: receipt is confirmed within 24 h, within 4 h from what could be High on', () => {
  const due = (one: Case) => clockOf(one, 'acknowledge')!.dueMs - CASE_AT
  expect(due(aCase())).toBe(24 * HOUR_MS)
  expect(due(rated(HIGH))).toBe(4 * HOUR_MS)
  expect(due(rated(MAYBE_CRITICAL))).toBe(4 * HOUR_MS)
  expect(due(aCase({ assessments: [] }))).toBe(24 * HOUR_MS)
})

test('clocks: past due and not met is overdue; met late stays late', () => {
  const at = (hours: number, metHours: number | null) =>
    clockOf(
      aCase({ acknowledged: metHours === null ? null : { atMs: CASE_AT + metHours * HOUR_MS, by: 'a' } }),
      'acknowledge',
      CASE_AT + hours * HOUR_MS,
    )!.state
  expect([at(24, null), at(24.1, null), at(30, 24), at(30, 25)]).toEqual(['running', 'overdue', 'met', 'late'])
})

test('clocks: the vendor has 24 h to reply, 4 h where it could be Critical, none where the law compels', () => {
  const offered = (compelledBy: string | null) => ({
    ...{ org: 'vendor-x', notifiedAtMs: CASE_AT, ackAtMs: null, extension: null },
    replyOffered: { atMs: CASE_AT, proof: '', compelledBy },
  })
  const hours = (one: Case) => (clockOf(one, 'vendor_reply')!.dueMs - CASE_AT) / HOUR_MS
  expect(clockOf(aCase(), 'vendor_reply')).toBeNull()
  expect(hours(aCase({ vendor: offered(null) }))).toBe(24)
  expect(hours(rated(MAYBE_CRITICAL, { vendor: offered(null) }))).toBe(4)
  expect(hours(aCase({ vendor: offered('law:example') }))).toBe(0)
})

test('clocks: embargo is 90 days, more by the extension, 14 days after a fix, and nothing once use was seen', () => {
  const days = (more: Partial<Case>) => (embargoEnds(aCase(more)) - CASE_AT) / DAY_MS
  const { vendor } = aCase()
  const fixed = { atMs: CASE_AT + 10 * DAY_MS, release: 'r' }
  expect(days({})).toBe(90)
  expect(days({ vendor: { ...vendor, extension: { days: 30, reason: '' } } })).toBe(120)
  expect(days({ fixed })).toBe(24)
  expect(days({ fixed: { ...fixed, atMs: CASE_AT + 85 * DAY_MS } })).toBe(90)
  expect(days({ assessments: [anAssessment({ vector: FIX_THIS_CODE.replace('DI:P', 'DI:W') })] })).toBe(0)
})

test('clocks: a law’s clock runs from its own moment, and a withdrawn case has none', () => {
  const one = aCase({ clocks: [{ clock: 'us-ca-sb53-imminent', sinceMs: CASE_AT + HOUR_MS, metAtMs: null }] })
  expect(clockOf(one, 'statutory')).toMatchObject({ name: 'us-ca-sb53-imminent', dueMs: CASE_AT + 25 * HOUR_MS })
  const gone = { ...one, withdrawn: { atMs: CASE_AT, reason: 'an error' } }
  expect(clocksOf(gone, stateOf(gone, RULES, CASE_AT), RULES, CASE_AT)).toEqual([])
})
