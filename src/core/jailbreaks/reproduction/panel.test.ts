import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { citationOf, isStale, type Panel, PanelError, panelHash, parsePanel } from './panel.ts'

const sha256 = (bytes: Uint8Array) => new Uint8Array(createHash('sha256').update(bytes).digest())
const index = (name: string) => ({ name, value: 61.2, interval: [59, 63.4], date: '2026-10-01' })
const member = (model: string, more: object = {}) => ({
  ...{ model, version: '2026-10', access: 'open', indices: [index('one'), index('two')] },
  ...more,
})
const panel = (members: object[] = [member('lab-a/open-70b')]) => ({
  ...{ id: 'P-2026Q4', version: 1, date: '2026-11-01', members },
})
const code = (value: unknown) => {
  try {
    parsePanel(value)
    return null
  } catch (error) {
    if (error instanceof PanelError) return [error.code, error.message]
    throw error
  }
}

describe('parsePanel', () => {
  test('a member that needs trusted access is refused by name: it is no baseline', () => {
    expect(code(panel([member('lab-a/open-70b'), member('lab-z/vetted', { access: 'trusted' })]))).toEqual([
      'panel_not_ordinary',
      expect.stringContaining('`lab-z/vetted` has access `trusted`'),
    ])
  })
  const faults: [string, object, string][] = [
    ['one index', panel([member('a/b', { indices: [index('one')] })]), 'at least two external capability indices'],
    [
      'an index without interval',
      panel([member('a/b', { indices: [{ ...index('one'), interval: undefined }, index('two')] })]),
      'members.0.indices.0.interval',
    ],
    ['no version', panel([member('a/b', { version: '' })]), 'members.0.version'],
    ['no vendor', panel([member('b')]), 'wanted `vendor/model`'],
    ['a member twice', panel([member('a/b'), member('a/b')]), '`a/b` is a member twice'],
    ['no members', panel([]), '`members`'],
    ['no day', { ...panel(), date: 'November' }, '`date`'],
  ]
  for (const [what, value, says] of faults)
    test(`${what} is refused`, () => expect(code(value)).toEqual(['panel_invalid', expect.stringContaining(says)]))
})

test('panelHash: the same panel in any order of members of its objects, another with any value changed', () => {
  const read = parsePanel(panel())
  const reordered = JSON.parse(JSON.stringify(read), (_, value: unknown) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).reverse())
      : value,
  ) as Panel
  expect(panelHash(reordered, sha256)).toBe(panelHash(read, sha256))
  expect(panelHash(parsePanel(panel([member('lab-a/open-70b', { version: '2026-11' })])), sha256)).not.toBe(
    panelHash(read, sha256),
  )
  // What is not known is frozen too.
  expect(panelHash(parsePanel({ ...panel(), note: 'x' }), sha256)).not.toBe(panelHash(read, sha256))
  expect(citationOf(read, sha256)).toMatch(/^P-2026Q4@sha256:[0-9a-f]{64}$/)
})

test('isStale: after 90 days, not on the ninetieth', () => {
  const day = 86_400_000
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 2e12 }), fc.constantFrom(-1, 0, 1), (at, ms) => {
      return isStale(at, at + 90 * day + ms) === ms > 0
    }),
  )
})
