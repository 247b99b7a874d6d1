import { expect, test } from 'vitest'
import { gatesOfReport, predictionOf } from './report-gates.ts'

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
    gate('overhead', 'pass', { value: { value: 1188, lo: 1188, hi: 1188 } }),
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
    { id: 'overhead', outcome: 'pass', says: 'overhead: holds, 1.19 ms (1.19 ms to 1.19 ms), n = 600' },
    { id: 'superset', outcome: 'pass', says: 'mixed: 4 newly acted on, 1 no longer, 95 unchanged' },
  ])
  // The same as data: a page tells it in its reader's language.
  expect(gates[2]!.measured).toEqual({ kind: 'report', gate: report().gates[2] })
  expect(gates[5]!.measured).toEqual({ kind: 'superset', ...report().superset })
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

test('report gates: the newest report over stored decisions predicts what sessions meet; labelled rows predict nothing', () => {
  const met = (after: number) => ({
    ...{ sessions: 5000, refused: { before: 100, after }, diverted: { before: 0, after: 0 } },
    touched: { before: 100, after },
  })
  const window = { sinceMs: 1, untilMs: 2 }
  const evidence = (atMs: number, body: object) => ({ atMs, text: JSON.stringify(body) })
  const pack = [
    evidence(2, report({ window, met: met(120) })),
    evidence(1, report({ window, met: met(900) })),
    evidence(3, report({ window: null, met: met(700) })),
    evidence(4, { kind: 'red-team', window, met: met(800) }),
  ]
  expect(predictionOf(pack)).toEqual(met(120))
  expect(predictionOf(pack.slice(2))).toBeNull()
  expect(predictionOf([evidence(1, report({ window }))])).toBeNull()
})
