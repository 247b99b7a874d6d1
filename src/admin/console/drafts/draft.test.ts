import { expect, test } from 'vitest'
import { aBundle } from '../../../../test/fakes/a-bundle.ts'
import { bundleSchema } from '../../../core/safeguards/bundle.ts'
import { draftOf, EMPTY_DRAFT, linesOf, ruleOf } from './draft.ts'

test('draft: lines are phrases or patterns; nothing written is nothing to try', () => {
  expect(draftOf(EMPTY_DRAFT)).toBeNull()
  expect(draftOf({ ...EMPTY_DRAFT, phrases: ' a \n\n b' })).toEqual({
    rule: { action: 'fall_back', category: 'cyber', stage: 'input', phrases: ['a', 'b'] },
  })
  expect(draftOf({ ...EMPTY_DRAFT, kind: 'patterns', patterns: 'a+', phrases: 'x' })).toMatchObject({
    rule: { patterns: ['a+'] },
  })
})

test('draft: a threshold starts from what decides now; lines out of order are not sent', () => {
  const form = { ...EMPTY_DRAFT, kind: 'threshold' as const }
  expect(draftOf(form)).toBeNull()
  const lines = linesOf(aBundle().policy, form)
  const { clear, act, actPlus } = aBundle().policy.harms.cyber.input
  const most = (ppm: number) => Math.min(1_000_000, ppm)
  expect(draftOf({ ...form, lines })).toEqual({
    threshold: { category: 'cyber', stage: 'input', clear: most(clear), act: most(act), actPlus: most(actPlus) },
  })
  expect(draftOf({ ...form, lines: { clear: '0.5', act: '0.4', actPlus: '0.9' } })).toBeNull()
  expect(draftOf({ ...form, lines: { clear: '0.01', act: '0.4', actPlus: '0.9' } })).toBeNull()
  expect(draftOf({ ...form, lines: { clear: 'x', act: '0.4', actPlus: '0.9' } })).toBeNull()
})

test('draft: what is shown is a whole element of rules.json, and a bundle takes it as it is', () => {
  const rules = [
    ruleOf({ ...EMPTY_DRAFT, phrases: 'a\nb' }),
    ruleOf({ ...EMPTY_DRAFT, kind: 'patterns', patterns: 'a+' }),
  ]
  expect(rules).toMatchObject([
    { name: 'draft-cyber', phrases: ['a', 'b'], patterns: [] },
    { name: 'draft-cyber', phrases: [], patterns: ['a+'] },
  ])
  expect(bundleSchema.shape.rules.safeParse(rules).success).toBe(true)
  expect(ruleOf(EMPTY_DRAFT)).toBeNull()
  expect(ruleOf({ ...EMPTY_DRAFT, kind: 'threshold' })).toBeNull()
})
