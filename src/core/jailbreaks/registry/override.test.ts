import fc from 'fast-check'
import { expect, test } from 'vitest'
import { aCase, anAssessment, CASE_AT } from '../../../../test/fakes/a-case.ts'
import { AOKI, MORI, MORI_TOO, OKAFOR, PEOPLE, SIGNING, STRANGER, signed } from '../../../../test/fakes/people.ts'
import { schemaFault } from '../../../io/exchange/check-schema.ts'
import { base64, bytesOfBase64 } from '../../base/base64.ts'
import { strictJson } from '../../base/strict-json.ts'
import { utf8Bytes } from '../../base/utf8.ts'
import { checkedDraft } from '../../record/draft.ts'
import { signEnvelope } from '../../record/dsse.ts'
import { wrongMember } from '../../record/entry-kinds.ts'
import { allVectors } from '../severity/levels.ts'
import { RESPONSE_TABLE } from '../severity/response-table.ts'
import { formatVector } from '../severity/vector.ts'
import type { Case } from './case.ts'
import { draftOverride, type SigningTools, signOverride } from './override-acts.ts'
import { overridePayload, readOverrideTerms, termsOf } from './override-terms.ts'
import { type RegistryRules, stateOf } from './standing.ts'
import { examineOverride, INSTRUMENT } from './verify-override.ts'

const RULES: RegistryRules = { self: 'lab-b', table: RESPONSE_TABLE, sameControl: [], statutoryHarms: ['child-safety'] }
const HOUR = 3_600_000
const NOW = CASE_AT + HOUR
const ASKED = {
  ...{ id: 'INS-2026-0001', action: 'containment', people: ['u-114', 'u-201'] },
  ...{ reason: 'a customer saw it in use tonight', expiresAtMs: CASE_AT + 25 * HOUR },
}
const drafted = (asked: Partial<typeof ASKED> = {}, one: Case = aCase(), tools: SigningTools = SIGNING) =>
  draftOverride(one, { ...ASKED, ...asked }, RULES, tools, NOW).case
const payloadOf = (one: Case) => one.overrides.at(-1)!.payload
const sign = (one: Case, envelope: string, nowMs = NOW, tools: SigningTools = SIGNING) =>
  signOverride(one, { override: ASKED.id, envelope }, RULES, tools, nowMs)
const refusals = (act: () => unknown): readonly string[] => {
  try {
    act()
  } catch (error) {
    const { code, faults, message } = error as { code: string; message: string; faults?: { code: string }[] }
    return code === 'override_refused' ? faults!.map((fault) => fault.code) : [code, message]
  }
  return []
}
/** The same people with another validity of one key. */
const until = (key: typeof MORI, untilMs: number): SigningTools => ({
  ...SIGNING,
  people: PEOPLE.map((person) => ({
    ...person,
    keys: person.keys.map((each) => (each.key === key.key ? { ...each, untilMs } : each)),
  })),
})

const without = (id: string): SigningTools => ({ ...SIGNING, people: PEOPLE.filter((person) => person.id !== id) })

test('override: two people sign the same text, and only then another action than the prescribed one is in force', () => {
  const one = drafted()
  expect(stateOf(one, RULES, NOW).action).toBe('ordinary_release')
  const half = sign(one, signed(payloadOf(one), OKAFOR))
  expect([stateOf(half.case, RULES, NOW).action, half.by, half.instrument]).toEqual([
    ...['ordinary_release', 'u-201', undefined],
  ])
  const whole = sign(half.case, signed(payloadOf(one), MORI))
  expect(stateOf(whole.case, RULES, CASE_AT + 24 * HOUR).action).toBe('containment')
  expect(stateOf(whole.case, RULES, CASE_AT + 25 * HOUR).action).toBe('ordinary_release')
  expect(whole.by).toBe('u-114')

  const { instrument, entries } = whole
  const { payload, signatures } = JSON.parse(instrument!.envelope!) as { payload: string; signatures: object[] }
  expect([base64(utf8Bytes(payloadOf(one))), 2]).toEqual([payload, signatures.length])
  expect(examineOverride(instrument!.envelope!, SIGNING, NOW).refusals).toEqual([])
  const draft = checkedDraft(entries![0]!)
  expect(draft).toMatchObject({ k: 'instrument', who: 'authority:operator/u-114', about: ASKED.id })
  expect(draft.d).toMatchObject({ type: 'override', effect: 'containment', marks: ['above_prescription'] })
  expect(wrongMember('instrument', draft.d)).toBeNull()
  // No reason and no name of a person is in the record.
  for (const word of ['customer', 'Mori', 'Okafor']) expect(JSON.stringify(draft)).not.toContain(word)
})

test('override: what is signed is an instrument, names report, evidence, both people and both actions, and nothing else', () => {
  const one = drafted()
  const text = payloadOf(one)
  expect(schemaFault('instrument', strictJson(text))).toBeNull()
  expect(termsOf(one.overrides[0]!)).toMatchObject({
    ...{ record: 'JRX-2026-000001', org: 'lab-b', prescribed: 'ordinary_release', by: ['u-114', 'u-201'] },
    evidence: [{ ref: 'JRX-2026-000001/A1', grade: 'C' }],
  })
  const more = JSON.stringify({ ...JSON.parse(text), also: 'unseen' })
  expect(readOverrideTerms(more)).toBeNull()
  expect(readOverrideTerms(` ${text}`)).toBeNull()
  expect(readOverrideTerms(text.replace('"override"', '"restriction"'))).toBeNull()
  expect(() => termsOf({ id: 'INS-2026-0001', payload: text.slice(1), signatures: [] })).toThrow('cannot be read')
  const bare = drafted({}, aCase({ assessments: [] }))
  expect(termsOf(bare.overrides[0]!).evidence).toMatchObject([{ ref: 'JRX-2026-000001', grade: 'D' }])
})

test('override: terms come back from their text as they were', () => {
  fc.assert(
    fc.property(
      fc.string({ minLength: 1, maxLength: 60, unit: 'grapheme' }).filter((text) => !/\p{Cc}/u.test(text)),
      fc.constantFrom('record', 'containment', 'fix'),
      fc.integer({ min: 1, max: 700 }),
      (said, action, hours) => {
        const reason = `because of ${said}`.trim()
        const one = drafted({ reason, action, expiresAtMs: NOW + hours * HOUR })
        const terms = termsOf(one.overrides[0]!)
        expect(terms).toMatchObject({ reason, action, expiresAtMs: NOW + hours * HOUR, issuedAtMs: NOW })
        expect(overridePayload(terms)).toBe(payloadOf(one))
      },
    ),
  )
})

test('override: who is named but has no valid key, is one and the same, or asks for what is prescribed is not drafted', () => {
  const cases: readonly [Partial<typeof ASKED>, string][] = [
    [{ people: ['u-114', 'u-999'] }, 'input_invalid'],
    [{ people: ['u-114', 'u-114'] }, 'two_people'],
    [{ people: ['u-114'] }, 'two_people'],
    [{ people: ['u-114', 'u-201', 'u-302'] }, 'two_people'],
    [{ action: 'nothing' }, 'input_invalid'],
    [{ action: 'ordinary_release' }, 'same_action'],
    [{ reason: 'short' }, 'reason'],
    [{ reason: 'half a pair \ud800 in it' }, 'input_invalid'],
    [{ reason: 'two lines,\u0000 so to speak' }, 'input_invalid'],
    [{ id: 'INS-2026-1000000' }, 'input_invalid'],
    [{ expiresAtMs: CASE_AT }, 'expiry'],
    [{ expiresAtMs: CASE_AT + 999 * 24 * HOUR }, 'too_long'],
  ]
  for (const [asked, code] of cases) expect(refusals(() => drafted(asked))[0], code).toBe(code)
  expect(refusals(() => drafted({}, aCase(), until(OKAFOR, NOW)))[0]).toBe('input_invalid')
  const statutory = aCase({ technique: { class: 'encoding', fingerprint: null, statutory: true } })
  expect(refusals(() => drafted({}, statutory))).toEqual(['statutory'])
  expect(refusals(() => drafted({}, aCase({ stage: 'withdrawn' })))).toEqual(['withdrawn'])
})

test('override: every wrong signature is refused, and says why', () => {
  const one = drafted()
  const text = payloadOf(one)
  const half = sign(one, signed(text, MORI)).case
  const later = drafted({ id: 'INS-2026-0002' })
  const cases: readonly [string, () => unknown, readonly string[]][] = [
    ['no envelope', () => sign(half, 'u-201'), ['decode']],
    ['a stranger with the name of a person', () => sign(one, signed(text, STRANGER)), ['unknown_key']],
    ['a person who is not named', () => sign(half, signed(text, AOKI)), ['not_named']],
    ['the same person again', () => sign(half, signed(text, MORI)), ['signed_already']],
    ['one person with two keys', () => sign(half, signed(text, MORI_TOO)), ['signed_already']],
    ['one person with two keys at once', () => sign(one, signed(text, MORI, MORI_TOO)), ['signed_already']],
    ['another text', () => sign(half, signed(payloadOf(later), OKAFOR)), ['payload_changed']],
    ['a text that is no override', () => sign(half, signed('{"type":"override"}', OKAFOR)), ['terms']],
    ['no text at all', () => sign(half, signEnvelope(INSTRUMENT, Uint8Array.of(0xff), [OKAFOR])), ['terms']],
    ['another type', () => sign(half, signEnvelope('text/plain', utf8Bytes(text), [OKAFOR])), ['payload_type']],
    ['a key that has ended', () => sign(half, signed(text, OKAFOR), NOW, until(OKAFOR, NOW)), ['key_not_valid']],
    [
      'the first one’s key ended since',
      () => sign(half, signed(text, OKAFOR), NOW, until(MORI, NOW)),
      ['key_not_valid'],
    ],
    [
      'the first one’s key is no longer anybody’s',
      () => sign(half, signed(text, OKAFOR), NOW, without('u-114')),
      ['two_people'],
    ],
    ['too late', () => sign(half, signed(text, OKAFOR), ASKED.expiresAtMs), ['expired']],
    ['a withdrawn report', () => sign({ ...half, stage: 'withdrawn' }, signed(text, OKAFOR)), ['withdrawn']],
  ]
  for (const [name, act, codes] of cases) expect([name, refusals(act)]).toEqual([name, codes])
  const graver = anAssessment({ id: 'A2', vector: 'JSS:1.0/UP:N/HD:S/UN:F/EF:M/RE:C/DI:P/CF:C/LG:D/MT:U', atMs: NOW })
  const changed = { ...half, assessments: [graver] }
  expect(refusals(() => sign(changed, signed(text, OKAFOR)))).toEqual(['prescription_changed'])
  const unknown = () => signOverride(half, { override: 'INS-2026-0009', envelope: '' }, RULES, SIGNING, NOW)
  expect(refusals(unknown)[0]).toBe('input_invalid')
  // Each refusal says what to do next.
  try {
    sign(half, signed(text, AOKI))
  } catch (error) {
    expect((error as { next: string }).next).toContain('draft it again with other people')
  }
})

test('override: the second person may sign the envelope of the first, offline', () => {
  const one = drafted()
  const both = sign(one, signed(payloadOf(one), MORI, OKAFOR))
  expect(both.case.overrides[0]!.signatures.map(({ person }) => person)).toEqual(['u-114', 'u-201'])
  const half = sign(one, signed(payloadOf(one), MORI)).case
  expect(sign(half, signed(payloadOf(one), MORI, OKAFOR)).instrument?.envelope).toBe(both.instrument?.envelope)
  expect(refusals(() => sign(both.case, signed(payloadOf(one), MORI, OKAFOR)))).toEqual(['signed_already'])
})

test('override: any bit that flips in the signed text or in a signature is refused', () => {
  const one = drafted()
  const envelope = sign(one, signed(payloadOf(one), MORI, OKAFOR)).instrument!.envelope!
  const { payloadType, payload, signatures } = JSON.parse(envelope) as {
    readonly payloadType: string
    readonly payload: string
    readonly signatures: readonly { readonly keyid: string; readonly sig: string }[]
  }
  const flipped = (text: string, bit: number) => {
    const bytes = bytesOfBase64(text)!
    bytes[(bit >> 3) % bytes.length]! ^= 1 << (bit & 7)
    return base64(bytes)
  }
  // The two keys that signed, and no other: each is tried for every signature.
  const people = PEOPLE.slice(0, 2).map((person) => ({ ...person, keys: person.keys.slice(0, 1) }))
  const holds = (more: object) =>
    examineOverride(JSON.stringify({ payloadType, payload, signatures, ...more }), { ...SIGNING, people }, NOW)
  expect(holds({}).refusals).toEqual([])
  // A bit of every byte of the text; every bit of the signatures.
  for (let at = 0; at < bytesOfBase64(payload)!.length; at++)
    expect(holds({ payload: flipped(payload, at * 8 + (at % 8)) }).refusals, `byte ${at}`).toEqual(['unknown_key'])
  for (const i of [0, 1])
    for (let bit = 0; bit < 64 * 8; bit++) {
      const bent = signatures.map((each, k) => (k === i ? { ...each, sig: flipped(each.sig, bit) } : each))
      expect(holds({ signatures: bent }).refusals, `signature ${i} bit ${bit}`).toEqual(['two_people'])
    }
})

test('override: of an envelope with any character changed nothing else holds than what was signed', () => {
  const one = drafted()
  const envelope = sign(one, signed(payloadOf(one), MORI, OKAFOR)).instrument!.envelope!
  fc.assert(
    fc.property(fc.nat(envelope.length - 1), fc.constantFrom(...'Aa0+/-_="{,x'), (at, character) => {
      const found = examineOverride(envelope.slice(0, at) + character + envelope.slice(at + 1), SIGNING, NOW)
      if (found.kind === 'examined' && found.refusals.length === 0) expect(found.payload).toBe(payloadOf(one))
    }),
    { numRuns: 400 },
  )
})

test('override: without a valid key of both, in every combination of keys, it is not in force', () => {
  const one = drafted()
  const all = [MORI, MORI_TOO, OKAFOR, AOKI, STRANGER]
  fc.assert(
    fc.property(fc.subarray(all, { minLength: 1 }), fc.integer({ min: -2, max: 40 }), (keys, hours) => {
      const { refusals: found } = examineOverride(signed(payloadOf(one), ...keys), SIGNING, NOW + hours * HOUR)
      const both = keys.includes(OKAFOR) && (keys.includes(MORI) || keys.includes(MORI_TOO))
      expect(found.length === 0).toBe(both && !keys.includes(AOKI) && NOW + hours * HOUR < ASKED.expiresAtMs)
    }),
  )
})

test('override: whatever two people decide, the number and what the rules prescribe stay as computed', () => {
  const vectors = [...allVectors()]
  fc.assert(
    fc.property(fc.nat(vectors.length - 1), fc.constantFrom('record', 'containment', 'fix'), (i, action) => {
      const vector = formatVector(vectors[i]!)
      const one = aCase({ assessments: [anAssessment({ vector, measured: null, panel: null })] })
      const before = stateOf(one, RULES, NOW)
      fc.pre(before.action !== action)
      const draft = drafted({ action }, one)
      const after = stateOf(sign(draft, signed(payloadOf(draft), MORI, OKAFOR)).case, RULES, NOW)
      expect(after.headline).toEqual(before.headline)
      expect(after.prescription).toEqual(before.prescription)
      expect(after.action).toBe(action)
    }),
    { numRuns: 60 },
  )
})
