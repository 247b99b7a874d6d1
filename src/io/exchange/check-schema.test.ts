import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { aJailbreakRecord } from '../../../test/fakes/a-jailbreak-record.ts'
import { PAYLOAD_KINDS } from '../../core/jailbreaks/exchange/payload-types.ts'
import { SCHEMAS } from '../../core/jailbreaks/exchange/schemas/schemas.ts'
import { schemaFault } from './check-schema.ts'

const statement = (more: object) => ({
  ...{ id: 'STM-2026-000041', by: 'vendor-x', at: '2026-06-12T14:00:00Z' },
  about: { publisher: 'partner-a', id: 'JRX-2026-000017', sha256: 'ab'.repeat(32) },
  ...more,
})
const texts = { en: 'Reproduced.', ja: '再現した。' }
const evidence = [`sha256:${'77'.repeat(32)}`]
const model = { vendor: 'vendor-x', name: 'model-f', version: '5' }
const SAID: readonly (readonly [good: boolean, object])[] = [
  [true, { kind: 'reply', status: 'under_investigation', text: texts, evidence }],
  [true, { kind: 'reply', text: { en: 'Reproduced.', untranslated: 'ja' }, evidence }],
  [false, { kind: 'reply', text: { en: 'Reproduced.' }, evidence }],
  [false, { kind: 'reply', text: { en: 'Reproduced.', untranslated: 'en' }, evidence }],
  [true, { kind: 'status', model, status: 'not_affected', justification: 'model_not_offered' }],
  [false, { kind: 'status', model, status: 'not_affected' }],
  [false, { kind: 'status', model, status: 'fixed', justification: 'model_not_offered' }],
  [
    true,
    {
      kind: 'sighting',
      count: '2-9',
      window: { from: '2026-06-10T00:00:00Z', to: '2026-06-11T00:00:00Z' },
      region: 'jp',
    },
  ],
  [
    false,
    {
      kind: 'sighting',
      count: '7',
      window: { from: '2026-06-10T00:00:00Z', to: '2026-06-11T00:00:00Z' },
      region: 'jp',
    },
  ],
  [true, { kind: 'dispute', claim: 'UP', reason: texts, evidence }],
  [true, { kind: 'correction', claim: 'UP', wrong: texts, right: texts, briefs: ['BRF-1'] }],
  [true, { kind: 'withdrawal_request', reason: texts }],
  [false, { kind: 'rumour', reason: texts }],
]

test('schemas: each kind of statement carries what it must, and no severity in words', () => {
  for (const [good, more] of SAID)
    expect([more, schemaFault('statement', statement(more)) === null]).toEqual([more, good])
})

test('schemas: an unknown member is kept, a known one is held to its form; a fault names the place and not the value', () => {
  const record = { ...aJailbreakRecord(), a_later_member: { x: 1 } }
  expect(schemaFault('record', record)).toBe(null)
  const wrong = { ...record, summary: { ...record.summary, en: 'secret '.repeat(50) } }
  expect(schemaFault('record', wrong)).toMatch(/^`summary\.en` /)
  expect(schemaFault('record', wrong)).not.toContain('secret')
  for (const member of Object.keys(aJailbreakRecord())) {
    const { [member]: _gone, ...less } = record as Record<string, unknown>
    expect([member, schemaFault('record', less) === null]).toEqual([member, false])
  }
})

test('schemas: any JSON has an answer, and what the documents hold is what is compiled', () => {
  fc.assert(
    fc.property(fc.constantFrom(...PAYLOAD_KINDS), fc.jsonValue(), (kind, value) => {
      expect(typeof schemaFault(kind, value)).toBe('string')
    }),
  )
  for (const kind of PAYLOAD_KINDS)
    expect(JSON.parse(readFileSync(`docs/formats/schemas/${kind}.json`, 'utf8'))).toEqual(
      JSON.parse(JSON.stringify(SCHEMAS[kind])),
    )
})
