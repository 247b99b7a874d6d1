import { hash } from 'node:crypto'
import { expect, test } from 'vitest'
import { aCase, anAssessment, anEvent, CASE_AT, FIX_THIS_CODE } from '../../test/fakes/a-case.ts'
import { memoryRegistry } from '../../test/fakes/memory-registry.ts'
import { MORI, OKAFOR, SIGNING, signed } from '../../test/fakes/people.ts'
import { RESPONSE_TABLE } from '../core/jailbreaks/severity/response-table.ts'
import { wrongMember } from '../core/record/entry-kinds.ts'
import { schemaFault } from '../io/exchange/check-schema.ts'
import { createDuty } from './duty.ts'
import { createRegistry } from './registry.ts'
import type { RegistryPorts } from './registry-ports.ts'

const WHO = { person: 'A. Mori', reason: 'a reason of some length' }

function fixture(more: Partial<RegistryPorts> = {}) {
  const store = memoryRegistry()
  const ports: RegistryPorts = {
    store,
    rules: { self: 'lab-b', table: RESPONSE_TABLE, sameControl: [], statutoryHarms: [] },
    signing: () => SIGNING,
    schemaFault,
    sha256: (text) => hash('sha256', text),
    nowMs: () => CASE_AT,
    newId: (prefix) => `${prefix}_1`,
    report: () => undefined,
    ...more,
  }
  const entries = async () => (await store.drafts(100)).map(({ draft }) => draft)
  return { store, entries, registry: createRegistry(ports), duty: createDuty(ports) }
}

test('registry: of two who act at once both acts stand, one after the other', async () => {
  const { store, registry } = fixture()
  await store.changeCase(aCase({ stage: 'acknowledged' }), null, { event: anEvent(), entries: [] })
  const dispute = { kind: 'dispute', org: 'partner-c', claim: 'UP', evidence: [] } as const
  const reply = { kind: 'reply', org: 'vendor-x', text: { en: 'x' }, status: null, evidence: [] } as const
  await Promise.all([registry.act('JRX-2026-000001', dispute, WHO), registry.act('JRX-2026-000001', reply, WHO)])
  const { case: one } = await registry.show('JRX-2026-000001')
  expect(one.statements.map(({ kind }) => kind).sort()).toEqual(['dispute', 'reply'])
  expect(one.version).toBe(3)
  expect(await registry.history(one.id)).toHaveLength(3)
})

test('registry: a change that always finds another one before it is told so, and nothing is recorded', async () => {
  const store = { ...memoryRegistry(), case: async () => aCase(), changeCase: async () => false }
  const { registry } = fixture({ store })
  await expect(registry.act('JRX-2026-000001', { kind: 'acknowledge' }, WHO)).rejects.toMatchObject({
    code: 'conflict',
  })
  expect(await store.drafts(1)).toEqual([])
})

test('registry: every entry is what the closed set of the record allows, drills too', async () => {
  const { store, registry, duty, entries } = fixture()
  await store.changeCase(aCase({ stage: 'acknowledged', assessments: [] }), null, { event: anEvent(), entries: [] })
  const { id: _i, person: _p, atMs: _a, ...filed } = anAssessment()
  await registry.act('JRX-2026-000001', { kind: 'assess', filed }, WHO)
  await registry.act('JRX-2026-000001', { kind: 'ask_withdrawal', org: 'vendor-x' }, WHO)
  await registry.publish('JRX-2026-000001', 'AMBER', WHO)
  await duty.set({ otherwise: { person: 'A', contact: 'desk' } }, WHO)
  await duty.drill(WHO)
  await duty.acknowledge(null, WHO)
  const told = await entries()
  expect(told.map(({ k }) => k)).toEqual(['assessment', 'statement', 'report', 'drill', 'drill'])
  for (const { k, d } of told) expect([k, wrongMember(k, d)]).toEqual([k, null])
  expect(told[0]!.d).toMatchObject({ vector: FIX_THIS_CODE, publisher: 'lab-b' })
})

test('registry: what partners would set aside does not leave', async () => {
  const { store, registry } = fixture()
  const other = anAssessment({ id: 'A2', by: 'lab-b', vector: FIX_THIS_CODE.replace('LG:D', 'LG:M') })
  await store.changeCase(aCase({ stage: 'assessed', assessments: [anAssessment(), other] }), null, {
    event: anEvent(),
    entries: [],
  })
  await expect(registry.publish('JRX-2026-000001', 'AMBER', WHO)).rejects.toThrow('`legitimate_use.share`')
  expect(await registry.published('JRX-2026-000001')).toEqual([])
})

test('registry: a signed override is an instrument with a number of its own, whose envelope the record names by hash', async () => {
  const { store, registry, entries } = fixture()
  for (const id of ['JRX-2026-000001', 'JRX-2026-000002'])
    await store.changeCase(aCase({ id }), null, { event: anEvent({ case: id }), entries: [] })
  const asked = { action: 'containment', people: ['u-114', 'u-201'], expiresAtMs: CASE_AT + 3_600_000 }
  const [first, second] = await Promise.all(
    ['JRX-2026-000001', 'JRX-2026-000002'].map((id) => registry.draftOverride(id, asked, WHO)),
  )
  const { id: override, payload } = first!.case.overrides[0]!
  expect([override, second!.case.overrides[0]!.id].sort()).toEqual(['INS-2026-0001', 'INS-2026-0002'])
  expect((await registry.override(first!.case.id, override)).envelope).toBeNull()
  const sign = (envelope: string) => registry.signOverride(first!.case.id, { override, envelope })
  await sign(signed(payload, MORI))
  const done = await sign(signed(payload, OKAFOR))
  expect(done.state.action).toBe('containment')
  const { envelope } = await registry.override(first!.case.id, override)
  const told = (await entries()).filter(({ k }) => k === 'instrument')
  expect(told.map(({ about, h }) => [about, h])).toEqual([[override, `sha256:${hash('sha256', envelope!)}`]])
  // Who signed stands in the history by the key, whatever name was given.
  const lines = await registry.history(first!.case.id)
  expect(lines.map(({ kind, by }) => [kind, by])).toEqual([
    ...[
      ['intake', 'operator'],
      ['override', 'A. Mori'],
      ['sign', 'u-114'],
      ['sign', 'u-201'],
    ],
  ])
  await expect(registry.override(first!.case.id, 'INS-2026-0002')).rejects.toMatchObject({ code: 'not_found' })
})
