import type { Release, ReleaseMove } from '../../src/core/safeguards/release.ts'
import { DRAFT } from '../../src/core/safeguards/release-machine.ts'

export const RELEASE_AT = 1_795_600_000_000

/** A release as the service makes it, with the facts that matter to a test. */
export function aRelease(facts: Partial<Release> = {}): Release {
  return {
    ...{ id: 'rel_1', slot: 'base', label: null, bundle: 'sha256:b', proposer: 'operator', createdAtMs: RELEASE_AT },
    ...{ state: DRAFT, stageSinceMs: RELEASE_AT, tier: 1, tierBecause: ['rules'], singlePerson: true },
    ...{ manifest: null, gates: [], signed: [], step: null, stepSinceMs: RELEASE_AT, paused: null, dryRun: false },
    ...{
      withdrawn: false,
      pastLabels: [],
      salt: 'salt',
      sunsetAtMs: null,
      sunsetReviewed: false,
      predicted: null,
      guard: null,
      guardUntilMs: null,
      version: 1,
    },
    ...facts,
  }
}

export function aMove(facts: Partial<Omit<ReleaseMove, 'seq'>> = {}): Omit<ReleaseMove, 'seq'> {
  return {
    ...{ release: 'rel_1', atMs: RELEASE_AT, by: 'operator', kind: 'draft', from: 'draft', to: 'draft' },
    ...{ reason: 'a reason', manifest: null, singlePerson: true, facts: {} },
    ...facts,
  }
}
