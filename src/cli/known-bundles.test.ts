import { expect, test } from 'vitest'
import { aBundle, aFamily } from '../../test/fakes/a-bundle.ts'
import { bundleText } from '../core/safeguards/bundle.ts'
import type { Release } from '../core/safeguards/release.ts'
import { knownBundles } from './known-bundles.ts'

const never = () => {
  throw new Error('all of these can be read')
}
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
    never,
  )
  expect([...known.byLabel.keys()]).toEqual(['base-shipped', 'base-2', 'base-1'])
  expect(known.byLabel.get('base-2')).toEqual(other)
  expect([...known.enforcing]).toEqual([['base', { label: 'base-2', bundle: other, hash: 'h2' }]])
})

test('known bundles: only what is enforcing now enforces, each in its slot', async () => {
  const enforcing = async (facts: object) =>
    (await knownBundles(store([release(facts)]), embedded, never)).enforcing.get('base') ?? null
  expect(await enforcing({ state: { stage: 'canary' } })).toBeNull()
  expect(await enforcing({ slot: 'cyber' })).toBeNull()
  expect(await enforcing({ label: null, pastLabels: [{ label: 'base-1', bundle: 'h1' }] })).toBeNull()
})

test('known bundles: after a rollback what was superseded is in force again, unless it was withdrawn', async () => {
  const back = { id: 'a', state: { stage: 'superseded' }, withdrawn: false, stageSinceMs: 1 }
  const gone = { id: 'b', label: 'base-3', bundle: 'h1', state: { stage: 'rolled_back' } }
  const of = async (facts: object) =>
    (await knownBundles(store([release(facts), release(gone)]), embedded, never)).enforcing.get('base') ?? null
  expect((await of(back))?.label).toBe('base-2')
  expect(await of({ ...back, withdrawn: true })).toBeNull()
})

test('known bundles: one that this version cannot read is told, and left out', async () => {
  const { window: _, ...earlier } = aFamily()
  const texts: Readonly<Record<string, string>> = {
    old: JSON.stringify({ ...aBundle(), families: [earlier] }),
    torn: '{"slot":',
    h2: bundleText(other),
  }
  const past = [
    { label: 'base-1', bundle: 'torn' },
    { label: 'base-0', bundle: 'h2' },
  ]
  const releases = async () => [release({ bundle: 'old', pastLabels: past })]
  const told: string[][] = []
  const known = await knownBundles({ releases, bundle: async (hash) => texts[hash] ?? null }, embedded, (...one) =>
    told.push(one),
  )
  expect([[...known.byLabel.keys()], [...known.enforcing]]).toEqual([['base-shipped', 'base-0'], []])
  expect(told).toEqual([
    ['base-2', 'old', '`families.0.window`: made by an earlier version: make it again with `sluice respond`'],
    ['base-1', 'torn', 'not JSON'],
  ])
})
