import { expect, test } from 'vitest'
import type { LabelledDecision } from './label-ports.ts'
import type { DayCount } from './replay-ports.ts'
import { usefulnessReport, withLabels } from './usefulness-report.ts'

const DAY = 86_400_000
const count = (name: string, more: Partial<DayCount> = {}): DayCount => ({
  ...{ startMs: 20_000 * DAY, name, requests: 1000, diverted: 60, refused: 40 },
  ...more,
})
const word = (n: number, more: Partial<LabelledDecision>): LabelledDecision[] =>
  Array.from({ length: n }, (_, i) => ({
    ...{ decision: `dec_${i}`, atMs: 20_000 * DAY + i, org: 'acme', surface: 'messages', segment: 'coding' as const },
    ...{ would: 'refuse' as const, label: 'benign' as const },
    ...more,
  }))

test('usefulness: words of people count for their day and segment, harm is no loss, who is unsure has not reviewed', () => {
  const labelled = [
    ...word(8, {}),
    ...word(3, { label: 'borderline-benign', would: 'fall_back' }),
    ...word(4, { label: 'harmful' }),
    ...word(5, { label: 'unsure' }),
    ...word(6, { would: 'allow' }),
    ...word(7, { segment: 'legal', label: 'harmful', would: 'fall_back' }),
  ]
  const [coding, legal] = withLabels([count('coding'), count('legal')], labelled, 'segment')
  expect(coding).toMatchObject({ requests: 996, diverted: 60, refused: 36, reviewed: 15, falsePositives: 11 })
  expect(legal).toMatchObject({ requests: 993, diverted: 53, refused: 40, reviewed: 7, falsePositives: 0 })
  expect(withLabels([count('acme')], labelled, 'org')[0]).toMatchObject({ reviewed: 22, falsePositives: 11 })
})

test('usefulness: quality is that of the newest report that measured it, and is named; without one nothing is weighted', async () => {
  const reports: Record<string, unknown> = {
    col_new: { diverted: { quality: null } },
    col_old: { diverted: { quality: { change: -0.2, lo: -0.3, hi: -0.1, n: 400 } } },
  }
  const store = (ids: readonly string[]) => ({
    dayCounts: async () => [count('coding')],
    sessions: async () => ({ requests: 1000, sessions: 90, touched: 9 }),
    sessionsBy: async () => [{ name: 'coding', sessions: 90, touched: 9 }],
    labelledDecisions: async () => word(40, {}),
    reports: async () => ids.map((id) => ({ id }) as never),
    report: async (id: string) => JSON.stringify(reports[id]),
  })
  const asked = { days: 30, by: 'segment', quality: null, target: { share: 0.1, day: '2027-01-01' } } as const
  const report = await usefulnessReport(asked, store(['col_new', 'col_old']), 20_001 * DAY)
  expect(report.quality).toEqual({ value: 0.2, lo: 0.1, hi: 0.3, source: 'col_old' })
  expect(report.rows[0]!.weighted!.value).toBeCloseTo(1 - 0.04 - 0.06 * 0.2)
  expect(report.rows.map(({ sessions, friction }) => [sessions, friction!.value])).toEqual([
    [90, 100],
    [90, 100],
  ])
  expect(report.reviewed).toEqual({ interventions: 100, reviewed: 40, falsePositives: 40 })
  // One day draws no line.
  expect(report.burnDown!.state).toBe('INCONCLUSIVE')
  expect((await usefulnessReport(asked, store(['col_new']), 20_001 * DAY)).rows[0]!.weighted).toBeNull()
})
