import { expect, test } from 'vitest'
import { aBundle } from '../../test/fakes/a-bundle.ts'
import { bundleText } from '../core/safeguards/bundle.ts'
import type { Release } from '../core/safeguards/release.ts'
import { knownBundles } from './known-bundles.ts'

const embedded = { label: 'base-shipped', bundle: aBundle({ families: [] }) }
const other = aBundle({ rules: [] })

/** The members of a release that matter here. */
function release(facts: object): Release {
  const plain = { slot: 'base', label: 'base-2', bundle: 'h2', pastLabels: [], state: { stage: 'enforcing' } }
  return { ...plain, ...facts } as unknown as Release
}

const store = (releases: readonly Release[]) => ({
  releases: async () => releases,
  bundle: async (hash: string) => (hash === 'h2' ? bundleText(other) : hash === 'h1' ? bundleText(aBundle()) : null),
})

test('known bundles: by every label they had, the shipped one among them; lost ones are not guessed', async () => {
  const past = [{ label: 'base-1', bundle: 'h1' }]
  const known = await knownBundles(
    store([release({ pastLabels: past }), release({ label: 'x', bundle: 'gone' })]),
    embedded,
  )
  expect([...known.byLabel.keys()]).toEqual(['base-shipped', 'base-2', 'base-1'])
  expect(known.byLabel.get('base-2')).toEqual(other)
  expect([...known.enforcing]).toEqual([['base', { label: 'base-2', bundle: other, hash: 'h2' }]])
})

test('known bundles: only what is enforcing now enforces, each in its slot', async () => {
  const enforcing = async (facts: object) =>
    (await knownBundles(store([release(facts)]), embedded)).enforcing.get('base') ?? null
  expect(await enforcing({ state: { stage: 'canary' } })).toBeNull()
  expect(await enforcing({ slot: 'cyber' })).toBeNull()
  expect(await enforcing({ label: null, pastLabels: [{ label: 'base-1', bundle: 'h1' }] })).toBeNull()
})

test('known bundles: after a rollback what was superseded is in force again, unless it was withdrawn', async () => {
  const back = { id: 'a', state: { stage: 'superseded' }, withdrawn: false, stageSinceMs: 1 }
  const gone = { id: 'b', label: 'base-3', bundle: 'h1', state: { stage: 'rolled_back' } }
  const of = async (facts: object) =>
    (await knownBundles(store([release(facts), release(gone)]), embedded)).enforcing.get('base') ?? null
  expect((await of(back))?.label).toBe('base-2')
  expect(await of({ ...back, withdrawn: true })).toBeNull()
})
