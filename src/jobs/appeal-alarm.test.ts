import { expect, test } from 'vitest'
import { createAppealAlarm } from './appeal-alarm.ts'
import type { AppealRow } from './review-ports.ts'

const appeal = (n: number, state: AppealRow['state'] = 'open') =>
  ({
    id: `apl_${n}`,
    state,
    filedAtMs: n,
    respondByMs: n + 100_000,
    lock: null,
    verdict: null,
    fixedIn: null,
  }) as AppealRow

test('appeals: the alarm is raised once for each that passes its clock, and what waits is counted', async () => {
  const rows = [appeal(1), appeal(2, 'in_review'), appeal(60_000)]
  const alarms: unknown[] = []
  let now = 50_000
  const alarm = createAppealAlarm({
    store: { appeals: async () => rows, openBefore: async () => rows.length },
    nowMs: () => now,
    report: (event, facts) => void alarms.push([event, facts]),
  })
  expect(await alarm.look()).toEqual({ open: 3, overdue: 0, oldestFiledAtMs: 1 })
  now = 160_001
  for (let i = 0; i < 2; i++) expect(await alarm.look()).toEqual({ open: 3, overdue: 3, oldestFiledAtMs: 1 })
  expect(alarms).toEqual([
    ['appeal.overdue', { appeal: 'apl_1', late_minutes: 1 }],
    ['appeal.overdue', { appeal: 'apl_2', late_minutes: 0 }],
    ['appeal.overdue', { appeal: 'apl_60000', late_minutes: 0 }],
  ])
  rows.length = 0
  expect(await alarm.look()).toEqual({ open: 0, overdue: 0, oldestFiledAtMs: null })
})
