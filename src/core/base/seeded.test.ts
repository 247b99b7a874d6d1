import { expect, test } from 'vitest'
import { below, seeded, unit } from './seeded.ts'

test('seeded: the same seed gives the same numbers, another seed others', () => {
  const take = (seed: number) => Array.from({ length: 5 }, seeded(seed))
  expect(take(7)).toEqual(take(7))
  expect(take(7)).not.toEqual(take(8))
  expect(new Set(take(0)).size).toBe(5)
})

test('seeded: known numbers of xoshiro128** after the state of seed 1', () => {
  // Computed with 64-bit integers by the reference algorithm, so that 32-bit arithmetic cannot drift unseen.
  const mask = 0xffffffffn
  let fill = 1n
  const mix = () => {
    fill = (fill + 0x9e3779b9n) & mask
    let z = fill
    z = ((z ^ (z >> 16n)) * 0x85ebca6bn) & mask
    z = ((z ^ (z >> 13n)) * 0xc2b2ae35n) & mask
    return z ^ (z >> 16n)
  }
  const s = [mix(), mix(), mix(), mix()] as [bigint, bigint, bigint, bigint]
  const rotl = (x: bigint, k: bigint) => ((x << k) | (x >> (32n - k))) & mask
  const random = seeded(1)
  for (let i = 0; i < 1000; i++) {
    const wanted = (rotl((s[1] * 5n) & mask, 7n) * 9n) & mask
    const t = (s[1] << 9n) & mask
    s[2] ^= s[0]
    s[3] ^= s[1]
    s[1] ^= s[2]
    s[0] ^= s[3]
    s[2] ^= t
    s[3] = rotl(s[3], 11n)
    expect(random()).toBe(Number(wanted))
  }
})

test('below, unit: even over their range, ends included and excluded', () => {
  const random = seeded(3)
  const seen = new Int32Array(10)
  for (let i = 0; i < 100_000; i++) seen[below(10, random())]! += 1
  for (const count of seen) expect(Math.abs(count - 10_000)).toBeLessThan(400)
  expect([below(10, 0), below(10, 0xffffffff), unit(0), unit(0xffffffff) < 1]).toEqual([0, 9, 0, true])
})
