import { expect, test } from 'vitest'
import { drillResult, drillSummary, onDuty, parseRoster } from './duty.ts'

const HOUR = 3_600_000
const NOW = 1_795_500_000_000
const shift = (person: string, from: number, until: number) => ({
  ...{ person, contact: 'desk' },
  ...{ fromMs: NOW + from * HOUR, untilMs: NOW + until * HOUR },
})
const drill = (startedHours: number, answeredHours: number | null) => ({
  ...{ id: `d${startedHours}`, startedAtMs: NOW + startedHours * HOUR, startedBy: 'a', person: 'b', contact: 'desk' },
  acknowledgedAtMs: answeredHours === null ? null : NOW + answeredHours * HOUR,
  acknowledgedBy: answeredHours === null ? null : 'b',
})

test('duty: a shift holds from its start and up to its end; of two the later one; then whoever is named otherwise', () => {
  const roster = { shifts: [shift('A', -2, 1), shift('B', 0, 2)], otherwise: { person: 'C', contact: 'desk' } }
  expect([-3, -1, 0, 1.5, 2].map((at) => onDuty(roster, NOW + at * HOUR)?.person)).toEqual(['C', 'A', 'B', 'B', 'C'])
  expect(onDuty({ shifts: [], otherwise: null }, NOW)).toBeNull()
})

test('duty: a drill is met within four hours, late after, missed when nobody answers', () => {
  expect(
    [drill(-5, -4.5), drill(-9, -4), drill(-5, null), drill(-1, null)].map((one) => drillResult(one, NOW).state),
  ).toEqual(['met', 'late', 'missed', 'running'])
})

test('duty: what is published is how many, how many in time, the median, and when the next is due', () => {
  expect(drillSummary([], NOW)).toEqual({ drills: 0, met: 0, medianMs: null, nextDueMs: null })
  const summary = drillSummary([drill(-700, -699), drill(-100, -98), drill(-50, null)], NOW)
  expect(summary).toEqual({ drills: 3, met: 2, medianMs: HOUR, nextDueMs: NOW + (31 * 24 - 50) * HOUR })
})

test('duty: a roster names people and times, and says where it does not', () => {
  const from = '2026-11-24T00:00:00Z'
  const good = { shifts: [{ person: 'A', contact: 'desk', from, until: '2026-11-25T00:00:00Z' }] }
  expect(parseRoster(good).shifts[0]!.untilMs).toBe(Date.parse('2026-11-25T00:00:00Z'))
  expect(() => parseRoster({ shifts: [{ person: 'A', contact: 'desk', from, until: from }] })).toThrow(
    'shifts[0].until',
  )
  expect(() => parseRoster({ shifts: [{ contact: 'desk', from: 'today', until: from }] })).toThrow('shifts[0].person')
})
