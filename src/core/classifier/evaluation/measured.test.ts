import fc from 'fast-check'
import { expect, test } from 'vitest'
import { xorshift } from '../train-step.ts'
import { claimAtLeast, measured } from './measured.ts'

test('claim: "at least 99 %" is shown by 299 trials without a miss and not by 298', () => {
  expect(claimAtLeast(299, 299, 0.99)).toEqual({ kind: 'shown', bar: 0.99, k: 299, n: 299 })
  expect(claimAtLeast(298, 298, 0.99)).toEqual({ kind: 'inconclusive', bar: 0.99, k: 298, n: 298, needed: 299 })
  expect(claimAtLeast(472, 473, 0.99).kind).toBe('shown')
  expect(claimAtLeast(471, 472, 0.99)).toMatchObject({ kind: 'inconclusive', needed: 473 })
})

test('claim: a sample that lies wholly below refutes, and no sample says nothing', () => {
  expect(claimAtLeast(90, 100, 0.99).kind).toBe('refuted')
  expect(claimAtLeast(0, 0, 0.99)).toMatchObject({ kind: 'inconclusive', needed: 299 })
})

test('claim: what is said to be needed is shown by exactly that many trials', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 20 }), fc.constantFrom(0.8, 0.95, 0.98), (misses, bar) => {
      const claim = claimAtLeast(0, misses, bar)
      if (claim.kind !== 'inconclusive') return
      expect(claimAtLeast(claim.needed - misses, claim.needed, bar).kind).toBe('shown')
      expect(claimAtLeast(claim.needed - 1 - misses, claim.needed - 1, bar).kind).not.toBe('shown')
    }),
  )
})

test('measured: in at least 95 % of samples the interval holds the true share', () => {
  const random = xorshift(7)
  for (const [share, n] of [
    [0.01, 200],
    [0.3, 40],
    [0.9, 25],
  ] as const) {
    let held = 0
    const samples = 2000
    for (let s = 0; s < samples; s++) {
      let k = 0
      for (let i = 0; i < n; i++) k += Number(random() / 2 ** 32 < share)
      const { lo, hi } = measured(k, n)
      held += Number(lo <= share && share <= hi)
    }
    // Three standard errors of the simulation itself are allowed for.
    expect(held / samples).toBeGreaterThan(0.95 - 3 * Math.sqrt((0.95 * 0.05) / samples))
  }
})
