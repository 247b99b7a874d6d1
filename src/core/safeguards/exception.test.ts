import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { AppealId, DecisionId, OrgId, PrincipalId } from '../base/ids.ts'
import { LABELS, type ReasonCode } from '../base/reasons.ts'
import type { Exchange, TextPart, Turn } from '../conversation/exchange.ts'
import type { Finding, Place } from '../policy/finding.ts'
import {
  decidedParts,
  EXCEPTION_MS,
  type Exception,
  exceptionBook,
  excuse,
  type PartDigest,
  type Reading,
  silenced,
} from './exception.ts'

const CYBER = LABELS.indexOf('harm.cyber')
const BIO = LABELS.indexOf('harm.bio')
const ACME = 'acme' as OrgId
const KEY = 'key_1' as PrincipalId
const FROM = 1_000_000

const digest: PartDigest = (org, role, { place, text }) => `${org} ${role} ${place} ${text}`
const user = (text: string): TextPart => ({ kind: 'text', place: 'user', trust: 'user', text })
const exchange = (...texts: string[]): Exchange =>
  ({ turns: [{ role: 'user', parts: texts.map(user) }], newestFrom: 0 }) as unknown as Exchange

const PLACE: Place = { part: 'user', trust: 'user', turn: 0, newest: true }

/** Finds `cyber` in a text that holds "c", `bio` in one that holds "b", and a rule in one that holds "r". */
function read({ turns }: Exchange): Reading & { readonly chars: number } {
  const text = turns.flatMap(({ parts }) => parts.map((part) => (part.kind === 'text' ? part.text : ''))).join(' ')
  const ppm = LABELS.map(() => 0)
  if (text.includes('c')) ppm[CYBER] = 900_000
  if (text.includes('b')) ppm[BIO] = 800_000
  const findings: Finding[] = [{ kind: 'scored', detector: 'light', tier: 'light', stage: 'input', place: PLACE, ppm }]
  if (text.includes('r'))
    findings.push({ kind: 'rule', rule: 'r', stage: 'input', action: 'refuse', category: 'cyber', place: PLACE })
  return { findings, asked: Float64Array.from(ppm, (one) => one / 1e6), chars: text.length }
}

const exception = (text: string, more: Partial<Exception> = {}): Exception => ({
  ...{ id: 'exc_1', appeal: 'apl_1' as AppealId, decision: 'dec_1' as DecisionId, org: ACME, principal: KEY },
  ...{ reasons: ['harm.cyber'] as ReasonCode[], parts: [digest(ACME, 'user', user(text))] },
  ...{ fromMs: FROM, untilMs: FROM + EXCEPTION_MS, revokedAtMs: null },
  ...more,
})

const under = (some: readonly Exception[], asked: Exchange, nowMs = FROM, who = { org: ACME, principal: KEY }) =>
  excuse(asked, who, nowMs, exceptionBook(some, digest), read)

/** The most that is found of a label, and whether a rule speaks. */
const found = ({ findings }: { findings: readonly Finding[] }, label: number) =>
  Math.max(...findings.map((one) => (one.kind === 'scored' ? one.ppm[label]! : 0)))

test('SR-12: an exception silences its reason in its part, and the findings say so', () => {
  const read = under([exception('c r')], exchange('c r'))
  expect(found(read, CYBER)).toBe(0)
  expect(read.asked?.[CYBER]).toBe(0)
  expect(read.findings.map(({ kind }) => kind)).toEqual(['scored', 'skipped'])
  expect(read.findings.at(-1)).toEqual({ kind: 'skipped', detector: 'exception', stage: 'input', why: 'exc_1' })
})

test('SR-12: edited content, another key, another organisation, after expiry, revoked: nothing is excused', () => {
  const one = exception('c')
  const same = read(exchange('c'))
  expect(under([one], exchange('c!'))).toEqual(read(exchange('c!')))
  expect(under([one], exchange('c'), FROM, { org: ACME, principal: 'key_2' as PrincipalId })).toEqual(same)
  expect(under([one], exchange('c'), FROM, { org: 'other' as OrgId, principal: KEY })).toEqual(same)
  expect(under([one], exchange('c'), FROM + EXCEPTION_MS)).toEqual(same)
  expect(under([one], exchange('c'), FROM - 1)).toEqual(same)
  expect(under([{ ...one, revokedAtMs: FROM }], exchange('c'))).toEqual(same)
  expect(under([one], exchange('c'), FROM + EXCEPTION_MS - 1)).not.toEqual(same)
})

test('exception: the same words in another role or another kind of part are another part', () => {
  const turns: Turn[] = [{ role: 'tool', parts: [{ ...user('c'), place: 'tool_result', trust: 'untrusted' }] }]
  const asked = { ...exchange(), turns }
  expect(under([exception('c')], asked)).toEqual(read(asked))
})

test('exception: other reasons stand, and so does what is said beside the part', () => {
  const mixed = under([exception('c b')], exchange('c b'))
  expect([found(mixed, CYBER), found(mixed, BIO)]).toEqual([0, 800_000])
  const beside = under([exception('c')], exchange('c', 'more c r'))
  expect(found(beside, CYBER)).toBe(900_000)
  expect(beside.asked?.[CYBER]).toBe(0.9)
  expect(beside.findings.map(({ kind }) => kind)).toEqual(['scored', 'scored', 'rule', 'skipped'])
})

test('exception: several reasons for one part, each of them alone', () => {
  const both = under([exception('c b', { reasons: ['harm.cyber', 'harm.bio'] })], exchange('c b', 'b'))
  expect([found(both, CYBER), found(both, BIO)]).toEqual([0, 800_000])
  expect(both.findings.filter(({ kind }) => kind === 'skipped')).toHaveLength(1)
})

test('exception: a reported technique is silenced as the attack form it is', () => {
  const family: Finding = {
    kind: 'family',
    family: 'f',
    form: 'jailbreak',
    category: null,
    stage: 'input',
    place: PLACE,
  }
  const one = exception('c', { reasons: ['attack.jailbreak'] })
  const withFamily = (asked: Exchange) => {
    const some = read(asked)
    return asked.turns.some(({ parts }) => parts.length > 0) ? { ...some, findings: [...some.findings, family] } : some
  }
  const book = exceptionBook([one], digest)
  const after = excuse(exchange('c'), { org: ACME, principal: KEY }, FROM, book, withFamily)
  expect(after.findings).not.toContainEqual(family)
  expect(found(after, CYBER)).toBe(900_000)
  const other = exceptionBook([exception('c')], digest)
  expect(excuse(exchange('c'), { org: ACME, principal: KEY }, FROM, other, withFamily).findings).toContainEqual(family)
})

test('exception: a detector that reads all at once is silenced where all of it is excused, and nowhere else', () => {
  const ppm = LABELS.map((_, i) => (i === CYBER || i === BIO ? 700_000 : 0))
  const judge: Finding = {
    kind: 'scored',
    detector: 'judge',
    tier: 'second_opinion',
    stage: 'input',
    place: PLACE,
    ppm,
  }
  const all = under([exception('c')], exchange('c'))
  expect(all.excused).toEqual(['harm.cyber'])
  const quiet = { findings: silenced([judge], all.excused) }
  expect([found(quiet, CYBER), found(quiet, BIO)]).toEqual([0, 700_000])
  const beside = under([exception('c')], exchange('c', 'and this'))
  expect(beside.excused).toBeUndefined()
  expect(silenced([judge], beside.excused)).toEqual([judge])
  for (const elsewhere of [
    { ...judge, stage: 'output' as const },
    { ...judge, place: { ...PLACE, newest: false } },
  ])
    expect(silenced([elsewhere], all.excused)).toEqual([elsewhere])
})

test('exception: holds where the part is sent again later in the conversation', () => {
  const turns: Turn[] = [
    { role: 'user', parts: [user('c')] },
    { role: 'assistant', parts: [{ kind: 'text', place: 'assistant', trust: 'untrusted', text: 'no' }] },
    { role: 'user', parts: [user('why')] },
  ]
  expect(found(under([exception('c')], { ...exchange(), turns, newestFrom: 2 }), CYBER)).toBe(0)
})

test('exception: whatever is excused, no other label, and no text outside the part, says less', () => {
  const text = fc.stringMatching(/^[cbr ]{0,6}$/)
  fc.assert(
    fc.property(fc.array(text, { minLength: 1, maxLength: 4 }), text, text, (texts, a, b) => {
      const some = [exception(a), exception(b, { id: 'exc_2', reasons: ['harm.bio'] })]
      const before = read(exchange(...texts))
      const after = under(some, exchange(...texts))
      const rest = read(exchange(...texts.filter((one) => one !== a)))
      expect(found(after, CYBER)).toBe(found(rest, CYBER))
      expect(found(after, BIO)).toBe(found(read(exchange(...texts.filter((one) => one !== b))), BIO))
      for (const [i] of LABELS.entries()) if (i !== CYBER && i !== BIO) expect(found(after, i)).toBe(found(before, i))
      expect(after.findings.some(({ kind }) => kind === 'rule')).toBe(rest.findings.some(({ kind }) => kind === 'rule'))
    }),
  )
})

test('exception: bound to the parts that the deciding findings were made of, and to nothing else', () => {
  const answer: TextPart = { kind: 'text', place: 'assistant', trust: 'untrusted', text: 'a' }
  const turns: Turn[] = [
    { role: 'user', parts: [user('old')] },
    { role: 'assistant', parts: [answer] },
    { role: 'user', parts: [user('one'), { kind: 'uninspected', place: 'user', trust: 'user', media: 'image' }] },
    { role: 'user', parts: [user('two')] },
  ]
  const texts = (where: Place[]) => decidedParts(turns, where).map(({ part }) => part.text)
  expect(texts([{ ...PLACE, turn: 2 }])).toEqual(['one', 'two'])
  expect(texts([{ ...PLACE, turn: 0, newest: false }])).toEqual(['old'])
  expect(texts([{ part: 'assistant', trust: 'untrusted', turn: -1, newest: true }])).toEqual([])
  expect(texts([])).toEqual([])
})
