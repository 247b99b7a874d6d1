import { expect, test } from 'vitest'
import { type Rule, ruleBook } from '../core/safeguards/rules.ts'
import { ruleFindings } from './inspect.ts'

const RULE: Rule = {
  ...{ name: 'large', stage: 'input', action: 'refuse', category: 'cyber', phrases: [], patterns: ['zzz'] },
}

test('SR-9: a disabled rule is a finding of its own on every text, which marks it; the gateway goes on', () => {
  let now = 0
  const book = ruleBook([RULE], { nowMs: () => (now += 10_000), disabled: () => undefined })
  const found = () => ruleFindings(book, 'input', 'a text', null)
  expect([found(), found()]).toEqual([[], []])
  const silent = {
    ...{ kind: 'unavailable', detector: 'rule:large', tier: 'second_opinion', stage: 'input', code: 'over_budget' },
    onFailure: [{ category: 'cyber', action: 'flag' }],
  }
  expect([found(), found()]).toEqual([[silent], [silent]])
  expect(ruleFindings(book, 'output', 'a text', null)).toEqual([])
})
