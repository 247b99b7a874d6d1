import { expect, test } from 'vitest'
import type { JailbreakRecord } from '../exchange/record.ts'
import { intakeOfRecord } from './from-record.ts'
import { parseIntake } from './intake.ts'

const NOW = Date.UTC(2026, 5, 14)
const record = {
  ...{ schema_version: '1.0', id: 'JRX-2026-000017', modified: '2026-06-13T09:20:00Z', tlp: 'AMBER' },
  published: '2026-06-13T09:20:00Z',
  ...{ aliases: [], related: [{ type: 'atlas', id: 'AML.T0054' }] },
  summary: {
    en: 'Asking to fix code is answered where asking to review it is not',
    ja: '点検は拒否されるが修正は通る',
  },
  reporter: { org: 'somebody', contact: 'duty-roster' },
  technique: { class: 'benign-reframing', fingerprint: null, statutory: false },
  affected: [
    { model: { vendor: 'vendor-x', name: 'model-f', version: '5' }, safeguard: { introduced: 'cyber-1', fixed: null } },
  ],
  transfer: [],
  assessments: [
    {
      ...{ by: 'partner-a', at: '2026-06-13T09:00:00Z', harm: 'cyber', panel: `P-2026Q2@sha256:${'9'.repeat(64)}` },
      ...{
        vector: 'JSS:1.0/UP:L/HD:S/UN:F/EF:M/RE:C/DI:P/CF:C/LG:D/MT:U',
        score: 1.3,
        interval: [0, 1.4],
        band: 'Low',
      },
      uplift: {
        ...{ u: 0.02, ci95: [-0.08, 0.12], tasks: 40, attempts: 10, discordant: 0.12 },
        ...{
          best_baseline: 'vendor-y/model-5.5',
          estimator: 'crossfit5',
          cost_ratio: 1.1,
          cost_ratio_ci95: [0.8, 1.6],
        },
      },
      reliability: { success: 29, sessions: 36, wilson95: [0.65, 0.9] },
    },
  ],
  severity: [],
  artefacts: [{ kind: 'task-set', sha256: 'c'.repeat(64), access: 'RED on request' }],
  disclosure: { reported_to_vendor: null, vendor_ack: null, embargo_until: null, authorities: [], clocks: [] },
  legitimate_use: { share: 'D', note: 'debugging requests have the same wording' },
  withdrawn: null,
} as unknown as JailbreakRecord

test('from record: a partner’s record opens a case of one’s own, with the partner as its reporter', () => {
  const { case: one, assessment, adjustments } = parseIntake(intakeOfRecord('partner-a', record), NOW)
  expect(one.reporter).toEqual({ org: 'partner-a', contact: 'duty-roster' })
  expect(one.related).toContainEqual({ type: 'jrx', id: 'partner-a/JRX-2026-000017' })
  expect(assessment).toMatchObject({ by: 'partner-a', vector: record.assessments[0]!.vector })
  expect(adjustments).toEqual([])
})

test('from record: without an assessment, or without measurements, it is taken as far as it goes', () => {
  const bare = parseIntake(intakeOfRecord('partner-a', { ...record, assessments: [] }), NOW)
  expect(bare.assessment).toBeNull()
  const { uplift: _u, ...rest } = record.assessments[0]!
  const word = { ...rest, uplift: null, reliability: null }
  const told = parseIntake(intakeOfRecord('partner-a', { ...record, assessments: [word] } as JailbreakRecord), NOW)
  expect(told.assessment).toMatchObject({ measured: null })
})
