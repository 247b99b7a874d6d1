import fc from 'fast-check'
import { expect, test } from 'vitest'
import { aBundle, aCascade, aFamily } from '../../../test/fakes/a-bundle.ts'
import { aReceipt } from '../../../test/fakes/a-receipt.ts'
import { LABELS } from '../base/reasons.ts'
import { decide } from '../policy/decide.ts'
import type { Finding, Place } from '../policy/finding.ts'
import type { Receipt } from '../policy/receipt.ts'
import type { Bundle } from './bundle.ts'
import { answerUnseen, recompute } from './replay.ts'

const bundle = aBundle()
const place: Place = { part: 'user', trust: 'user', turn: 0, newest: true }
const ruled = (rule: string): Finding => ({
  ...{ kind: 'rule', rule, stage: 'input', action: 'flag', category: 'other-harm', place },
})
const scored = (ppm: readonly number[]): Finding => ({
  ...{ kind: 'scored', detector: 'light', tier: 'light', stage: 'input', place, ppm },
})

function receiptWith(findings: readonly Finding[], model = bundle.model!): Receipt {
  const receipt = aReceipt()
  const input = { ...receipt.steps[0]!.input, findings }
  return { ...receipt, model, steps: [{ input, decision: null }], decision: decide(input, bundle.policy) }
}

test('replay: the same bundle gives the decision of the receipt again, whatever was found', () => {
  const ppm = fc.array(fc.constantFrom(0, 399_999, 400_000, 700_000, 900_000, 1_000_000), {
    ...{ minLength: LABELS.length, maxLength: LABELS.length },
  })
  fc.assert(
    fc.property(ppm, fc.boolean(), (values, rule) => {
      const receipt = receiptWith([scored(values), ...(rule ? [ruled('house')] : [])])
      expect(recompute(receipt, bundle, bundle)).toEqual(receipt.decision)
    }),
  )
})

test('replay: other thresholds decide otherwise on the same findings, in enforce, though observe was recorded', () => {
  const values = LABELS.map((label) => (label === 'harm.bio' ? 500_000 : 0))
  const receipt = receiptWith([scored(values)])
  const step = receipt.steps[0]!
  const observed = { ...receipt, steps: [{ ...step, input: { ...step.input, mode: 'observe' as const } }] }
  const lines = { clear: 600_000, act: 700_000, actPlus: 900_000 }
  const bio = { ...bundle.policy.harms.bio, input: lines }
  const looser: Bundle = { ...bundle, policy: { ...bundle.policy, harms: { ...bundle.policy.harms, bio } } }
  expect(recompute(observed, bundle, bundle)).toMatchObject({ action: 'flag', would: 'flag', category: 'bio' })
  expect(recompute(observed, looser, bundle)).toMatchObject({ action: 'allow' })
  const refusing: Bundle = { ...bundle, rules: [{ ...bundle.rules[0]!, action: 'refuse' }] }
  const ruledStep = { ...step, input: { ...step.input, mode: 'observe' as const, findings: [ruled('house')] } }
  expect(recompute({ ...receipt, steps: [ruledStep] }, refusing, bundle)).toMatchObject({ action: 'refuse' })
})

test('replay: a rule removed or acting otherwise is decided from findings, one with new words is not', () => {
  const [house] = bundle.rules
  const receipt = receiptWith([ruled('house'), ruled('operator-own')])
  const only = receiptWith([ruled('house')])
  expect(recompute(only, { ...bundle, rules: [] }, bundle)).toMatchObject({ would: 'allow' })
  expect(recompute(receipt, { ...bundle, rules: [] }, bundle)).toMatchObject({
    would: 'flag',
    rule: 'rule:operator-own',
  })
  const harder = { ...bundle, rules: [{ ...house!, action: 'refuse' as const, category: 'cyber' as const }] }
  expect(recompute(receipt, harder, bundle)).toMatchObject({ would: 'refuse', category: 'cyber' })
  const reworded = { ...bundle, rules: [{ ...house!, phrases: ['another'] }] }
  expect(recompute(receipt, reworded, bundle)).toBe('not_replayable')
  expect(recompute(receipt, { ...bundle, rules: [...bundle.rules, { ...house!, name: 'new' }] }, bundle)).toBe(
    'not_replayable',
  )
})

test('replay: another model or an unknown maker are never guessed', () => {
  const receipt = receiptWith([])
  const other = `sha256:${'cd'.repeat(32)}`
  expect(recompute(receipt, bundle, null)).toBe('not_replayable')
  expect(recompute(receipt, { ...bundle, model: other }, bundle)).toBe('not_replayable')
  expect(recompute(receiptWith([], other), bundle, bundle)).toBe('not_replayable')
  expect(recompute(receipt, { ...bundle, model: null }, bundle)).not.toBe('not_replayable')
})

test('replay: an answer that was never made stays unknown where a refusal would be lifted', () => {
  const refused = receiptWith([{ ...ruled('house'), action: 'refuse' } as Finding])
  const freed = recompute(refused, { ...bundle, rules: [] }, bundle)
  const kept = recompute(refused, bundle, bundle)
  if (typeof freed === 'string' || typeof kept === 'string') throw new Error('both are replayable')
  expect(answerUnseen(refused, freed)).toBe(true)
  expect(answerUnseen(refused, kept)).toBe(false)
  expect(answerUnseen(receiptWith([]), freed)).toBe(false)
  const output = { ...refused.steps[0]!, input: { ...refused.steps[0]!.input, stage: 'output' as const } }
  expect(answerUnseen({ ...refused, steps: [...refused.steps, output] }, freed)).toBe(false)
})

test('replay: a family taken out no longer acts; one that is new or learned otherwise needs the text', () => {
  const family = {
    id: 'family-1',
    kind: 'family',
    form: 'jailbreak',
    category: 'cyber',
    stage: 'input',
    place,
  } as const
  const { id, ...found } = family
  const receipt = receiptWith([{ ...found, family: id }])
  const own = receiptWith([{ ...found, family: 'operator-own' }])
  expect(receipt.decision.would).not.toBe('allow')
  expect(recompute(receipt, { ...bundle, families: [] }, bundle)).toMatchObject({ would: 'allow' })
  expect(recompute(own, { ...bundle, families: [] }, bundle)).toEqual(own.decision)
  expect(recompute(receipt, { ...bundle, families: [aFamily({ threshold: 99 })] }, bundle)).toBe('not_replayable')
  const more = [...bundle.families, aFamily({ id: 'family-2' })]
  expect(recompute(receipt, { ...bundle, families: more }, bundle)).toBe('not_replayable')
})

test('replay: another cascade is decided from what was said; whoever was not asked is not guessed', () => {
  const doubted = scored(LABELS.map((label) => (label === 'harm.bio' ? 750_000 : 0)))
  const said = (detector: string, ppm: number): Finding => ({
    ...{ kind: 'scored', detector, tier: 'second_opinion', stage: 'input', place },
    ppm: LABELS.map((label) => (label === 'harm.bio' ? ppm : 0)),
  })
  const skipped = (detector: string, why: string): Finding => ({ kind: 'skipped', detector, stage: 'input', why })
  const asking = (...detectors: string[]) => ({ ...bundle, cascade: aCascade(...detectors) })
  const judged = receiptWith([doubted, said('mod', 990_000), skipped('judge', 'settled')])
  expect(recompute(judged, asking('mod', 'judge'), bundle)).toMatchObject({ would: 'refuse', category: 'bio' })
  expect(recompute(judged, asking('mod'), bundle)).toMatchObject({ would: 'refuse' })
  // Without the one who was sure, the light tier's word on intent is capped again.
  expect(recompute(judged, asking(), bundle)).toMatchObject({ would: 'flag' })
  expect(recompute(judged, asking('judge', 'mod'), bundle)).toBe('not_asked')
  expect(recompute(judged, asking('new'), bundle)).toBe('not_asked')
  // Where nothing is in doubt nobody would have been asked.
  const clear = receiptWith([skipped('mod', 'not_in_doubt')])
  expect(recompute(clear, asking('judge', 'new'), bundle)).toMatchObject({ would: 'allow' })
  // Back to whoever is configured: nobody knows who that is.
  expect(recompute(judged, bundle, asking('mod'))).toBe('not_asked')
  expect(recompute(clear, bundle, asking('mod'))).toMatchObject({ would: 'allow' })
  // Lower lines bring a case into doubt that was clear to both: the judge was not asked about it.
  const quiet = receiptWith([scored(LABELS.map((label) => (label === 'harm.bio' ? 350_000 : 0)))])
  const bio = { ...bundle.policy.harms.bio, input: { clear: 300_000, act: 700_000, actPlus: 900_000 } }
  const wider = { ...asking('judge'), policy: { ...bundle.policy, harms: { ...bundle.policy.harms, bio } } }
  expect(recompute(quiet, wider, asking('judge'))).toBe('not_asked')
  expect(recompute(quiet, asking('judge'), asking('judge'))).toEqual(quiet.decision)
})
