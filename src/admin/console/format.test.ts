import { expect, test } from 'vitest'
import { formatter, knownShare } from './format.ts'

const en = formatter('en', 'UTC')
const ja = formatter('ja', 'JST')

test('format: times are those of the zone, and say which', () => {
  const at = Date.UTC(2026, 10, 23, 20, 42, 7, 310)
  expect([en.clock(at), en.stamp(at), en.day(at)]).toEqual(['20:42:07.310', '2026-11-23 20:42:07 UTC', '11-23'])
  expect([ja.clock(at), ja.stamp(at), ja.day(at)]).toEqual(['05:42:07.310', '2026-11-24 05:42:07 JST', '11-24'])
})

test('format: a share is known from 30 requests on', () => {
  const share = { k: 1, n: 29, share: 1 / 29, lo: 0.001, hi: 0.18 }
  expect(knownShare(share)).toBe(null)
  expect(knownShare({ ...share, n: 30 })).not.toBe(null)
  expect(knownShare({ k: 0, n: 0, share: null, lo: null, hi: null })).toBe(null)
})
