import fc from 'fast-check'
import { expect, test } from 'vitest'
import { aJailbreakRecord, anAssessmentBy } from '../../../../test/fakes/a-jailbreak-record.ts'
import { disclosureClocks, mayPublishAtMs, withdrawalAnswerDueMs } from './disclosure-clocks.ts'
import { mayBrief } from './may-brief.ts'
import type { Disclosure, JailbreakRecord } from './record.ts'
import type { Reply } from './statement.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR
const offeredAt = Date.UTC(2026, 5, 12, 8)
const base: Disclosure = {
  ...{ reported_to_vendor: '2026-06-12T08:00:00Z', vendor_ack: null, embargo_until: null, clocks: [] },
  authorities: [{ name: 'authority-1', ground: 'voluntary', sent: null }],
}
const offered = { at: '2026-06-12T08:00:00Z', proof: `sha256:${'ab'.repeat(32)}` }
const compelled = [{ name: 'authority-1', ground: 'law:BPC 22757.13', sent: null }]
const D = { vector: 'JSS:1.0/UP:?/HD:C/UN:X/EF:T/RE:A/DI:P/CF:D', score: null, interval: [0, 9] as const, band: null }
const reply = (by = 'vendor-x', id = 'JRX-2026-000017'): Reply => ({
  ...{ id: 'STM-2026-000041', kind: 'reply', by, at: '2026-06-12T14:00:00Z', evidence: [] },
  about: { publisher: 'partner-a', id, sha256: 'ab'.repeat(32) },
  text: { en: 'Reproduced on four lesser models; comparing.', untranslated: 'ja' },
})
const record = (disclosure: Partial<Disclosure>, more: Partial<JailbreakRecord> = {}) =>
  aJailbreakRecord({ disclosure: { ...base, ...disclosure }, ...more })
const gradeD = { assessments: [anAssessmentBy('partner-a', D)] }

const cases: readonly (readonly [
  name: string,
  JailbreakRecord,
  readonly Reply[],
  afterMs: number,
  missing: string[],
])[] = [
  ['a reply is enough', record({}), [reply()], 0, []],
  ['a reply about another record is none', record({}), [reply('vendor-x', 'JRX-2026-000018')], 0, ['reply_slot']],
  ['a reply of somebody else is none', record({}), [reply('vendor-y')], 0, ['reply_slot']],
  ['no slot was offered', record({}), [], 90 * DAY, ['reply_slot']],
  ['the slot is open for 24 h', record({ reply_offered: offered }), [], 24 * HOUR - 1, ['reply_time']],
  ['the slot has run out', record({ reply_offered: offered }), [], 24 * HOUR, []],
  ['the law compels: no wait', record({ reply_offered: offered, authorities: compelled }), [], 0, []],
  ['the law compels: the slot is still offered', record({ authorities: compelled }), [], 0, ['reply_slot']],
  ['nobody wrote a vector', record({}, { assessments: [] }), [reply()], 0, ['vector', 'evidence_grade']],
  ['word of mouth: silence is not enough', record({ reply_offered: offered }, gradeD), [], 30 * DAY, ['vendor_reply']],
  ['word of mouth: a reply without the slot is not enough', record({}, gradeD), [reply()], 0, ['reply_slot']],
  ['word of mouth: both', record({ reply_offered: offered }, gradeD), [reply()], 0, []],
  [
    'could be Critical: 4 h',
    record({ reply_offered: offered }, gradeD),
    [],
    4 * HOUR - 1,
    ['reply_time', 'vendor_reply'],
  ],
  ['one’s own product', record({}, { reporter: { org: 'vendor-x', contact: 'duty-roster' } }), [], 0, []],
  [
    'withdrawn',
    record({}, { withdrawn: { at: '2026-06-14T00:00:00Z', reason: 'wrong' } }),
    [reply()],
    0,
    ['withdrawn'],
  ],
]
for (const [name, of, replies, afterMs, missing] of cases)
  test(`mayBrief: ${name}`, () => {
    const found = mayBrief(of, replies, offeredAt + afterMs)
    expect([found.allowed, found.missing.map(({ what }) => what)]).toEqual([missing.length === 0, missing])
  })

test('mayBrief: waiting longer, or one more reply, never takes a permission away', () => {
  const any = fc.record({
    of: fc.constantFrom(...cases.map(([, of]) => of)),
    replies: fc.subarray([reply(), reply('vendor-y')]),
    ms: fc.integer({ min: -DAY, max: 100 * DAY }),
    more: fc.integer({ min: 0, max: 100 * DAY }),
  })
  fc.assert(
    fc.property(any, ({ of, replies, ms, more }) => {
      if (!mayBrief(of, replies, offeredAt + ms).allowed) return
      expect(mayBrief(of, [...replies, reply()], offeredAt + ms + more).allowed).toBe(true)
    }),
  )
})

test('clocks: 24 h to acknowledge, 4 h where it could be High; a statutory clock is overdue until it is met', () => {
  const at = (of: JailbreakRecord, nowMs: number) =>
    disclosureClocks(of, nowMs).map(({ rule, dueMs, overdue }) => [rule, (dueMs - offeredAt) / HOUR, overdue])
  expect(at(record({}), offeredAt + 24 * HOUR)).toEqual([['acknowledge', 24, false]])
  expect(at(record({}), offeredAt + 24 * HOUR + 1)).toEqual([['acknowledge', 24, true]])
  expect(at(record({}, gradeD), offeredAt)).toEqual([['acknowledge', 4, false]])
  const clocks = [{ rule: 'SB 53', due: '2026-06-27T08:00:00Z', met: null }]
  expect(at(record({ clocks, vendor_ack: '2026-06-12T09:00:00Z' }), offeredAt + 16 * DAY)).toEqual([
    ['acknowledge', 24, false],
    ['SB 53', 15 * 24, true],
  ])
})

test('clocks: the reporter may publish after 90 days, or 14 after a fix, or at once when use was observed', () => {
  const days = (of: JailbreakRecord) => ((mayPublishAtMs(of) ?? Number.NaN) - offeredAt) / DAY
  expect(days(record({}))).toBe(90)
  expect(days(record({ extension: { days: 30, reason: 'a large change' } }))).toBe(120)
  expect(days(record({ fixed_at: '2026-06-22T08:00:00Z' }))).toBe(24)
  expect(mayPublishAtMs(record({ reported_to_vendor: null }))).toBe(null)
  const used = { ...D, vector: D.vector.replace('DI:P', 'DI:W') }
  expect(mayPublishAtMs(record({}, { assessments: [anAssessmentBy('partner-a', used)] }))).toBe(0)
  expect(withdrawalAnswerDueMs(0)).toBe(14 * DAY)
})
