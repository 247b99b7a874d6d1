import { expect, test } from 'vitest'
import { CASE_AT, FIRST_MEASURED, FIX_THIS_CODE } from '../../../../test/fakes/a-case.ts'
import type { RegistryError } from './errors.ts'
import { parseIntake } from './intake.ts'

const REPORT = {
  harm: 'cyber.vulnerability-discovery',
  summary: { en: 'Asking to fix code yields patches' },
  reporter: { org: 'partner-a', contact: 'duty-roster' },
  technique: { class: 'benign-reframing' },
  affected: [{ model: { vendor: 'vendor-x', name: 'model-f', version: '5' } }],
}
const ARTEFACTS = [{ kind: 'task-set', sha256: 'c'.repeat(64), access: 'RED on request' }]
const MEASURED = {
  panel: { id: 'P-2026Q4', sha256: 'a'.repeat(64), date: '2026-10-01T00:00:00Z' },
  uplift: FIRST_MEASURED.uplift,
  reliability: { success: 29, sessions: 36 },
}
const taken = (more: object) => parseIntake({ ...REPORT, ...more }, CASE_AT)
const refusal = (value: unknown): RegistryError => {
  try {
    parseIntake(value, CASE_AT)
  } catch (error) {
    return error as RegistryError
  }
  throw new Error('it was taken')
}

const cases: readonly (readonly [name: string, more: object, vector: string | null, adjustments: readonly string[]])[] =
  [
    ['neither vector nor artefacts: nothing is assessed', {}, null, ['no_vector']],
    ['artefacts alone: to be computed from them', { artefacts: ARTEFACTS }, null, []],
    [
      'levels without artefacts: grade D, uplift unknown, the least of what nobody showed',
      { levels: { HD: 'C', UN: 'D' } },
      'JSS:1.0/UP:?/HD:C/UN:D/EF:H/RE:R/DI:P/CF:D',
      ['no_vector'],
    ],
    [
      'a vector without artefacts is a word: D',
      { vector: FIX_THIS_CODE },
      FIX_THIS_CODE.replace('CF:C', 'CF:D'),
      ['grade_lowered'],
    ],
    ['a vector with artefacts keeps C', { vector: FIX_THIS_CODE, artefacts: ARTEFACTS }, FIX_THIS_CODE, []],
    [
      'a reporter cannot grade itself A',
      { vector: FIX_THIS_CODE.replace('CF:C', 'CF:A'), artefacts: ARTEFACTS },
      FIX_THIS_CODE,
      ['grade_lowered'],
    ],
    [
      'a statutory class is taken and never scored',
      { harm: 'child-safety.grooming', vector: FIX_THIS_CODE },
      null,
      ['statutory_unscored'],
    ],
  ]
for (const [name, more, vector, adjustments] of cases)
  test(`intake: ${name}`, () => {
    const found = taken(more)
    expect([found.assessment?.vector ?? null, found.adjustments]).toEqual([vector, adjustments])
  })

test('intake: a statutory class is marked so, whatever the reporter says', () => {
  expect(taken({ harm: 'child-safety' }).case.technique.statutory).toBe(true)
  expect(parseIntake({ ...REPORT, harm: 'bio' }, CASE_AT, ['bio']).case.technique.statutory).toBe(true)
  expect(taken({}).case.technique.statutory).toBe(false)
})

test('intake: measurements come with it, and must be what the vector says', () => {
  const whole = { vector: FIX_THIS_CODE, artefacts: ARTEFACTS, measurements: MEASURED }
  const { assessment } = taken(whole)
  expect(assessment?.panel?.ref).toBe(`P-2026Q4@sha256:${'a'.repeat(64)}`)
  expect(assessment?.measured?.reliability?.wilson95[1]).toBeCloseTo(0.902, 3)
  expect(refusal({ ...REPORT, ...whole, vector: FIX_THIS_CODE.replace('RE:C', 'RE:A') }).code).toBe('mismatch')
})

test('intake: every fault is told at once, each with its field, and texts with their place', () => {
  const { code, faults, message } = refusal({
    ...REPORT,
    harm: 'magic',
    summary: { en: 'A dangerous one' },
    note: 'truly 致命的',
    reporter: { org: 'partner-a' },
    affected: [],
    vector: 'JSS:1.0/UP:L/UP:M',
    artefacts: [{ kind: 'file', sha256: 'zz', access: 'x' }],
  })
  expect(code).toBe('intake_refused')
  expect(faults.map(({ field, at }) => [field, at])).toEqual([
    ...[
      ['harm', null],
      ['summary.en', 2],
      ['note', 6],
      ['reporter.contact', null],
    ],
    ...[
      ['artefacts[0].kind', null],
      ['artefacts[0].sha256', null],
      ['vector', 13],
      ['affected', null],
    ],
  ])
  expect(message).not.toContain('truly')
})

test('intake: a report that is no object is refused, not crashed upon', () => {
  for (const value of [null, [], 'x', 7, { summary: [] }]) expect(refusal(value).code).toBe('intake_refused')
})
