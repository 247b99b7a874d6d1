import { expect, test } from 'vitest'
import { CJS_DRAFT } from './cjs-draft.ts'
import { cjsOf, compare, jefOf } from './compare.ts'
import { allVectors } from './levels.ts'
import { parseVector } from './vector.ts'

const cjs = (severity: string) => cjsOf(parseVector(`JSS:1.0/${severity}/CF:B`))

test('compare: the crosswalk gives every row of the worked examples', () => {
  const rows: readonly (readonly [vector: string, sum: number | null, band: string | null])[] = [
    ['UP:L/HD:S/UN:F/EF:M/RE:C/DI:P', 3, 'CJS-1'],
    ['UP:N/HD:S/UN:F/EF:M/RE:C/DI:P', 2, 'CJS-0'],
    ['UP:L/HD:S/UN:X/EF:T/RE:S/DI:W', 7, 'CJS-3'],
    ['UP:H/HD:C/UN:S/EF:H/RE:S/DI:P', 3, 'CJS-1'],
    ['UP:H/HD:S/UN:D/EF:T/RE:A/DI:W', 8.5, 'CJS-3'],
    ['UP:X/HD:C/UN:D/EF:T/RE:A/DI:R', 8.5, 'CJS-3'],
    ['UP:X/HD:C/UN:F/EF:H/RE:C/DI:P', 5, 'CJS-2'],
    ['UP:X/HD:N/UN:X/EF:T/RE:A/DI:W', null, null],
  ]
  for (const [vector, sum, band] of rows)
    expect([vector, cjs(vector)?.sum ?? null, cjs(vector)?.band ?? null]).toEqual([vector, sum, band])
})

test('compare: expert-level capability found nowhere else is only CJS-2 in 16 of 48 combinations', () => {
  const combinations = new Map<string, string>()
  for (const vector of allVectors()) {
    if (vector.UP !== 'X' || vector.HD !== 'C') continue
    const { breadth, ease, discoverability, band } = cjsOf(vector)!
    combinations.set([breadth, ease, discoverability].join(), band)
  }
  expect(combinations.size).toBe(48)
  expect([...combinations.values()].filter((band) => band === 'CJS-2')).toHaveLength(16)
})

test('compare: bands differ by two or more for 19 of 2,560 vectors, and each says why', () => {
  const all = [...allVectors()].map((vector) => compare(vector, true, null)).filter((one) => one.cjs !== null)
  expect(all).toHaveLength(2560)
  const apart = all.filter(({ bandsApart }) => bandsApart! >= 2)
  expect(apart).toHaveLength(19)
  for (const { reasons } of apart) expect(reasons.length).toBeGreaterThan(0)
  for (const { reasons, bandsApart } of all) if (bandsApart! < 2) expect(reasons).toEqual([])
})

test('compare: CJS is a draft that nobody has verified, and covers serious cyber harm with known uplift only', () => {
  expect(CJS_DRAFT.verified).toBe(false)
  expect(cjs('UP:H/HD:S/UN:S/EF:H/RE:S/DI:P')!.verified).toBe(false)
  expect(cjs('UP:H/HD:L/UN:S/EF:H/RE:S/DI:P')).toBeNull()
  expect(cjs('UP:?/HD:S/UN:S/EF:H/RE:S/DI:P')).toBeNull()
  expect(compare(parseVector('JSS:1.0/UP:H/HD:S/UN:S/EF:H/RE:S/DI:P/CF:B'), false, null).cjs).toBeNull()
})

test('compare: JEF ranks what every model does above what one model alone gives', () => {
  expect(jefOf({ vendors: 3, models: 9, subjects: 1, fidelity: 0.8 })).toBe(6.25)
  expect(jefOf({ vendors: 1, models: 1, subjects: 1, fidelity: 1 })).toBe(4.65)
  expect(jefOf({ vendors: 50, models: 50, subjects: 50, fidelity: 2 })).toBe(10)
})
