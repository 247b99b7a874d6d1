import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { DRAFT, type Stage } from '../../src/core/safeguards/release-machine.ts'
import type { Store } from '../../src/jobs/ports.ts'
import { aMove, aRelease, RELEASE_AT } from './a-release.ts'

/** What every store must do with releases, whatever is below it. */
export function releaseContract(
  name: string,
  open: () => Promise<{ store: Store; remove: () => Promise<void> }>,
): void {
  describe(`releases on ${name}`, () => {
    let store: Store
    let remove: () => Promise<void>
    beforeAll(async () => {
      ;({ store, remove } = await open())
      await store.addBundle({
        hash: 'sha256:b',
        slot: 'base',
        text: '{"a":"\\u0000"}',
        atMs: RELEASE_AT,
        by: 'operator',
      })
    })
    afterAll(async () => {
      await store?.close()
      await remove?.()
    })
    const at = (id: string, stage: Stage, more: Parameters<typeof aRelease>[0] = {}) =>
      aRelease({ id, state: { ...DRAFT, stage }, ...more })
    const add = (release: ReturnType<typeof aRelease>) =>
      store.changeReleases([{ release, expected: null }], [aMove({ release: release.id })])

    test('a bundle stays as it was first stored', async () => {
      await store.addBundle({ hash: 'sha256:b', slot: 'base', text: 'other', atMs: RELEASE_AT, by: 'x' })
      expect(await store.bundle('sha256:b')).toBe('{"a":"\\u0000"}')
      expect(await store.bundle('sha256:c')).toBeNull()
    })

    test('a release and its moves come back as they were, and the revision grows', async () => {
      const before = await store.releaseRevision()
      expect(await add(aRelease())).toBe(true)
      expect(await store.release('rel_1')).toEqual(aRelease())
      expect(await store.release('rel_9')).toBeNull()
      const moves = await store.releaseMoves('rel_1')
      expect(moves).toEqual([{ ...aMove(), seq: expect.any(Number) }])
      expect(await store.releaseRevision()).toBe(before + 1)
    })

    test('of two changes that start from the same version one is refused, with all that it holds', async () => {
      const [a, b] = ['a', 'b'].map((label) => aRelease({ label, version: 2 }))
      const change = (release: ReturnType<typeof aRelease>) =>
        store.changeReleases([{ release, expected: 1 }], [aMove({ reason: release.label! })])
      const done = await Promise.all([change(a!), change(b!)])
      expect([...done].sort()).toEqual([false, true])
      const moves = await store.releaseMoves('rel_1')
      expect(moves.map(({ reason }) => reason)).toEqual(['a reason', done[0] ? 'a' : 'b'])
    })

    test('one place of a slot is taken once: shadow, enforcing; one canary of all slots; and a label once', async () => {
      for (const stage of ['shadow', 'canary', 'enforcing'] as const) {
        expect(await add(at(`rel_${stage}`, stage))).toBe(true)
        expect(await add(at(`rel_${stage}_2`, stage))).toBe(false)
        // Two trials would share sessions.
        expect(await add(at(`rel_${stage}_3`, stage, { slot: 'cyber' }))).toBe(stage !== 'canary')
        expect(await store.releaseMoves(`rel_${stage}_2`)).toEqual([])
      }
      for (const stage of ['draft', 'review', 'superseded', 'rolled_back'] as const) {
        expect(await add(at(`rel_${stage}`, stage))).toBe(true)
        expect(await add(at(`rel_${stage}_2`, stage))).toBe(true)
      }
      expect(await add(at('rel_l', 'review', { label: 'base-2026.11.26' }))).toBe(true)
      expect(await add(at('rel_m', 'review', { label: 'base-2026.11.26' }))).toBe(false)
    })

    test('one superseded and the next enforcing change together, or neither does', async () => {
      const old = at('rel_enforcing', 'superseded', { version: 2 })
      const next = at('rel_canary', 'enforcing', { version: 2 })
      const changes = (expected: number) => [
        { release: old, expected: 1 },
        { release: next, expected },
      ]
      expect(await store.changeReleases(changes(7), [])).toBe(false)
      expect((await store.release('rel_enforcing'))!.state.stage).toBe('enforcing')
      expect(await store.changeReleases(changes(1), [])).toBe(true)
      const all = await store.releases()
      const enforcing = all.filter(({ slot, state }) => slot === 'base' && state.stage === 'enforcing')
      expect(enforcing.map(({ id }) => id)).toEqual(['rel_canary'])
    })

    test('evidence is kept once, word for word', async () => {
      const gates = [{ id: 'collateral', outcome: 'pass', says: '0 of 300' }] as const
      const about = { release: 'rel_1', bundle: 'sha256:b', kind: 'collateral', hash: 'sha256:e' }
      const evidence = { ...about, atMs: RELEASE_AT, by: 'job', gates }
      await store.changeReleases([], [], [{ ...evidence, text: '{"n":300}' }])
      await store.changeReleases([], [], [{ ...evidence, text: '{"n":301}' }])
      expect(await store.evidence('rel_1')).toEqual([{ ...evidence, text: '{"n":300}' }])
      expect(await store.evidence('rel_2')).toEqual([])
    })
  })
}
