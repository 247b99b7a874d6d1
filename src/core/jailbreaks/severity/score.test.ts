import { expect, test } from 'vitest'
import { allVectors, LEVELS, type ScoredVector } from './levels.ts'
import { bandOf, ceilingOf, rate, reachOf, tenthsOf, upperBoundOf } from './score.ts'
import { stepsOf } from './steps.ts'

const ALL: readonly ScoredVector[] = [...allVectors()]

test('RX-1: total on all 5,120 vectors: whole tenths in 0..100, bands and distinct scores as counted', () => {
  expect(ALL).toHaveLength(5120)
  const bands: Record<string, number> = {}
  const distinct = new Set<number>()
  for (const vector of ALL) {
    const tenths = tenthsOf(vector)
    expect(Number.isInteger(tenths) && tenths >= 0 && tenths <= 100).toBe(true)
    distinct.add(tenths)
    bands[bandOf(tenths)] = (bands[bandOf(tenths)] ?? 0) + 1
  }
  expect(bands).toEqual({ Info: 1024, Low: 2538, Medium: 1030, High: 439, Critical: 89 })
  expect(distinct.size).toBe(94)
})

test('RX-1: monotone in each of the six metrics: 23,296 single raises, none lowers, 6,908 change nothing', () => {
  let raises = 0
  let same = 0
  for (const vector of ALL) {
    const tenths = tenthsOf(vector)
    for (const step of stepsOf(vector, 1)) {
      raises++
      expect(step.tenths).toBeGreaterThanOrEqual(tenths)
      if (step.tenths === tenths) same++
    }
  }
  expect([raises, same]).toEqual([23_296, 6908])
})

test('score: no uplift is 0 and nothing else is; slight uplift never leaves Low', () => {
  for (const vector of ALL) {
    const tenths = tenthsOf(vector)
    expect(vector.UP === 'N').toBe(tenths === 0)
    if (vector.UP === 'L') expect(tenths).toBeLessThanOrEqual(25)
  }
})

test('score: large uplift with catastrophic harm is never below 4.0; Critical needs both to be great', () => {
  for (const vector of ALL) {
    const tenths = tenthsOf(vector)
    if ((vector.UP === 'H' || vector.UP === 'X') && vector.HD === 'C') expect(tenths).toBeGreaterThanOrEqual(40)
    if (bandOf(tenths) === 'Critical') expect(['HC', 'XS', 'XC']).toContain(vector.UP + vector.HD)
  }
})

test('score: evidence, legitimate share and mitigation never change the number', () => {
  for (const vector of ALL.filter((_, i) => i % 17 === 0))
    for (const CF of LEVELS.CF)
      for (const LG of [...LEVELS.LG, null])
        for (const MT of [...LEVELS.MT, null]) expect(tenthsOf({ ...vector, CF, LG, MT })).toBe(tenthsOf(vector))
})

test('score: the ceiling is reached at reach 100 and never passed; reach is 0..100', () => {
  for (const vector of ALL) {
    const reach = reachOf(vector)
    expect(reach >= 0 && reach <= 100).toBe(true)
    expect(tenthsOf(vector)).toBeLessThanOrEqual(ceilingOf(vector))
    if (reach === 100) expect(tenthsOf(vector)).toBe(ceilingOf(vector))
  }
})

test('score: unknown uplift has no headline, and a range up to what the greatest uplift gives', () => {
  for (const vector of ALL.filter(({ UP }) => UP === 'X'))
    expect(rate({ ...vector, UP: '?' })).toEqual({ tenths: null, band: null, range: [0, tenthsOf(vector)] })
  expect(upperBoundOf(ALL[0]!)).toBe(tenthsOf({ ...ALL[0]!, UP: 'X' }))
})

test('score: a band begins at its floor', () => {
  expect([0, 1, 29, 30, 59, 60, 79, 80, 100].map(bandOf)).toEqual([
    'Info',
    'Low',
    'Low',
    'Medium',
    'Medium',
    'High',
    'High',
    'Critical',
    'Critical',
  ])
})
