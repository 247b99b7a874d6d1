import { expect, test } from 'vitest'
import type { PairedCase } from '../../safeguards/collateral/paired-case.ts'
import { type CollateralSettings, DEFAULT_LIMITS, GATES } from '../../safeguards/collateral/report.ts'
import { collateral } from '../../safeguards/collateral.ts'
import { COLLATERAL_WORDS, collateralPage } from './html.ts'
import { bare, count, percent, points, pValue } from './numbers.ts'

const settings: CollateralSettings = {
  ...DEFAULT_LIMITS,
  before: { label: 'base-1', hash: null },
  after: { label: 'base-2 <script>', hash: `sha256:${'ab'.repeat(32)}` },
  ...{ source: 'test', claim: null, separation: null, quality: null, cost: null },
  window: { sinceMs: 1_795_500_000_000, untilMs: 1_796_000_000_000 },
  permanent: [{ set: 'debugging', n: 300, acted: ['p1'], actedBefore: [] }],
  ...{ temporary: true, sunset: null, madeFor: null, notReplayable: { no_content: 12 }, withoutAnswer: 3 },
}

const cases = Array.from(
  { length: 500 },
  (_, i): PairedCase => ({
    ...{ id: `dec_${i}`, session: `s${i >> 1}`, user: `u${i % 50}`, org: i % 2 === 0 ? 'acme & co' : 'birch' },
    ...{ surface: 'messages', language: 'en', segment: 'debugging', label: null, family: null },
    ...{
      before: 'allow',
      after: i < 20 ? 'refuse' : i < 60 ? 'fall_back' : 'allow',
      category: i < 60 ? 'cyber' : null,
    },
  }),
)
const report = collateral(cases, settings)

test('page: needs nothing from elsewhere, runs nothing, and no name becomes markup', () => {
  for (const lang of ['en', 'ja'] as const) {
    const page = collateralPage(report, lang)
    expect(page).toContain(`<html lang="${lang}">`)
    expect(page).not.toMatch(/<script|src=|href=|url\(|@import/)
    expect(page).toContain("default-src 'none'")
    expect(page).toContain('base-2 &#60;script&#62;')
    expect(page).toContain('acme &#38; co')
    expect(page).not.toMatch(/undefined|NaN|Infinity/)
  }
})

test('page: every gate, movement, slice and moved request of the report is on it, in both languages', () => {
  for (const lang of ['en', 'ja'] as const) {
    const words = COLLATERAL_WORDS[lang]
    const page = collateralPage(report, lang)
    for (const name of GATES) expect(page).toContain(words.gate[name])
    for (const name of ['newly_refused', 'newly_diverted', 'newly_freed'] as const)
      expect(page).toContain(words.movement[name])
    for (const { id } of report.moved) expect(page).toContain(id)
    expect(page).toContain(words.limits.notReplayable('12', words.replayReason('no_content')))
    expect(page).toContain(words.outcome.INCONCLUSIVE)
    for (const gate of report.gates)
      if (gate.outcome !== 'pass')
        expect(words.reason(gate, { n: count(gate.n), needed: count(gate.needed ?? 0) })).not.toBe('')
  }
  expect(collateralPage(report, 'en')).toContain('2026-11-24')
})

test('numbers: signs, digits and thousands as the design has them', () => {
  expect([points(0.0063), points(-0.0017), points(0), points(0.00003)]).toEqual(['+0.63', '−0.17', '±0.00', '+0.003'])
  expect([percent(0.9871, COLLATERAL_WORDS.en), percent(0.00009, COLLATERAL_WORDS.en), bare(-0.0063)]).toEqual([
    '98.71%',
    '0.009%',
    '0.63',
  ])
  expect([count(412_806), count(38)]).toEqual(['412,806', '38'])
  expect([pValue(1e-9), pValue(0.25)]).toEqual(['< 0.0001', '0.2500'])
})
