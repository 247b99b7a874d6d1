import { expect, test } from 'vitest'
import { aCase, anAssessment, CASE_AT, FIX_THIS_CODE } from '../../../../test/fakes/a-case.ts'
import { schemaFault } from '../../../io/exchange/check-schema.ts'
import { assessmentFault, upperEnd } from '../exchange/assessed.ts'
import { semanticFault } from '../exchange/semantics.ts'
import { levelOf } from '../exchange/tlp.ts'
import { allVectors } from '../severity/levels.ts'
import { RESPONSE_TABLE } from '../severity/response-table.ts'
import { formatVector } from '../severity/vector.ts'
import type { Case, FiledAssessment } from './case.ts'
import { recordOf } from './record-of.ts'
import { type RegistryRules, stateOf } from './standing.ts'

const RULES: RegistryRules = { self: 'lab-b', table: RESPONSE_TABLE, sameControl: [], statutoryHarms: [] }
/** What a partner finds wrong with it: schema first, then what it says. */
const faultOf = (one: Case, tlp: 'AMBER' | 'RED' = 'AMBER') => {
  const object = recordOf(one, tlp, RULES, CASE_AT)
  const schema = schemaFault('record', object)
  if (schema !== null) return schema
  const { id, modified } = object
  const pointer = { t: 'record', id, modified, sha256: '0'.repeat(64), len: 1 } as const
  const place = { publisher: 'lab-b', level: levelOf(tlp), nowMs: CASE_AT, knownAt: () => null }
  return semanticFault({ type: 'record', object }, pointer, place)?.detail ?? null
}

test('record: what leaves is what a partner accepts, measured or not, scored or not', () => {
  expect(faultOf(aCase())).toBeNull()
  const bare = (vector: string) => anAssessment({ vector, measured: null, panel: null })
  expect(faultOf(aCase({ assessments: [bare('JSS:1.0/UP:?/HD:C/UN:X/EF:T/RE:A/DI:W/CF:D')] }))).toBeNull()
  const vectors = [...allVectors()]
  for (let i = 0; i < vectors.length; i += 97)
    expect(faultOf(aCase({ assessments: [bare(formatVector(vectors[i]!))] }))).toBeNull()
  const clocks = [{ clock: 'us-ca-sb53', sinceMs: CASE_AT, metAtMs: CASE_AT + 1000 }]
  expect(faultOf(aCase({ clocks, withdrawn: { atMs: CASE_AT, reason: 'an error' } }))).toBeNull()
})

test('record: a number of which nothing was measured travels without an interval; a range keeps its own', () => {
  const bare = (vector: string, measured: FiledAssessment['measured'] = null) =>
    recordOf(aCase({ assessments: [anAssessment({ vector, measured, panel: null })] }), 'AMBER', RULES, CASE_AT)
  const asserted = bare(FIX_THIS_CODE)
  expect(asserted.assessments.map(({ score, interval }) => [score, interval])).toEqual([[1.3, null]])
  expect(bare('JSS:1.0/UP:?/HD:C/UN:X/EF:T/RE:A/DI:W/CF:D').assessments[0]!.interval).toEqual([0, 10])
  const reliability = { success: 29, sessions: 36, wilson95: [0.65, 0.902] } as const
  const nothingElse = { uplift: null, firstOfItsKind: false, others: null, matrix: [] }
  const [seen] = bare(FIX_THIS_CODE, { ...nothingElse, reliability }).assessments
  expect(seen!.interval).toEqual([1.3, 1.4])
  const { headline } = stateOf(aCase({ assessments: [anAssessment({ measured: null, panel: null })] }), RULES, CASE_AT)
  expect(headline).toMatchObject({ tenths: 13, band: 'Low', interval: null })
  expect([upperEnd({ interval: null, score: 8.9 }), upperEnd({ interval: [0, 1.4], score: 1.3 })]).toEqual([89, 14])
  // Of a partner that says the number twice, as was done before, it is taken as asserted; any other interval is a fault.
  const [one] = asserted.assessments
  const faults = [null, [1.3, 1.3], [1.3, 1.4], [0, 1.3]].map((interval) =>
    assessmentFault({ ...one!, interval: interval as [number, number] | null }),
  )
  expect(faults.map((fault) => fault?.detail ?? null)).toEqual([
    null,
    null,
    '`interval` is null when recomputed',
    '`interval` is null when recomputed',
  ])
})

test('record: other parties say theirs in statements of their own; cases of a report leave at RED only', () => {
  const others = [anAssessment(), anAssessment({ id: 'A2', by: 'lab-b' }), anAssessment({ id: 'A3', by: 'partner-c' })]
  const artefacts = [{ kind: 'cases', sha256: 'c'.repeat(64), access: 'encrypted' } as const]
  const one = aCase({ assessments: others, artefacts, note: 'what happens' })
  const object = recordOf(one, 'AMBER', RULES, CASE_AT)
  expect(object.assessments.map(({ by }) => by)).toEqual(['partner-a', 'lab-b'])
  expect(object.artefacts).toEqual([])
  expect(recordOf(one, 'RED', RULES, CASE_AT).artefacts).toEqual(artefacts)
  expect(JSON.stringify(object)).not.toMatch(/what happens|operator/)
  expect([faultOf(one), faultOf(one, 'RED')]).toEqual([null, null])
})

test('record: both scales stand beside the assessments, the draft with its own form', () => {
  expect(recordOf(aCase(), 'AMBER', RULES, CASE_AT).severity).toEqual([
    { type: 'JSS_V1', score: FIX_THIS_CODE },
    { type: 'CJS_DRAFT_2026_07', score: 'CG:1/B:1/EW:1/D:0=3 CJS-1' },
  ])
})

test('record: a missing language is missing, and says which', () => {
  expect(() => recordOf(aCase({ summary: { en: 'A summary' } }), 'AMBER', RULES, CASE_AT)).toThrow('summary.ja')
})
