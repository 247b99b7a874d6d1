import { expect, test } from 'vitest'
import { anAnswer } from '../../test/fakes/an-answer.ts'
import { decide } from '../core/policy/decide.ts'
import type { Named, ReleaseSet, SlotReleases } from '../core/safeguards/arm.ts'
import type { Bundle } from '../core/safeguards/bundle.ts'
import { releaseOf } from '../core/safeguards/slots.ts'
import { loadConfig } from '../io/config/config.ts'
import { bundleOfSafeguard, embeddedSafeguard, loadEmbedded } from './embedded.ts'
import { decidingState } from './gateway-state.ts'

const { safeguard: embedded } = embeddedSafeguard()
const shipped = bundleOfSafeguard(embedded)
const config = loadConfig({}, '/nowhere')
const watch = { nowMs: () => 0, disabled: () => undefined }

/** A cyber safeguard that acts on answers from `act` on. */
function cyber(act: number): Bundle {
  const lines = { clear: act - 1, act, actPlus: act + 1 }
  const rule = { ...shipped.policy.harms.cyber, output: lines }
  const rules = [
    { name: `own-${act}`, stage: 'input', action: 'refuse', category: 'cyber', phrases: ['x'], patterns: [] },
  ] as const
  const policy = { ...shipped.policy, harms: { ...shipped.policy.harms, cyber: rule } }
  return { ...shipped, slot: 'cyber', model: null, policy, rules }
}

const named = (label: string, bundle: Bundle): Named => ({ release: label, label, hash: label, bundle })
const slot = (facts: Partial<SlotReleases>): SlotReleases => ({
  ...{ enforcing: null, canary: null, shadow: null, dryRuns: [] },
  ...facts,
})
const state = (releases: ReleaseSet) => decidingState(config, embedded, releases, 1, watch)

test('deciding state: without a release it is what ships; a domain decides its category beside it', () => {
  expect(state({}).safeguard).toEqual(embedded)
  const { safeguard, rules, canary, onlookers } = state({ cyber: slot({ enforcing: named('cyber-1', cyber(1000)) }) })
  expect(safeguard.releases).toEqual({ base: embedded.release, cyber: 'cyber-1' })
  const own = decide(anAnswer('cyber', 2000), safeguard.policy)
  expect([own.would !== 'allow', releaseOf(safeguard.releases, own)]).toEqual([true, 'cyber-1'])
  const other = decide(anAnswer('fraud-deception', 999_999), safeguard.policy)
  expect([other.would !== 'allow', releaseOf(safeguard.releases, other)]).toEqual([true, embedded.release])
  expect([rules !== null, canary, onlookers]).toEqual([true, null, []])
})

test('deciding state: a trial and an onlooker stand in for their slot, beside what decides in the others', () => {
  const canary = { ...named('cyber-2', cyber(5000)), percent: 100, salt: 's' }
  const {
    safeguard,
    canary: trial,
    onlookers,
  } = state({
    base: slot({ enforcing: named('base-9', shipped), dryRuns: [named('rel_x', shipped)] }),
    cyber: slot({ enforcing: named('cyber-1', cyber(1000)), canary, shadow: named('cyber-3', cyber(9000)) }),
  })
  expect(safeguard.releases).toEqual({ base: 'base-9', cyber: 'cyber-1' })
  expect(trial!.deciding.safeguard.releases).toEqual({ base: 'base-9', cyber: 'cyber-2' })
  expect(trial!.trialOf('org' as never, 'session')).toMatchObject({ release: 'cyber-2', arm: 'canary' })
  expect(onlookers.map(({ release, safeguard: one }) => [release, one.releases])).toEqual([
    ['rel_x', { base: 'rel_x', cyber: 'cyber-1' }],
    ['cyber-3', { base: 'base-9', cyber: 'cyber-3' }],
  ])
  // Each with its own lines, and never with those of the one that it stands in for.
  const acts = (one: { safeguard: typeof safeguard }) =>
    decide(anAnswer('cyber', 2000), one.safeguard.policy).would !== 'allow'
  expect([acts({ safeguard }), acts(trial!.deciding), acts(onlookers[1]!)]).toEqual([true, false, false])
})

test('deciding state: a release of another model than the one that is loaded does not decide', () => {
  const foreign = { ...shipped, model: `sha256:${'0'.repeat(64)}` }
  expect(state({ base: slot({ enforcing: named('base-9', foreign) }) }).safeguard).toEqual(embedded)
})

test('embedded: who reads the model late decides by the same safeguard', () => {
  const late = embeddedSafeguard()
  const { safeguard, classifier } = loadEmbedded()
  expect(late.safeguard).toEqual(safeguard)
  expect(late.classifier().modelHash).toBe(classifier.modelHash)
  expect(late.classifier()).toBe(late.classifier())
})
