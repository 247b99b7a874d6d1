import fc from 'fast-check'
import { expect, test } from 'vitest'
import { aCase, anAssessment, CASE_AT, FIRST_MEASURED, FIX_THIS_CODE } from '../../../../test/fakes/a-case.ts'
import { RESPONSE_TABLE } from '../severity/response-table.ts'
import type { Act } from './acts.ts'
import type { Case } from './case.ts'
import { perform } from './perform.ts'
import { type RegistryRules, stateOf } from './standing.ts'

const RULES: RegistryRules = { self: 'lab-b', table: RESPONSE_TABLE, sameControl: [], statutoryHarms: ['child-safety'] }
const HOUR = 3_600_000
const does = (one: Case, act: Act, person = 'A. Mori', nowMs = CASE_AT + HOUR) =>
  perform(one, act, { person, reason: 'a reason of some length' }, RULES, nowMs).case
const path = (one: Case, ...kinds: ('acknowledge' | 'triage' | 'respond' | 'withdraw')[]) =>
  kinds.reduce((each, kind) => does(each, { kind }), one)
const coded = (act: () => unknown) => {
  try {
    act()
  } catch (error) {
    return (error as { code: string }).code
  }
  return 'taken'
}
const filed = (more: Partial<Case['assessments'][number]> = {}) => {
  const { id: _i, person: _p, atMs: _a, ...rest } = anAssessment(more)
  return rest
}

test('acts: from receipt to the action that the rules prescribe', () => {
  const done = path(aCase(), 'acknowledge', 'triage', 'respond')
  expect([done.stage, done.response?.action, done.acknowledged?.by]).toEqual([
    'scheduled',
    'ordinary_release',
    'A. Mori',
  ])
  const fixed = does(done, { kind: 'fix', release: 'r-18' })
  expect([fixed.stage, fixed.fixed?.release]).toEqual(['fixed', 'r-18'])
})

test('acts: what is not open says so, and a withdrawn case stays as it is', () => {
  expect(coded(() => does(aCase(), { kind: 'respond' }))).toBe('illegal')
  expect(coded(() => does(aCase(), { kind: 'assess', filed: filed() }))).toBe('illegal')
  const gone = path(aCase(), 'withdraw')
  expect(gone.withdrawn?.reason).toBe('a reason of some length')
  expect(coded(() => path(gone, 'acknowledge'))).toBe('illegal')
})

test('acts: an assessment that asks for another response sends an answered case back, one that does not leaves it', () => {
  const answered = path(aCase(), 'acknowledge', 'triage', 'respond')
  const same = does(answered, { kind: 'assess', filed: filed() })
  expect([same.stage, same.assessments.map(({ id }) => id)]).toEqual(['scheduled', ['A1', 'A2']])
  const graver = FIX_THIS_CODE.replace('UP:L', 'UP:M').replace('EF:M', 'EF:T').replace('DI:P', 'DI:W')
  const other = does(answered, { kind: 'assess', filed: filed({ vector: graver, measured: null, panel: null }) })
  expect(other.stage).toBe('assessed')
})

test('acts: what the law fixes is neither scored nor reproduced, and is recorded once an authority was told', () => {
  const one = path(
    aCase({ technique: { class: 'x', fingerprint: null, statutory: true }, assessments: [] }),
    'acknowledge',
    'triage',
  )
  expect(stateOf(one, RULES, CASE_AT).action).toBe('mandatory_route')
  expect(coded(() => does(one, { kind: 'assess', filed: filed() }))).toBe('statutory')
  expect(coded(() => does(one, { kind: 'reproduce' }))).toBe('statutory')
  expect(coded(() => does(one, { kind: 'respond' }))).toBe('clocks_open')
  const told = does(one, { kind: 'authority', name: 'authority-1', ground: 'law:example', sent: true })
  expect(does(told, { kind: 'respond' }).stage).toBe('recorded')
})

test('acts: the vendor has one extension of at most 30 days', () => {
  expect(coded(() => does(aCase(), { kind: 'extend', days: 31 }))).toBe('input_invalid')
  const once = does(aCase(), { kind: 'extend', days: 30 })
  expect(coded(() => does(once, { kind: 'extend', days: 1 }))).toBe('input_invalid')
})

test('acts: a language that is missing is added; one that is there is corrected by a statement', () => {
  const one = aCase({ summary: { en: 'A summary' } })
  expect(does(one, { kind: 'translate', summary: { ja: '要約' } }).summary).toEqual({ en: 'A summary', ja: '要約' })
  expect(coded(() => does(one, { kind: 'translate', summary: { en: 'Another' } }))).toBe('input_invalid')
  expect(coded(() => does(one, { kind: 'translate', summary: { ja: '致命的な要約' } }))).toBe('input_invalid')
})

test('acts: nothing that was filed or said is ever taken away', () => {
  const sayings: readonly Act[] = [
    { kind: 'reply', org: 'vendor-x', text: { en: 'Comparing' }, status: null, evidence: [] },
    { kind: 'dispute', org: 'vendor-x', claim: 'UP', evidence: [] },
    { kind: 'correct', org: 'lab-b', claim: 'c', wrong: 'w', right: 'r', briefs: [] },
    { kind: 'ask_withdrawal', org: 'vendor-x' },
    { kind: 'assess', filed: filed({ by: 'partner-c' }) },
  ]
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...sayings), { maxLength: 8 }), (acts) => {
      let one = path(aCase(), 'acknowledge')
      for (const act of acts) {
        const next = does(one, act)
        expect(next.statements.slice(0, one.statements.length)).toEqual(one.statements)
        expect(next.assessments.slice(0, one.assessments.length)).toEqual(one.assessments)
        one = next
      }
      expect(one.statements.length + one.assessments.length).toBe(acts.length + 1)
      expect(one.assessments[0]!.measured).toEqual(FIRST_MEASURED)
    }),
    { numRuns: 40 },
  )
})

test('publish: to partners under embargo, to all only after it, and never before receipt was confirmed', () => {
  const publish = (one: Case, tlp: 'AMBER' | 'CLEAR', nowMs: number) =>
    does(one, { kind: 'publish', tlp, sha256: 'x' }, 'A. Mori', nowMs)
  expect(coded(() => publish(aCase(), 'AMBER', CASE_AT))).toBe('illegal')
  const answered = path(aCase(), 'acknowledge', 'triage', 'respond')
  expect(publish(answered, 'AMBER', CASE_AT).stage).toBe('scheduled')
  const DAY = 24 * HOUR
  expect(coded(() => publish(answered, 'CLEAR', CASE_AT + 90 * DAY - 1))).toBe('embargoed')
  expect(publish(answered, 'CLEAR', CASE_AT + 90 * DAY).stage).toBe('published')
})

test('publish: a tombstone goes where the report was, and nowhere else', () => {
  const shared = does(path(aCase(), 'acknowledge'), { kind: 'publish', tlp: 'AMBER', sha256: 'x' })
  const gone = path(shared, 'withdraw')
  const told = does(gone, { kind: 'publish', tlp: 'AMBER', sha256: 'y' })
  expect([told.stage, told.publications.map(({ sha256 }) => sha256)]).toEqual(['withdrawn', ['x', 'y']])
  expect(coded(() => does(gone, { kind: 'publish', tlp: 'GREEN', sha256: 'y' }))).toBe('illegal')
  expect(
    does(gone, { kind: 'correct', org: 'lab-b', claim: 'c', wrong: 'w', right: 'r', briefs: [] }).statements,
  ).toHaveLength(1)
  expect(coded(() => does(gone, { kind: 'reproduce' }))).toBe('illegal')
})
