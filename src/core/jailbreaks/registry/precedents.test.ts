import fc from 'fast-check'
import { expect, test } from 'vitest'
import { aCase, anAssessment, CASE_AT, FIX_THIS_CODE } from '../../../../test/fakes/a-case.ts'
import { allVectors } from '../severity/levels.ts'
import { precedentsOf, vectorLikeness } from './precedents.ts'

test('precedents: technique and vector weigh 0.4 each, the model family 0.2; likest first, of equals the newer', () => {
  const one = aCase({ id: 'JRX-2026-000009' })
  const elsewhere = [{ ...one.affected[0]!, model: { vendor: 'vendor-y', name: 'model-g', version: '1' } }]
  const others = [
    aCase({ id: 'same', reportedAtMs: CASE_AT - 2 }),
    aCase({ id: 'newer', reportedAtMs: CASE_AT - 1 }),
    aCase({ id: 'elsewhere', affected: elsewhere }),
    aCase({ id: 'other-way', technique: { class: 'role-play', fingerprint: null, statutory: false } }),
    aCase({
      id: 'unlike',
      affected: elsewhere,
      assessments: [],
      technique: { class: 'x', fingerprint: null, statutory: false },
    }),
    aCase({ id: 'gone', withdrawn: { atMs: CASE_AT, reason: '' } }),
  ]
  const found = precedentsOf(one, [one, ...others])
  expect(found.map(({ id, likeness }) => [id, likeness])).toEqual([
    ['newer', 1],
    ['same', 1],
    ['elsewhere', 0.8],
    ['other-way', 0.6],
  ])
})

test('precedents: likeness of vectors is symmetric, 1 for the same, and less for every step', () => {
  const all = [...allVectors()]
  const any = fc.nat(all.length - 1).map((i) => all[i]!)
  fc.assert(
    fc.property(any, any, (a, b) => {
      expect(vectorLikeness(a, a)).toBe(1)
      expect(vectorLikeness(a, b)).toBeCloseTo(vectorLikeness(b, a), 12)
      expect(vectorLikeness(a, b)).toBeGreaterThanOrEqual(0)
    }),
  )
})

test('precedents: unknown uplift is half-way to any other', () => {
  const unknown = aCase({
    id: 'JRX-2026-000002',
    assessments: [anAssessment({ vector: FIX_THIS_CODE.replace('UP:L', 'UP:?'), measured: null })],
  })
  expect(precedentsOf(aCase(), [unknown])[0]!.vectorLikeness).toBeCloseTo(1 - 0.5 / 6, 3)
})
