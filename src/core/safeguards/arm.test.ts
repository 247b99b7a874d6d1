import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { aBundle } from '../../../test/fakes/a-bundle.ts'
import { armOf, CANARY_STEPS, type SlotReleases } from './arm.ts'

const named = { release: 'rel_1', label: 'base-2026.11.26', hash: 'sha256:0', bundle: aBundle() }
const slot = (percent: number, salt = 'salt'): SlotReleases => ({
  enforcing: named,
  canary: { ...named, percent, salt },
  shadow: null,
  dryRuns: [],
})

describe('arm', () => {
  test('without a canary, or with one at 0 %, what is enforcing decides', () => {
    expect(armOf({ ...slot(50), canary: null }, 'a', 's', 99)).toBe('enforcing')
    expect(armOf(slot(0), 'a', 's', 99)).toBe('enforcing')
  })

  test('sticky by organisation from 20 organisations on, by session below', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), fc.string(), fc.string(), (org, a, b, salt) => {
        expect(armOf(slot(50, salt), org, a, 20)).toBe(armOf(slot(50, salt), org, b, 500))
        expect(armOf(slot(50, salt), org, null, 20)).toBe(armOf(slot(50, salt), org, a, 20))
        expect(armOf(slot(50, salt), org, null, 19)).toBe('enforcing')
        expect(armOf(slot(50, salt), org, a, 19)).toBe(armOf(slot(50, salt), org, a, 1))
      }),
    )
    const arms = Array.from({ length: 200 }, (_, i) => armOf(slot(50), 'one', `session ${i}`, 19))
    expect(new Set(arms).size).toBe(2)
  })

  test('who is in stays in when the share grows', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (org, salt) => {
        const arms = CANARY_STEPS.map((percent) => armOf(slot(percent, salt), org, null, 20))
        const first = arms.indexOf('canary')
        if (first >= 0) expect(arms.slice(first)).toEqual(arms.slice(first).map(() => 'canary'))
      }),
      { numRuns: 500 },
    )
  })

  test('the share is what the step says, and another salt chooses others', () => {
    const n = 100_000
    for (const percent of CANARY_STEPS) {
      let k = 0
      for (let i = 0; i < n; i++) if (armOf(slot(percent), `org-${i}`, null, 20) === 'canary') k++
      // Five standard deviations: the hash is fixed, so this never turns by itself.
      expect(Math.abs(k - (n * percent) / 100)).toBeLessThan(5 * Math.sqrt((n * percent * (100 - percent)) / 10_000))
    }
    let both = 0
    for (let i = 0; i < n; i++)
      if ([slot(50), slot(50, 'other')].every((one) => armOf(one, `org-${i}`, null, 20) === 'canary')) both++
    expect(Math.abs(both - n / 4)).toBeLessThan(5 * Math.sqrt((n * 3) / 16))
  })
})
