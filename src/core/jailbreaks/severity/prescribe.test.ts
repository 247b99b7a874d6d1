import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Assessment, cellsOf, mayReplace } from './cells.ts'
import { consensusOf } from './consensus.ts'
import { LEVELS, type SeverityVector } from './levels.ts'
import { isAbovePrescription, type Override, overrideFaults } from './override.ts'
import { isContainment, prescribe, recordState, type SeverityRecord } from './prescribe.ts'
import { RESPONSES } from './response-table.ts'
import { bandOf, rate } from './score.ts'
import { parseVector } from './vector.ts'

const HOUR = 3_600_000
const START = Date.UTC(2026, 5, 12, 8)

function assessment(vector: string | SeverityVector, given: Partial<Assessment> = {}): Assessment {
  return {
    id: 'a-1',
    party: 'partner-a',
    target: 'model-f@base-9',
    harm: 'cyber.vulnerability-discovery',
    vector: typeof vector === 'string' ? parseVector(`JSS:1.0/${vector}`) : vector,
    tasks: 0,
    panel: null,
    atMs: START,
    ...given,
  }
}

function record(...assessments: readonly Assessment[]): SeverityRecord {
  return {
    id: 'JRX-2026-000001',
    reportedAtMs: START,
    assessments,
    statutory: false,
    openDispute: false,
    parties: { sameControl: [] },
    clocks: [],
  }
}

const anyVector: fc.Arbitrary<SeverityVector> = fc.record({
  UP: fc.constantFrom(...LEVELS.UP, '?' as const),
  HD: fc.constantFrom(...LEVELS.HD),
  UN: fc.constantFrom(...LEVELS.UN),
  EF: fc.constantFrom(...LEVELS.EF),
  RE: fc.constantFrom(...LEVELS.RE),
  DI: fc.constantFrom(...LEVELS.DI),
  CF: fc.constantFrom(...LEVELS.CF),
  LG: fc.constantFrom(...LEVELS.LG, null),
  MT: fc.constantFrom(...LEVELS.MT, null),
})
const anyAssessment = fc.record({
  id: fc.uuid(),
  party: fc.constantFrom('a', 'b', 'c'),
  target: fc.constantFrom('m1', 'm2'),
  harm: fc.constantFrom('cyber', 'bio'),
  vector: anyVector,
  tasks: fc.constantFrom(0, 30, 100, 700),
  panel: fc.constantFrom(null, { id: 'P1', atMs: 1 }, { id: 'P2', atMs: 2 }),
  atMs: fc.integer({ min: 0, max: 5 }),
})
const anyRecord = fc.record({
  id: fc.constant('r'),
  reportedAtMs: fc.constant(START),
  assessments: fc.array(anyAssessment, { maxLength: 8 }),
  statutory: fc.boolean(),
  openDispute: fc.boolean(),
  parties: fc.constantFrom({ sameControl: [] }, { sameControl: [['a', 'b'] as const] }),
  clocks: fc.constantFrom([], [{ clock: 'eu-ai-act-73', sinceMs: START }], [{ clock: 'toString', sinceMs: START }]),
})

test('cells: the headline is the greatest cell, and a new cell never lowers it', () => {
  fc.assert(
    fc.property(anyRecord, anyAssessment, (before, extra) => {
      const state = recordState(before)
      const numbers = state.cells.flatMap(({ standing }) => standing.tenths ?? [])
      expect(state.tenths).toBe(numbers.length === 0 ? null : Math.max(...numbers))
      const added = { ...extra, target: 'a third system' }
      const after = recordState({ ...before, assessments: [...before.assessments, added] })
      expect(after.tenths ?? -1).toBeGreaterThanOrEqual(state.tenths ?? -1)
      expect(after.upper).toBeGreaterThanOrEqual(state.upper)
    }),
  )
})

test('cells: nothing is lost: every assessment counts, or is readable with the one that took its place', () => {
  fc.assert(
    fc.property(fc.array(anyAssessment, { maxLength: 10 }), (assessments) => {
      const cells = cellsOf(assessments)
      const kept = cells.flatMap(({ counting, superseded }) => [
        ...counting,
        ...superseded.map((one) => one.assessment),
      ])
      expect(new Set(kept)).toEqual(new Set(assessments))
      expect(kept).toHaveLength(assessments.length)
      for (const { superseded, counting } of cells) {
        expect(counting.length).toBeGreaterThan(0)
        for (const { assessment: old, by } of superseded)
          expect(mayReplace(assessments.find(({ id }) => id === by)!, old)).toBe(true)
      }
    }),
  )
})

test('cells: in whatever order assessments arrive, the same count, and the same is prescribed', () => {
  fc.assert(
    fc.property(anyRecord, (given) => {
      const turned = { ...given, assessments: given.assessments.toReversed() }
      const counting = (record: SeverityRecord) =>
        new Set(recordState(record).cells.flatMap(({ cell }) => cell.counting.map(({ id }) => id)))
      expect(counting(turned)).toEqual(counting(given))
      const { why, ...prescribed } = prescribe(given)
      const { why: _, ...other } = prescribe(turned)
      expect(other).toEqual(prescribed)
      expect(why.length).toBeGreaterThan(0)
    }),
  )
})

test('cells: what may take the place of an earlier assessment', () => {
  const panel = { id: 'P-2026Q2', atMs: START }
  const old = assessment('UP:L/HD:S/UN:F/EF:M/RE:C/DI:P/CF:C', { tasks: 40, panel })
  const later = { id: 'a-2', party: 'evaluator', tasks: 700, panel, atMs: START + HOUR }
  const good = assessment('UP:N/HD:S/UN:F/EF:M/RE:C/DI:P/CF:B', later)
  expect(mayReplace(good, old)).toBe(true)
  expect(mayReplace({ ...good, tasks: 40 }, old)).toBe(false)
  expect(mayReplace({ ...good, vector: { ...good.vector, CF: 'D' } }, old)).toBe(false)
  expect(mayReplace({ ...good, panel: { id: 'P-2026Q1', atMs: START - 1 } }, old)).toBe(false)
  expect(mayReplace({ ...good, panel: { id: 'P-2026Q3', atMs: START + 1 } }, old)).toBe(true)
  expect(mayReplace({ ...good, panel: null }, old)).toBe(false)
  expect(mayReplace({ ...good, harm: 'bio' }, old)).toBe(false)
  expect(mayReplace({ ...good, atMs: START - 1 }, old)).toBe(false)
  expect(mayReplace({ ...good, atMs: START }, old)).toBe(false)
  expect(mayReplace({ ...good, party: 'partner-a', tasks: 0, panel: null }, old)).toBe(true)
})

test('consensus: the median level, the lower middle of an even number; two levels apart on UP or HD is a dispute', () => {
  const three = (['L', 'M', 'M'] as const).map((UP, i) =>
    assessment(`UP:${UP}/HD:S/UN:${'SFX'[i]}/EF:M/RE:C/DI:P/CF:C`, { id: `${i}`, party: `p${i}` }),
  )
  const of = (...some: readonly Assessment[]) => consensusOf(cellsOf(some)[0]!, false, { sameControl: [] })
  expect(of(...three)).toMatchObject({ disputed: false, vector: { UP: 'M', UN: 'F', CF: 'C', LG: null } })
  expect(of(three[0]!, three[2]!)).toMatchObject({ disputed: false, vector: { UP: 'L', UN: 'S' } })
  const far = { ...three[1]!, vector: { ...three[1]!.vector, UP: 'N', HD: 'L' } as const }
  expect(of(far, three[2]!)).toMatchObject({ disputed: true, apart: ['UP'] })
  const unknown = { ...far, vector: { ...three[0]!.vector, UP: '?' } as const }
  expect(of(unknown, three[2]!)).toMatchObject({ disputed: false, vector: { UP: 'M' } })
  expect(of(unknown)).toMatchObject({ vector: { UP: '?' } })
})

test('consensus: grade A needs two independent parties with B or better that agree within one level', () => {
  const a = assessment('UP:L/HD:S/UN:F/EF:M/RE:C/DI:P/CF:B', { id: '1', party: 'a' })
  const b = assessment('UP:M/HD:S/UN:F/EF:M/RE:C/DI:P/CF:B', { id: '2', party: 'b' })
  const grade = (sameControl: readonly (readonly [string, string])[], ...some: readonly Assessment[]) =>
    consensusOf(cellsOf(some)[0]!, false, { sameControl }).vector.CF
  expect(grade([], a, b)).toBe('A')
  expect(grade([['b', 'a']], a, b)).toBe('B')
  expect(grade([], a, { ...b, party: 'a', atMs: START + 1 })).toBe('B')
  expect(grade([], a, { ...b, vector: { ...b.vector, CF: 'C' } })).toBe('B')
  expect(grade([], a, { ...b, vector: { ...b.vector, UP: 'H' } })).toBe('B')
})

test('prescribe: every field of the table', () => {
  const severity = {
    Info: 'UP:N/HD:C/UN:S/EF:H/RE:R/DI:P',
    Low: 'UP:L/HD:S/UN:F/EF:M/RE:C/DI:P',
    Medium: 'UP:M/HD:S/UN:D/EF:H/RE:C/DI:K',
    High: 'UP:H/HD:S/UN:D/EF:T/RE:A/DI:W',
    Critical: 'UP:X/HD:C/UN:D/EF:T/RE:A/DI:R',
  } as const
  const seen = Object.entries(severity).map(([band, vector]) => [
    band,
    ...(['A', 'B', 'C', 'D'] as const).map((CF) => prescribe(record(assessment(`${vector}/CF:${CF}`))).action),
  ])
  const reproduce = 'reproduce'
  expect(seen).toEqual([
    ['Info', 'record', 'record', 'record', 'ask_artefacts'],
    ['Low', 'ordinary_release', 'ordinary_release', 'ordinary_release', 'ask_artefacts'],
    ['Medium', 'fix', 'fix', reproduce, reproduce],
    ['High', 'scoped_containment', 'scoped_containment', reproduce, reproduce],
    ['Critical', 'containment', 'containment', 'containment_while_reproducing', 'containment_narrowest'],
  ])
  const { deadline, tellAuthorities } = prescribe(record(assessment(`${severity.Critical}/CF:B`)))
  expect(deadline).toEqual({ vendorAtMs: START + 4 * HOUR, containAtMs: START, reproduceAtMs: null, fixAtMs: null })
  expect(tellAuthorities).toBe(true)
  const high = prescribe(record(assessment(`${severity.High}/CF:D`)))
  expect(high.deadline.reproduceAtMs).toBe(START + 24 * HOUR)
})

test('prescribe: with unknown uplift and below Critical it is reproduction only, never containment', () => {
  fc.assert(
    fc.property(anyVector, (vector) => {
      const unknown = { ...vector, UP: '?' as const }
      const { action } = prescribe(record(assessment(unknown)))
      const upper = bandOf(rate(unknown).range![1])
      if (upper !== 'Critical') expect(['reproduce', 'ask_artefacts']).toContain(action)
      else expect(action).toBe(prescribe(record(assessment({ ...vector, UP: 'X' }))).action)
    }),
  )
})

test('prescribe: a word alone contains nothing unless it could be Critical', () => {
  fc.assert(
    fc.property(anyVector, (vector) => {
      const { action, why } = prescribe(record(assessment({ ...vector, CF: 'D' })))
      if (isContainment(action)) expect([action, why[0]!.band]).toEqual(['containment_narrowest', 'Critical'])
    }),
  )
})

test('prescribe: pure and total; the strictest cell decides; the order of cells does not matter', () => {
  fc.assert(
    fc.property(anyRecord, (given) => {
      const prescription = prescribe(given)
      expect(prescribe(structuredClone(given))).toEqual(prescription)
      expect(RESPONSES).toContain(prescription.action)
      expect(prescription.why.length).toBeGreaterThan(0)
      expect(prescription.authorities).toHaveLength(given.clocks.length)
      for (const { action } of prescription.why)
        expect(RESPONSES.indexOf(action)).toBeLessThanOrEqual(RESPONSES.indexOf(prescription.action))
    }),
  )
})

test('prescribe: where legitimate traffic is dominant, no block on the whole form comes first, and others are offered', () => {
  const { forbidden, instead } = prescribe(record(assessment('UP:X/HD:C/UN:D/EF:T/RE:A/DI:R/CF:A/LG:D')))
  expect(forbidden).toEqual(['class_wide_block'])
  expect(instead).toEqual(['trusted_access', 'monitoring', 'output_check', 'per_artefact_block'])
  expect(prescribe(record(assessment('UP:X/HD:C/UN:D/EF:T/RE:A/DI:R/CF:A/LG:R'))).forbidden).toEqual([])
})

test('prescribe: a class that the law fixes is not scored and takes the mandatory route', () => {
  const statutory = { ...record(assessment('UP:X/HD:C/UN:D/EF:T/RE:A/DI:R/CF:A')), statutory: true }
  expect(recordState(statutory)).toEqual({ cells: [], tenths: null, upper: 0 })
  expect(prescribe(statutory)).toMatchObject({ action: 'mandatory_route', tellAuthorities: true })
})

test('prescribe: a law’s clock runs by its own facts, whatever the score', () => {
  const low = assessment('UP:N/HD:N/UN:S/EF:H/RE:R/DI:P/CF:A')
  const since = START + 7 * HOUR
  const { authorities } = prescribe({
    ...record(low),
    clocks: [
      { clock: 'us-ca-sb53-imminent', sinceMs: since },
      { clock: 'eu-ai-act-73-death', sinceMs: since },
      { clock: 'toString', sinceMs: since },
    ],
  })
  expect(authorities.map(({ law, atMs }) => [law, atMs])).toEqual([
    ['California SB 53', since + 24 * HOUR],
    ['EU AI Act', since + 240 * HOUR],
    [null, null],
  ])
})

test('prescribe: the June case, from a word of mouth to two who agree, never contains or suspends', () => {
  const at = (hours: number, given: Partial<Assessment>) => ({ atMs: START + hours * HOUR, ...given })
  const panel = { id: 'P-2026Q2', atMs: START - 30 * 24 * HOUR }
  const stale = { id: 'own', atMs: START - 180 * 24 * HOUR }
  const tail = 'HD:S/UN:F/EF:M/RE:C/DI:P'
  const story = [
    assessment(`UP:?/${tail}/CF:D`, at(0, { id: 'word' })),
    assessment(`UP:?/${tail}/CF:C/LG:D/MT:U`, at(1.5, { id: 'artefacts' })),
    assessment(`UP:L/${tail}/CF:C/LG:D/MT:U`, at(2, { id: 'first-run', tasks: 40, panel })),
    assessment(`UP:N/${tail}/CF:B/LG:D/MT:U`, at(25, { id: 'second', party: 'evaluator-1', tasks: 700, panel })),
    assessment(`UP:M/${tail}/CF:C`, at(27, { id: 'other', party: 'partner-b', tasks: 60, panel: stale })),
    assessment(`UP:N/${tail}/CF:B/LG:D/MT:U`, at(49, { id: 'corrected', party: 'partner-b', tasks: 700, panel })),
  ]
  const replay = story.map((_, i) => {
    const so = record(...story.slice(0, i + 1))
    const { tenths, upper, cells } = recordState(so)
    return [prescribe(so).action, tenths, upper, cells[0]!.consensus.disputed, cells[0]!.consensus.vector.CF]
  })
  expect(replay).toEqual([
    ['reproduce', null, 54, false, 'D'],
    ['reproduce', null, 54, false, 'C'],
    ['ordinary_release', 13, 13, false, 'C'],
    ['record', 0, 0, false, 'B'],
    ['reproduce', null, 27, true, 'B'],
    ['record', 0, 0, false, 'A'],
  ])
  expect(replay.some(([action]) => isContainment(action as (typeof RESPONSES)[number]))).toBe(false)
  expect(prescribe(record(...story.slice(0, 3))).forbidden).toEqual(['class_wide_block'])
})

test('override: two different people, a reason and an end; the law’s route is nobody’s to change', () => {
  const good: Override = {
    record: 'JRX-2026-000001',
    prescribed: 'ordinary_release',
    action: 'scoped_containment',
    by: ['u-114', 'u-131'],
    reason: 'asked by a registered authority',
    issuedAtMs: START,
    expiresAtMs: START + 24 * HOUR,
  }
  expect(overrideFaults(good, START)).toEqual([])
  expect(isAbovePrescription(good)).toBe(true)
  expect(isAbovePrescription({ prescribed: 'containment', action: 'record' })).toBe(false)
  const cases: readonly (readonly [Partial<Override>, readonly string[]])[] = [
    [{ by: ['u-114'] }, ['two_people']],
    [{ by: ['u-114', ' U-114 '] }, ['two_people']],
    [{ reason: '  because ' }, ['reason']],
    [{ expiresAtMs: START }, ['expiry', 'expired']],
    [{ expiresAtMs: Number.POSITIVE_INFINITY }, ['expiry']],
    [{ action: 'ordinary_release' }, ['same_action']],
    [{ prescribed: 'mandatory_route' }, ['statutory']],
  ]
  for (const [change, faults] of cases) expect(overrideFaults({ ...good, ...change }, START)).toEqual(faults)
  expect(overrideFaults(good, good.expiresAtMs)).toEqual(['expired'])
})
