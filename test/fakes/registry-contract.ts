import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { NO_ROSTER } from '../../src/core/jailbreaks/registry/duty.ts'
import type { RegistryStore } from '../../src/jobs/registry-ports.ts'
import { aCase, anEvent, CASE_AT } from './a-case.ts'

/** What every store must do with reports and the duty desk, whatever is below it. */
export function registryContract(
  name: string,
  open: () => Promise<{ store: RegistryStore & { close?(): Promise<void> }; remove: () => Promise<void> }>,
): void {
  describe(`registry on ${name}`, () => {
    let store: RegistryStore & { close?(): Promise<void> }
    let remove: () => Promise<void>
    beforeAll(async () => {
      ;({ store, remove } = await open())
    })
    afterAll(async () => {
      await store?.close?.()
      await remove?.()
    })

    test('a case and its history come back as they were, text with escapes included', async () => {
      const one = aCase({ note: 'a \u0000 b “修正”' })
      expect(await store.lastCaseNumber(2026)).toBe(0)
      expect(await store.changeCase(one, null, anEvent())).toBe(true)
      expect(await store.case(one.id)).toEqual(one)
      expect(await store.case('JRX-2026-000009')).toBeNull()
      expect(await store.caseEvents(one.id)).toEqual([{ ...anEvent(), seq: expect.any(Number) }])
      expect(await store.lastCaseNumber(2026)).toBe(1)
      expect(await store.lastCaseNumber(2027)).toBe(0)
    })

    test('of two who take the same number at once one is told no, and nothing of it is written', async () => {
      const two = ['a', 'b'].map((note) => aCase({ id: 'JRX-2026-000002', note }))
      const done = await Promise.all(
        two.map((one) => store.changeCase(one, null, anEvent({ case: one.id, reason: one.note }))),
      )
      expect([...done].sort()).toEqual([false, true])
      const kept = await store.case('JRX-2026-000002')
      expect((await store.caseEvents('JRX-2026-000002')).map(({ reason }) => reason)).toEqual([kept!.note])
    })

    test('of two changes that start from the same version one is refused, with its line and its object', async () => {
      const next = (stage: 'acknowledged' | 'withdrawn') => aCase({ stage, version: 2 })
      const object = (tlp: string) => ({ case: 'JRX-2026-000001', atMs: CASE_AT, tlp, sha256: tlp, text: '{"a":1}' })
      const done = await Promise.all([
        store.changeCase(next('acknowledged'), 1, anEvent({ kind: 'acknowledge' }), object('AMBER')),
        store.changeCase(next('withdrawn'), 1, anEvent({ kind: 'withdraw' }), object('RED')),
      ])
      expect([...done].sort()).toEqual([false, true])
      const kinds = (await store.caseEvents('JRX-2026-000001')).map(({ kind }) => kind)
      expect(kinds).toEqual(['intake', done[0] ? 'acknowledge' : 'withdraw'])
      expect(await store.publishedOf('JRX-2026-000001')).toEqual([object(done[0] ? 'AMBER' : 'RED')])
    })

    test('cases are listed newest number first, years included', async () => {
      await store.changeCase(aCase({ id: 'JRX-2027-000001' }), null, anEvent({ case: 'JRX-2027-000001' }))
      await store.changeCase(aCase({ id: 'JRX-2026-000010' }), null, anEvent({ case: 'JRX-2026-000010' }))
      expect((await store.cases()).map(({ id }) => id)).toEqual([
        ...['JRX-2027-000001', 'JRX-2026-000010', 'JRX-2026-000002', 'JRX-2026-000001'],
      ])
    })

    test('the last roster counts, and earlier ones stay', async () => {
      expect(await store.roster()).toBeNull()
      const row = (person: string) => ({
        roster: { ...NO_ROSTER, otherwise: { person, contact: 'desk' } },
        ...{ atMs: CASE_AT, by: 'operator', reason: 'a change' },
      })
      for (const person of ['A', 'B']) await store.setRoster(row(person))
      expect(await store.roster()).toEqual(row('B'))
      expect(await store.rosters()).toEqual([row('B'), row('A')])
    })

    test('a drill is answered once', async () => {
      const drill = (id: string, startedAtMs: number) => ({
        ...{ id, startedAtMs, startedBy: 'operator', person: 'A', contact: 'desk' },
        ...{ acknowledgedAtMs: null, acknowledgedBy: null },
      })
      await store.addDrill(drill('drl_1', CASE_AT))
      await store.addDrill(drill('drl_2', CASE_AT + 1))
      const done = await Promise.all(['A', 'B'].map((by) => store.acknowledgeDrill('drl_1', CASE_AT + 5, by)))
      expect([...done].sort()).toEqual([false, true])
      expect(await store.acknowledgeDrill('drl_9', CASE_AT, 'A')).toBe(false)
      expect(await store.drills()).toEqual([
        drill('drl_2', CASE_AT + 1),
        { ...drill('drl_1', CASE_AT), acknowledgedAtMs: CASE_AT + 5, acknowledgedBy: done[0] ? 'A' : 'B' },
      ])
    })
  })
}
