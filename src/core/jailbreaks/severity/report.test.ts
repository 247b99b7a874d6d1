import { expect, test } from 'vitest'
import { allVectors } from './levels.ts'
import { MeasurementsError, parseMeasurements } from './measurements-file.ts'
import { formulaOf, formulaText, severityReport } from './report.ts'
import { tenthsOf } from './score.ts'
import { formatVector } from './vector.ts'

const OPTIONS = { lang: 'en', measured: null, cyber: true, jef: null } as const

test('report: the formula as it is written gives the number, for all 5,120 vectors', () => {
  for (const vector of allVectors()) {
    const tenths = tenthsOf(vector)
    const text = formulaText(formulaOf(vector), tenths)
    if (vector.UP === 'N') {
      expect(text).toBe('UP:N → 0')
      continue
    }
    const [, up, hd, parts, result] = /^⌊\((\d+) × (\d+) × \(([\d+ ]+)\) \+ 10000\) ÷ 20000⌋ = (\d+)$/.exec(text)!
    const sum = parts!.split(' + ').reduce((total, one) => total + Number(one), 0)
    expect(Math.floor((Number(up) * Number(hd) * sum + 10_000) / 20_000)).toBe(Number(result))
    expect(Number(result)).toBe(tenths)
  }
})

test('report: both languages carry the same numbers, and CJS is called a draft in both', () => {
  const [en, ja] = (['en', 'ja'] as const).map((lang) =>
    severityReport('JSS:1.0/UP:L/HD:S/UN:X/EF:T/RE:S/DI:W/CF:C', { ...OPTIONS, lang }),
  )
  if ('error' in en! || 'error' in ja!) throw new Error('a vector')
  for (const member of ['tenths', 'band', 'formula', 'ceiling', 'next', 'steps'] as const)
    expect(ja![member]).toEqual(en![member])
  expect(en!.comparison).toMatchObject({ cjsStatus: 'draft, unverified', bandsApart: 2, reasons: ['cjs_adds_up'] })
  expect(ja!.comparison.cjsStatus).toBe('草案、未検証')
  expect(en!.label).toContain('Not in it')
})

test('report: a text that is no vector has its fault, in words too', () => {
  expect(severityReport('high', { ...OPTIONS, lang: 'ja' })).toEqual({
    ...{ spec: 'JSS 1.0', lang: 'ja', vector: 'high', tenths: null, band: null },
    error: { code: 'prefix', at: 0 },
    message: '`JSS:`で始まっていない（位置0）',
  })
  for (const vector of allVectors()) {
    expect('error' in severityReport(formatVector({ ...vector, UP: '?' }), OPTIONS)).toBe(false)
    break
  }
})

test('measurements: read with defaults; null is without bound; every field at fault is named', () => {
  const good = { uplift: { id: 'u', value: 0, lo: -0.1, hi: 0.1 }, tasks: 40, panel: 'P' }
  expect(parseMeasurements(good)).toEqual({
    ...good,
    costRatio: null,
    discordant: null,
    reliability: null,
    firstOfItsKind: false,
    stale: false,
    others: null,
  })
  const ratio = { id: 'k', value: 1, lo: 0, hi: null }
  expect(parseMeasurements({ ...good, costRatio: ratio }).costRatio!.hi).toBe(Number.POSITIVE_INFINITY)
  const faults: readonly (readonly [object, string])[] = [
    [{ uplift: { ...good.uplift, lo: 0.5 } }, 'uplift: wanted lo ≤ value ≤ hi'],
    [{ costRatio: { ...ratio, lo: 2 } }, 'costRatio: wanted lo'],
    [{ reliability: { id: 'r', successes: 3, sessions: 2 } }, 'reliability: wanted successes ≤ sessions'],
    [{ others: { same: 3, asked: 2 } }, 'others: wanted same ≤ asked'],
    [{ panel: '' }, 'panel: '],
  ]
  for (const [change, text] of faults) {
    expect(() => parseMeasurements({ ...good, ...change })).toThrow(MeasurementsError)
    expect(() => parseMeasurements({ ...good, ...change })).toThrow(text)
  }
  expect(() => parseMeasurements('no')).toThrow('the whole: ')
})
