import { CATEGORIES } from '../../core/base/harm.ts'
import {
  type Able,
  type CascadeMember,
  type CascadeSettings,
  memberFault,
  memberOf,
} from '../../core/policy/cascade.ts'
import type { SecondOpinion } from '../../gateway/ports.ts'
import type { Detector } from './detector.ts'
import { unavailable } from './detector-calls.ts'

/**
 * Whom a safeguard asks, in its order, believed as it says; null: every detector that is configured, cheapest first. In
 * the place of one that is not configured, or cannot do what it is asked, stands one that never answers: the safeguard's
 * own fail policy applies.
 */
export function arrange(
  detectors: readonly SecondOpinion[],
  cascade: CascadeSettings | null,
): readonly SecondOpinion[] {
  if (cascade === null) return detectors
  return cascade.order.map((member) => ({
    ...(detectors.find((one) => memberFault(member, ableOf(one)) === null) ?? MISSING),
    ...memberOf(member),
  }))
}

/** What a detector can be asked, as far as its kind and its configuration go. */
export function ableOf({ id, tier, names, covers }: SecondOpinion): Able {
  return { id, names, covers, reads: tier === 'probe' ? ['output'] : ['input', 'output'] }
}

const MISSING: Pick<SecondOpinion, 'tier' | 'costUs' | 'budgetMs' | 'ask'> = {
  ...{ tier: 'judge', costUs: 0, budgetMs: 1_000 },
  ask: async () => unavailable('missing'),
}

/** The cascade that a configuration without one in its safeguard amounts to: to begin a bundle's own with. */
export function configuredCascade(detectors: readonly Detector[]): CascadeSettings {
  return { order: detectors.map(asMember), stop: 'settled' }
}

function asMember({ id, stages, names, covers, thresholds, onFailure }: Detector): CascadeMember {
  if (thresholds === null) throw new Error(`detector ${id} has no thresholds`)
  const failing = CATEGORIES.flatMap((category) => {
    const action = onFailure(category)
    return action === null ? [] : [[category, action] as const]
  })
  const [first] = failing
  const alike = failing.length === CATEGORIES.length && failing.every(([, action]) => action === first![1])
  const declared = alike ? { default: first![1] } : Object.fromEntries(failing)
  return { detector: id, stages: [...stages], names, covers, thresholds, onFailure: declared }
}
