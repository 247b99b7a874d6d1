import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { OrgId } from '../../src/core/base/ids.ts'
import type { Receipt, Trial } from '../../src/core/policy/receipt.ts'
import { DRAFT, type Stage } from '../../src/core/safeguards/release-machine.ts'
import type { GuardMetric, Look } from '../../src/core/safeguards/sequential.ts'
import type { LookWindow } from '../../src/jobs/guard-ports.ts'
import type { Store } from '../../src/jobs/ports.ts'
import type { SpooledReceipt } from '../../src/jobs/spool-ports.ts'
import { aMove, aRelease, RELEASE_AT } from './a-release.ts'
import { spooled } from './store-contract.ts'

const HOUR = 3_600_000
type Looks = Readonly<Record<GuardMetric, Look>>

/** What every store must do with sessions on trial, whatever is below it. */
export function guardContract(name: string, open: () => Promise<{ store: Store; remove: () => Promise<void> }>): void {
  describe(`guard counts on ${name}`, () => {
    let store: Store
    let remove: () => Promise<void>
    let n = 0
    let offset = 0
    beforeAll(async () => {
      ;({ store, remove } = await open())
      await store.addBundle({ hash: 'sha256:b', slot: 'base', text: '{}', atMs: RELEASE_AT, by: 'operator' })
    })
    afterAll(async () => {
      await store?.close()
      await remove?.()
    })
    let onTrial: string | null = null
    /** Of all slots one release is on trial: the one of the test before makes room. */
    const makeRoom = async () => {
      if (onTrial === null) return
      const old = (await store.release(onTrial))!
      const back = { ...old, version: old.version + 1, state: { ...old.state, stage: 'rolled_back' as const } }
      if (old.state.stage === 'canary') await store.changeReleases([{ release: back, expected: old.version }], [])
    }
    const releaseIn = async (stage: Stage, slot: string) => {
      if (stage === 'canary') await makeRoom()
      if (stage === 'canary') onTrial = `rel_${slot}`
      const release = aRelease({ id: `rel_${slot}`, slot, label: `${slot}-1`, state: { ...DRAFT, stage } })
      await store.changeReleases([{ release, expected: null }], [aMove({ release: release.id })])
      return release
    }
    type Facts = Partial<Pick<Receipt, 'session' | 'atMs' | 'end' | 'trial' | 'looks'>> & {
      readonly would?: Receipt['decision']['would']
      readonly org?: string
    }
    const receipt = ({ would = 'allow', org = 'a', atMs = RELEASE_AT, ...facts }: Facts): SpooledReceipt => {
      const { head, ...rest } = spooled({ n: n++, atMs, would })
      return { head: { ...head, atMs, org: org as OrgId, ...facts }, ...rest }
    }
    const add = async (...rows: readonly SpooledReceipt[]) => {
      offset += 10
      return store.addReceipts(rows, { file: 'guard', offset })
    }
    const until = (sessions: number, appeals = sessions) => ({
      sessions: RELEASE_AT + sessions,
      appeals: RELEASE_AT + appeals,
    })
    const window = (more: Partial<LookWindow> = {}): LookWindow => ({
      ...{ stageSinceMs: RELEASE_AT, fromMs: until(0), untilMs: until(HOUR), leastUnits: 1 },
      ...more,
    })
    const take = async (id: string, of: LookWindow): Promise<Looks | null> => {
      const release = (await store.release(id))!
      let seen: Looks | null = null
      const done = await store.takeLook(release, of, (looks) => {
        seen = looks
        return { release: { ...release, version: release.version + 1 }, move: null }
      })
      return done ? seen : null
    }
    const on = (release: string, more: Partial<Trial> = {}): Trial => ({
      ...{ release, arm: 'canary', percent: 50, by: 'session' },
      ...more,
    })
    const counts = (units: number, hits: number) => ({ units, hits })

    test('SR-3: a session counts once, in the arm that decided it first, however often it comes and is looked at', async () => {
      const { id, label } = await releaseIn('canary', 's1')
      const canary = on(label!)
      const control = on(label!, { arm: 'enforcing' })
      const rows = [
        receipt({ session: 'x', trial: canary }),
        receipt({ session: 'x', trial: canary, would: 'refuse' }),
        receipt({ session: 'x', trial: canary, would: 'require_trust' }),
        receipt({ session: 'y', trial: control, would: 'fall_back', end: 'upstream_error' }),
        // After a step another arm decides the session: that is neither arm's doing.
        receipt({ session: 'y', trial: canary, would: 'refuse' }),
        receipt({ session: 'z', trial: on(label!, { percent: 5 }) }),
      ]
      await add(...rows)
      await add(...rows)
      await add(receipt({ session: 'z', trial: on(label!, { percent: 5 }), would: 'refuse' }))
      const first = await take(id, window())
      const sorted = (look: Look) => [...look.arms].sort((a, b) => b.control.units - a.control.units)
      expect(sorted(first!.refused)).toEqual([
        { canary: counts(1, 1), control: counts(1, 0) },
        { canary: counts(1, 1), control: counts(0, 0) },
      ])
      expect(sorted(first!.diverted)[0]).toEqual({ canary: counts(1, 0), control: counts(1, 1) })
      expect(sorted(first!.error)[0]).toEqual({ canary: counts(1, 0), control: counts(1, 1) })
      expect(await take(id, window())).toBeNull()
      await add(receipt({ session: 'x', trial: canary, would: 'refuse' }), receipt({ session: 'w', trial: canary }))
      expect((await take(id, window()))!.refused.arms).toEqual([{ canary: counts(1, 0), control: counts(0, 0) }])
    })

    test('SR-3: of two that look at once one takes the units; too few units wait, and so do those too new', async () => {
      const { id, label } = await releaseIn('canary', 's2')
      const trial = on(label!)
      await add(receipt({ session: 's2-a', trial }), receipt({ session: 's2-b', trial, atMs: RELEASE_AT + HOUR }))
      expect(await take(id, window({ leastUnits: 2 }))).toBeNull()
      const both = await Promise.all([take(id, window()), take(id, window())])
      expect(both.filter((one) => one !== null)).toHaveLength(1)
      const looks = await take(id, window({ untilMs: until(HOUR + 1) }))
      expect(looks!.refused.arms).toEqual([{ canary: counts(1, 0), control: counts(0, 0) }])
      expect((await store.release(id))!.version).toBe(3)
      expect(await store.takeLook({ ...aRelease(), id, version: 1 }, window(), () => expect.fail('taken'))).toBe(false)
    })

    test('SR-3: an appeal counts for the session that it is about, when its own time is over', async () => {
      const { id, label } = await releaseIn('canary', 's3')
      const refused = receipt({ session: 's3-a', trial: on(label!), would: 'refuse' })
      await add(refused, receipt({ session: 's3-b', trial: on(label!, { arm: 'enforcing' }) }))
      const none = await take(id, window({ untilMs: until(HOUR, 0) }))
      expect(none!.appeal.arms).toEqual([])
      await store.fileAppeal(
        {
          ...{ id: refused.head.id.replace('dec', 'apl') as never, decision: refused.head.id, org: 'a' as OrgId },
          ...{ principal: 'p' as never, state: 'open', filedAtMs: RELEASE_AT + 5, respondByMs: RELEASE_AT + HOUR },
          ...{ note: '', seq: 1, lock: null, verdict: null, fixedIn: null },
        },
        { appeals: 100, sinceMs: 0 },
      )
      const looks = await take(id, window({ leastUnits: 0 }))
      expect(looks!.refused.arms).toEqual([])
      expect(looks!.appeal.arms).toEqual([{ canary: counts(1, 1), control: counts(1, 0) }])
    })

    test('SR-3: a shadow is compared with what was done in the same sessions', async () => {
      const { id, label } = await releaseIn('shadow', 's4')
      const looks = (would: Receipt['decision']['would']) => [{ release: label!, would }]
      await add(
        receipt({ session: 's4-a', looks: looks('refuse') }),
        receipt({ session: 's4-a', looks: looks('allow'), would: 'fall_back' }),
        receipt({ session: 's4-b', looks: looks('fall_back'), would: 'fall_back', end: 'error' }),
      )
      const seen = (await take(id, window()))!
      expect(seen.refused.arms).toEqual([{ canary: counts(2, 1), control: counts(2, 0) }])
      expect(seen.diverted.arms).toEqual([{ canary: counts(2, 1), control: counts(2, 2) }])
      expect(seen.error.arms).toEqual([{ canary: counts(2, 1), control: counts(2, 1) }])
      expect(seen.refused.history).toBeNull()
    })

    test('SR-3: organisations of the canary are compared with as long a past of their own, each session of it once', async () => {
      const { id, label } = await releaseIn('canary', 's5')
      const trial = on(label!, { by: 'org' })
      const past = (back: number, session: string, org: string, more: Facts = {}) =>
        receipt({ session, org, atMs: RELEASE_AT - back, ...more })
      await add(
        ...[past(10, 'p1', 'big', { would: 'refuse' }), past(9, 'p1', 'big'), past(HOUR - 1, 'p2', 'big')],
        ...[past(HOUR + 5, 'p3', 'big', { end: 'error' }), past(5, 'q1', 'elsewhere'), past(7, 'r1', 'small')],
        past(3 * HOUR, 'p0', 'big'),
      )
      await add(
        receipt({ session: 's5-a', org: 'big', trial, would: 'refuse' }),
        receipt({ session: 's5-b', org: 'elsewhere', trial: on(label!, { by: 'org', arm: 'enforcing' }) }),
      )
      const first = (await take(id, window()))!
      expect(first.refused.history).toEqual([{ canary: counts(1, 1), control: counts(2, 1) }])
      expect(first.appeal.history).toBeNull()
      await add(receipt({ session: 's5-c', org: 'big', trial, atMs: RELEASE_AT + HOUR }))
      const second = (await take(id, window({ fromMs: until(HOUR), untilMs: until(2 * HOUR) })))!
      expect(second.error.history).toEqual([{ canary: counts(1, 0), control: counts(1, 1) }])
      // Further back than it has a past: the arms alone decide.
      await add(receipt({ session: 's5-d', org: 'big', trial, atMs: RELEASE_AT + 2 * HOUR }))
      const third = (await take(id, window({ fromMs: until(2 * HOUR), untilMs: until(4 * HOUR) })))!
      expect(third.refused.history).toBeNull()
    })

    test('what was counted for a release goes when it leaves its trial, and only then', async () => {
      const { id, label } = await releaseIn('canary', 's6')
      await add(receipt({ session: 's6-a', trial: on(label!) }), receipt({ session: 's6-a', trial: on('gone-1') }))
      await store.forgetTrials()
      expect((await take(id, window()))!.refused.arms).toHaveLength(1)
    })
  })
}
