import { expect, test } from 'vitest'
import { gatesOfReport } from './report-gates.ts'

const gate = (name: string, outcome: string, more = {}) => ({
  ...{ name, outcome, reason: 'holds', n: 600, limit: 0, value: null, about: null, needed: null },
  ...more,
})
const report = (more = {}) => ({
  ...{ v: 1, kind: 'collateral', before: { label: 'a', hash: 'sha256:a' }, after: { label: 'b', hash: 'sha256:b' } },
  superset: { relation: 'mixed', newlyActed: 4, noLongerActed: 1, unchanged: 95, strictlyWorse: false },
  gates: [
    gate('permanent', 'pass'),
    gate('retained', 'pass', { value: { value: 0.994, lo: 0.992, hi: 0.996 } }),
    gate('slices', 'INCONCLUSIVE', { about: 'segment debugging', needed: 900 }),
    gate('separable', 'fail', { reason: 'inseparable' }),
    gate('sunset', 'pass'),
    gate('of a later version', 'pass'),
  ],
  ...more,
})

test('report gates: a collateral report’s own gates are a release’s, with their numbers', () => {
  const gates = gatesOfReport(report(), 'sha256:b', 'sha256:a')!
  expect(gates.map(({ measured: _measured, ...rest }) => rest)).toEqual([
    { id: 'regression', outcome: 'pass', says: 'permanent: holds, n = 600' },
    { id: 'collateral', outcome: 'pass', says: 'retained: holds, 99.40% (99.20% to 99.60%), n = 600' },
    { id: 'collateral', outcome: 'inconclusive', says: 'slices: holds, segment debugging, n = 600, 900 needed' },
    { id: 'inseparable', outcome: 'fail', says: 'separable: inseparable, n = 600' },
    { id: 'superset', outcome: 'pass', says: 'mixed: 4 newly acted on, 1 no longer, 95 unchanged' },
  ])
  // The same as data: a page tells it in its reader's language.
  expect(gates[2]!.measured).toEqual({ kind: 'report', gate: report().gates[2] })
  expect(gates[4]!.measured).toEqual({ kind: 'superset', ...report().superset })
})

test('SR-6: strictly worse is a failed superset test', () => {
  const worse = { relation: 'superset', newlyActed: 4, noLongerActed: 0, unchanged: 95, strictlyWorse: true }
  const gates = gatesOfReport(report({ superset: worse }), 'sha256:b', 'sha256:a')!
  expect(gates.at(-1)).toMatchObject({ id: 'superset', outcome: 'fail' })
})

test('report gates: about another bundle, or against one that is not in force, it says nothing here', () => {
  expect(() => gatesOfReport(report(), 'sha256:c', 'sha256:a')).toThrow('is about sha256:b')
  expect(() => gatesOfReport(report(), 'sha256:b', 'sha256:c')).toThrow('not in force')
  expect(gatesOfReport({ kind: 'red-team' }, 'sha256:b', 'sha256:a')).toBeNull()
})
