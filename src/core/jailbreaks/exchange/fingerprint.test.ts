import { createHmac } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { fingerprint, fingerprintText } from './fingerprint.ts'
import { bucketOf, type Seen, sightingOf } from './sighting.ts'

const hmac = (key: Uint8Array, bytes: Uint8Array) => new Uint8Array(createHmac('sha256', key).update(bytes).digest())
const encode = (text: string) => new TextEncoder().encode(text)
const key = new Uint8Array(32).fill(5)

test('fingerprints: typography does not matter, wording and key do', () => {
  const of = (text: string, under = key) => fingerprint(under, text, hmac, encode)
  expect(of('Ｆix  this\n Code ')).toBe(of('fix this code'))
  expect(of('fix that code')).not.toBe(of('fix this code'))
  expect(of('fix this code', new Uint8Array(32).fill(6))).not.toBe(of('fix this code'))
  expect(of('')).toMatch(/^hmac-sha256:[0-9a-f]{64}$/)
  expect(() => of('x', new Uint8Array(16))).toThrow(RangeError)
})

test('fingerprints: what was collapsed once stays', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (text) => {
      const once = fingerprintText(text)
      expect(fingerprintText(once).replace(/\s/gu, '')).toBe(fingerprintText(fingerprintText(once)).replace(/\s/gu, ''))
    }),
  )
})

const seen: Seen = {
  times: 12,
  window: { from: '2026-06-10T00:00:00Z', to: '2026-06-11T00:00:00Z' },
  region: 'jp',
  orgsInRegion: 3,
}
const now = Date.UTC(2026, 5, 12)

test('sightings: bucketed, a day late, and never of the only one in a region', () => {
  expect([1, 2, 9, 10, 99, 100, 5000].map(bucketOf)).toEqual(['1', '2-9', '2-9', '10-99', '10-99', '100+', '100+'])
  expect(sightingOf(seen, now)).toEqual({ count: '10-99', window: seen.window, region: 'jp' })
  expect(sightingOf(seen, now - 1)).toBe('too_early')
  expect(sightingOf({ ...seen, orgsInRegion: 1 }, now)).toBe('only_one_in_region')
  expect(sightingOf({ ...seen, times: 0 }, now)).toBe('nothing_seen')
  expect(sightingOf({ ...seen, window: { from: '2026-06-12T00:00:00Z', to: seen.window.to } }, now)).toBe('window')
})
