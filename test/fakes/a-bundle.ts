import { CATEGORIES } from '../../src/core/base/harm.ts'
import { FAMILY_WINDOW } from '../../src/core/classifier/family-features.ts'
import type { CascadeMember, CascadeSettings } from '../../src/core/policy/cascade.ts'
import { defaultPolicy } from '../../src/core/policy/default-policy.ts'
import type { Bundle, FamilyHead } from '../../src/core/safeguards/bundle.ts'

const lines = { clear: 400_000, act: 700_000, actPlus: 900_000 }

/** A bundle with every kind of thing in it, and what matters to a test. */
export function aBundle(facts: Partial<Bundle> = {}): Bundle {
  return {
    slot: 'base',
    model: `sha256:${'ab'.repeat(32)}`,
    policy: defaultPolicy({ harmInput: lines, attackInput: lines, output: lines, exchange: lines }),
    rules: [
      { name: 'house', stage: 'both', action: 'flag', category: 'other-harm', phrases: ['緑の家'], patterns: ['a+b'] },
    ],
    families: [aFamily()],
    cascade: null,
    sunset: null,
    ...facts,
  }
}

/** Whom a safeguard asks, in this order. */
export function aCascade(...detectors: readonly string[]): CascadeSettings {
  return { order: detectors.map((detector) => aMember(detector)), stop: 'settled' }
}

export function aMember(detector: string, facts: Partial<CascadeMember> = {}): CascadeMember {
  return {
    ...{ detector, stages: ['input'], names: CATEGORIES, covers: CATEGORIES, onFailure: {} },
    thresholds: { clear: 300_000, act: 600_000, actPlus: 900_000 },
    ...facts,
  }
}

export function aFamily(facts: Partial<FamilyHead> = {}): FamilyHead {
  return {
    ...{
      id: 'family-1',
      bits: 32,
      window: FAMILY_WINDOW,
      bias: -2.5,
      threshold: 0.8,
      category: 'cyber',
      attack: 'jailbreak',
    },
    weights: [
      [17, 0.25],
      [4096, -1.5],
    ],
    ...facts,
  }
}
