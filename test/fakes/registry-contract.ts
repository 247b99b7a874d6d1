import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Instrument } from '../../src/core/jailbreaks/registry/case.ts'
import { NO_ROSTER } from '../../src/core/jailbreaks/registry/duty.ts'
import type { EntryDraft } from '../../src/core/record/draft.ts'
import type { RecordStore } from '../../src/jobs/record-ports.ts'
import type { CaseChange, RegistryStore } from '../../src/jobs/registry-ports.ts'
import { aCase, anEvent, CASE_AT } from './a-case.ts'

/** A registry's store together with what waits for the record. */
export type RegistryUnderTest = RegistryStore & Pick<RecordStore, 'drafts'> & { close?(): Promise<void> }

const HASH = `sha256:${'e'.repeat(64)}`
const entry = (about: string, kind: string): EntryDraft => ({
  ...{ k: 'report', who: 'system:registry', about, h: HASH, d: { object: HASH, kind } },
})
const change = (event = anEvent(), more: Partial<CaseChange> = {}): CaseChange => ({
  ...{ event, entries: [entry(event.case, event.kind)], ...more },
})

/** What every store must do with reports and the duty desk, whatever is below it. */
export function registryContract(
  name: string,
  open: () => Promise<{ store: RegistryUnderTest; remove: () => Promise<void> }>,
): void {
  describe(`registry on ${name}`, () => {
    let store: RegistryUnderTest
    let remove: () => Promise<void>
    beforeAll(async () => {
      ;({ store, remove } = await open())
    })
    afterAll(async () => {
      await store?.close?.()
      await remove?.()
    })

    const waiting = async () => (await store.drafts(100)).map(({ draft }) => draft)
    const told = async (about: string) => (await waiting()).filter((draft) => draft.about === about)

    test('a case and its history come back as they were, text with escapes included', async () => {
      const one = aCase({ note: 'a \u0000 b “修正”' })
      expect(await store.lastCaseNumber(2026)).toBe(0)
      expect(await store.changeCase(one, null, change())).toBe(true)
      expect(await told(one.id)).toEqual([entry(one.id, 'intake')])
      expect(await store.case(one.id)).toEqual(one)
      expect(await store.case('JRX-2026-000009')).toBeNull()
      expect(await store.caseEvents(one.id)).toEqual([{ ...anEvent(), seq: expect.any(Number) }])
      expect(await store.lastCaseNumber(2026)).toBe(1)
      expect(await store.lastCaseNumber(2027)).toBe(0)
    })

    test('of two who take the same number at once one is told no, and nothing of it is written', async () => {
      const two = ['a', 'b'].map((note) => aCase({ id: 'JRX-2026-000002', note }))
      const done = await Promise.all(
        two.map((one) => store.changeCase(one, null, change(anEvent({ case: one.id, reason: one.note })))),
      )
      expect([...done].sort()).toEqual([false, true])
      const kept = await store.case('JRX-2026-000002')
      expect((await store.caseEvents('JRX-2026-000002')).map(({ reason }) => reason)).toEqual([kept!.note])
    })

    test('of two changes that start from the same version one is refused, with its line, its object and its entry', async () => {
      const next = (stage: 'acknowledged' | 'withdrawn') => aCase({ stage, version: 2 })
      const object = (tlp: string) => ({ case: 'JRX-2026-000001', atMs: CASE_AT, tlp, sha256: tlp, text: '{"a":1}' })
      const done = await Promise.all([
        store.changeCase(
          next('acknowledged'),
          1,
          change(anEvent({ kind: 'acknowledge' }), { published: object('AMBER') }),
        ),
        store.changeCase(next('withdrawn'), 1, change(anEvent({ kind: 'withdraw' }), { published: object('RED') })),
      ])
      expect([...done].sort()).toEqual([false, true])
      const kinds = (await store.caseEvents('JRX-2026-000001')).map(({ kind }) => kind)
      expect(kinds).toEqual(['intake', done[0] ? 'acknowledge' : 'withdraw'])
      expect(await store.publishedOf('JRX-2026-000001')).toEqual([object(done[0] ? 'AMBER' : 'RED')])
      expect((await told('JRX-2026-000001')).map(({ d }) => d['kind'])).toEqual(kinds)
    })

    test('a change of which the record cannot be told is not made: no case is without its entry', async () => {
      const [before, lines, drafts] = [
        await store.case('JRX-2026-000001'),
        await store.caseEvents('JRX-2026-000001'),
        await waiting(),
      ]
      const untold = entry('JRX-2026-000001', 'x'.repeat(5000))
      const changing = store.changeCase(aCase({ version: 3 }), 2, change(anEvent(), { entries: [untold] }))
      await expect(changing).rejects.toMatchObject({ cause: { code: 'malformed' } })
      expect(await store.case('JRX-2026-000001')).toEqual(before)
      expect(await store.caseEvents('JRX-2026-000001')).toEqual(lines)
      expect(await waiting()).toEqual(drafts)
    })

    test('an instrument takes a number once, and its envelope is written once', async () => {
      const instrument = (n: number, envelope: string | null): Instrument => ({
        ...{ id: `INS-2026-000${n}`, type: 'override', about: 'JRX-2026-000001', atMs: CASE_AT, envelope },
      })
      const write = (version: number, one: Instrument) =>
        store.changeCase(aCase({ version }), version - 1, change(anEvent(), { instrument: one }))
      expect([await store.lastInstrumentNumber(2026), await store.instrument('INS-2026-0001')]).toEqual([0, null])
      expect(await write(3, instrument(1, null))).toBe(true)
      expect(await write(4, instrument(1, null))).toBe(false)
      expect(await write(4, instrument(2, null))).toBe(true)
      expect([await store.lastInstrumentNumber(2026), await store.lastInstrumentNumber(2027)]).toEqual([2, 0])
      expect(await write(5, instrument(1, '{"a":1}'))).toBe(true)
      expect(await write(6, instrument(1, '{"a":2}'))).toBe(false)
      expect(await store.instrument('INS-2026-0001')).toEqual(instrument(1, '{"a":1}'))
      expect((await store.case('JRX-2026-000001'))!.version).toBe(5)
    })

    test('cases are listed newest number first, years included', async () => {
      await store.changeCase(aCase({ id: 'JRX-2027-000001' }), null, change(anEvent({ case: 'JRX-2027-000001' })))
      await store.changeCase(aCase({ id: 'JRX-2026-000010' }), null, change(anEvent({ case: 'JRX-2026-000010' })))
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
      const said = (id: string, result: string): EntryDraft => ({
        ...{ k: 'drill', who: 'system:registry', about: id, h: HASH, d: { target: 'duty', result, ms: 0 } },
      })
      await store.addDrill(drill('drl_1', CASE_AT), said('drl_1', 'called'))
      await store.addDrill(drill('drl_2', CASE_AT + 1), said('drl_2', 'called'))
      const answer = (by: string) => store.acknowledgeDrill('drl_1', CASE_AT + 5, by, said('drl_1', by))
      const done = await Promise.all(['A', 'B'].map(answer))
      expect([...done].sort()).toEqual([false, true])
      expect(await store.acknowledgeDrill('drl_9', CASE_AT, 'A', said('drl_9', 'A'))).toBe(false)
      expect((await told('drl_1')).map(({ d }) => d['result'])).toEqual(['called', done[0] ? 'A' : 'B'])
      expect(await told('drl_9')).toEqual([])
      expect(await store.drills()).toEqual([
        drill('drl_2', CASE_AT + 1),
        { ...drill('drl_1', CASE_AT), acknowledgedAtMs: CASE_AT + 5, acknowledgedBy: done[0] ? 'A' : 'B' },
      ])
    })
  })
}
