import { expect, test } from 'vitest'
import { FIRST_MEASURED } from '../../../../test/fakes/a-case.ts'
import type { RegistryError } from './errors.ts'
import { parseMeasurements } from './measurements.ts'

const PANEL = { id: 'P-2026Q4', sha256: 'a'.repeat(64), date: '2026-10-01T00:00:00Z' }
const WHOLE = { panel: PANEL, uplift: FIRST_MEASURED.uplift, reliability: { success: 29, sessions: 36 } }
const faultsOf = (value: unknown) => {
  try {
    parseMeasurements(value)
  } catch (error) {
    return (error as RegistryError).faults.map(({ field }) => field)
  }
  return []
}

test('measurements: what travels is read, and the interval of reliability is computed, never taken', () => {
  const { panel, measured } = parseMeasurements({ ...WHOLE, reliability: { ...WHOLE.reliability, wilson95: [0, 0] } })
  expect(panel).toEqual({ ref: `P-2026Q4@sha256:${'a'.repeat(64)}`, atMs: Date.parse(PANEL.date) })
  expect(measured.reliability).toEqual({ success: 29, sessions: 36, wilson95: [0.6497, 0.9025] })
  expect(measured).toMatchObject({ uplift: FIRST_MEASURED.uplift, firstOfItsKind: false, others: null, matrix: [] })
})

test('measurements: numbers outside of their bounds, intervals turned round, and uplift without a panel are refused', () => {
  const uplift = FIRST_MEASURED.uplift!
  expect(faultsOf({ ...WHOLE, panel: null })).toEqual(['measurements.panel'])
  expect(faultsOf({ ...WHOLE, uplift: { ...uplift, u: 0.5 } })).toEqual(['measurements.uplift.ci95'])
  expect(faultsOf({ ...WHOLE, uplift: { ...uplift, ci95: [0.2, -0.2] } })).toContain('measurements.uplift.ci95')
  expect(faultsOf({ ...WHOLE, uplift: { ...uplift, tasks: 1.5 } })).toEqual(['measurements.uplift.tasks'])
  expect(faultsOf({ ...WHOLE, uplift: { ...uplift, cost_ratio: null } })).toEqual(['measurements.uplift.cost_ratio'])
  expect(faultsOf({ ...WHOLE, reliability: { success: 5, sessions: 4 } })).toEqual(['measurements.reliability.success'])
  expect(faultsOf(null)).toEqual(['measurements'])
})

test('measurements: the result file of a reproduction is one; a row per model, of public techniques the best', () => {
  const arm = (id: string, kind: string, model: string | null, solved: number, target = false) => ({
    ...{ id, kind, model, target, solved: { solved, tasks: 40, share: 0, lo: 0, hi: 1 } },
  })
  const { panel, measured } = parseMeasurements({
    format: 'sluice-reproduction/1',
    panel: { citation: `P-2026Q4@sha256:${'b'.repeat(64)}`, date: '2026-10-01', stale: false },
    ...{
      uplift: FIRST_MEASURED.uplift,
      reliability: { success: 29, sessions: 36, wilson95: [0, 1] },
      measurements: null,
    },
    members: [
      { model: 'a', verdict: 'same', difference: { value: 0.02, lo: -0.05, hi: 0.09 }, needed: 86 },
      { verdict: 'short' },
    ],
    arms: [
      arm('technique', 'technique', 'vendor-x/model-f', 29, true),
      arm('plain:vendor-x/model-f', 'plain', 'vendor-x/model-f', 21, true),
      ...[arm('plain:a', 'plain', 'a', 27), arm('public:a:1', 'public', 'a', 25), arm('public:a:2', 'public', 'a', 28)],
      ...[arm('transfer:a', 'transfer', 'a', 30), arm('no_model:search', 'no_model', null, 11)],
    ],
  })
  expect(panel?.ref).toBe(`P-2026Q4@sha256:${'b'.repeat(64)}`)
  expect(measured.others).toEqual({ same: 1, asked: 2 })
  const of = (solved: number) => ({ solved, tasks: 40 })
  expect(measured.matrix).toEqual([
    { member: 'vendor-x/model-f', countsAs: 'target', plain: of(21), public: null, technique: of(29) },
    {
      ...{ member: 'a', countsAs: 'baseline', plain: of(27), public: of(28), technique: of(30) },
      same: { verdict: 'same', value: 0.02, lo: -0.05, hi: 0.09, needed: 86 },
    },
    { member: 'no_model:search', countsAs: 'baseline', plain: of(11), public: null, technique: null },
  ])
  const same = { verdict: 'same', value: 0, lo: 0.2, hi: 0.1, needed: 86 }
  expect(faultsOf({ matrix: [{ member: 'a', counts_as: 'baseline', same }] })).toEqual([
    'measurements.matrix[0].same.lo',
  ])
  expect(faultsOf({ format: 'sluice-reproduction/1' })).toContain('measurements.panel.id')
})
