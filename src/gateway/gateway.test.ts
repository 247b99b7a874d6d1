import { expect, test } from 'vitest'
import { LABELS } from '../core/base/reasons.ts'
import type { Exchange, Turn } from '../core/conversation/exchange.ts'
import type { Decision } from '../core/policy/decision.ts'
import { guardMode } from '../core/policy/guard-mode.ts'
import { type Exception, exceptionBook } from '../core/safeguards/exception.ts'
import { inspect, inspectAll } from './inspect.ts'
import type { Screening } from './passage.ts'
import type { Ports } from './ports.ts'
import { reserve } from './reserve.ts'
import { passedHeaders, upstreamHeaders } from './response-headers.ts'
import type { ScoredTexts } from './scored-texts.ts'

const decision = (some: Partial<Decision>): Decision => ({
  ...{
    action: 'allow',
    would: 'allow',
    reason: null,
    category: null,
    stage: null,
    level: null,
    band: null,
    rule: null,
  },
  ...{ where: [], degraded: [], fallbackModel: null, trustScope: null },
  ...some,
})

test('CL-15: reserve: at 90 % of the spool only allow is answered, at 100 % nothing is', () => {
  const at = (fill: number) => ({ spool: { fill } }) as unknown as Ports
  const unavailable = expect.objectContaining({ code: 'record_unavailable' })
  expect(() => reserve(decision({ action: 'refuse' }), at(0.89))).not.toThrow()
  expect(() => reserve(decision({}), at(0.95))).not.toThrow()
  expect(() => reserve(decision({ action: 'flag' }), at(0.9))).toThrow(unavailable)
  expect(() => reserve(decision({}), at(1))).toThrow(unavailable)
})

test('guard mode: clean leaves at once, grey lags, high is held, observe is never felt', () => {
  const high = decision({ action: 'fall_back', would: 'fall_back', level: 'act' })
  expect(guardMode(decision({}), [], 'enforce')).toBe('annotate')
  expect(guardMode(decision({ action: 'flag', would: 'flag', level: 'abstain' }), [], 'enforce')).toBe('lag')
  expect(guardMode(high, [], 'enforce')).toBe('hold')
  expect(guardMode(high, [], 'observe')).toBe('annotate')
  expect(
    guardMode(decision({}), [{ kind: 'unavailable', detector: 'light', tier: 'light', stage: 'input' }], 'enforce'),
  ).toBe('lag')
})

/** Remembers what it was asked to score, and throws on a word of the test's choice. */
function recording(texts: string[], bad = '\u0000'): ScoredTexts {
  const score = (_stage: string, text: string) => {
    if (text.includes(bad)) throw new Error('a detector failed')
    texts.push(text)
    return new Float64Array(LABELS.length)
  }
  return { score, scoreOnce: score }
}
const exchange = (turns: readonly Turn[], newestFrom = 0): Exchange => ({
  ...{
    surface: 'messages',
    model: 'm',
    stream: false,
    turns,
    newestFrom,
    maxOutputTokens: null,
    session: null,
    customer: null,
  },
  wants: {
    fallbackBlock: false,
    fallbackMembers: false,
    jsonSchema: false,
    includeUsage: false,
    choices: 1,
    fixedShape: false,
  },
  fallback: { kind: 'none' },
  credit: null,
})
const user = (text: string): Turn => ({ role: 'user', parts: [{ kind: 'text', place: 'user', trust: 'user', text }] })
const ambient = (role: 'user' | 'tool', place: 'document' | 'tool_result', text: string): Turn => ({
  role,
  parts: [{ kind: 'text', place, trust: 'untrusted', text }],
})
const page = (text: string) => ambient('user', 'document', text)
const tool = (text: string) => ambient('tool', 'tool_result', text)
const answer: Turn = { role: 'assistant', parts: [] }

test('inspect: what is asked now is read apart from history and from ambient text; texts of one kind run on', () => {
  const texts: string[] = []
  const { findings, chars } = inspect(
    exchange([user('old'), page('result'), user('one'), user('two')], 1),
    null,
    recording(texts),
  )
  expect(texts).toEqual(['old', 'result', 'one\ntwo', '\nold\none\ntwo'])
  expect(findings.map((finding) => finding.kind === 'scored' && [finding.place.part, finding.place.newest])).toEqual([
    ['document', true],
    ['user', true],
    ['user', false],
    ['user', false],
  ])
  expect(chars).toBe(16)
})

test('inspect: what was asked before and is asked still counts as new, for the answer too; so does a system prompt alone', () => {
  const asks = (turns: readonly Turn[], newestFrom: number) => {
    const { findings, asked } = inspect(exchange(turns, newestFrom), null, recording([]))
    const places = findings.flatMap((finding) => (finding.kind === 'scored' ? [finding.place] : []))
    const counted = places.filter(({ newest, trust }) => newest && trust === 'user')
    return [asked !== null, counted.map(({ part, turn }) => `${part} ${turn}`)]
  }
  expect(asks([user('old'), answer, tool('result')], 2)).toEqual([true, ['user 0']])
  expect(asks([user('old'), answer, user('older'), answer, user('go on')], 4)).toEqual([true, ['user 2', 'user 4']])
  expect(asks([user('old'), answer, user('new')], 2)).toEqual([true, ['user 2']])
  const system: Turn = { role: 'system', parts: [{ kind: 'text', place: 'system', trust: 'system', text: 'be brief' }] }
  expect(asks([system], 0)).toEqual([true, ['system 0']])
  expect(asks([system, user('new')], 0)).toEqual([true, ['user 1']])
  expect(asks([page('result')], 0)).toEqual([false, []])
})

test('CL-7: inspect: what is asked in a language that the model cannot read says so; what is only brought along does not', () => {
  const foreign = 'היכן נמצאת הספרייה הקרובה ביותר לביתי'
  const found = (turns: readonly Turn[], newestFrom = 0) =>
    inspect(exchange(turns, newestFrom), null, recording([])).findings.flatMap((one) =>
      one.kind === 'uninspected' ? [`${one.media} ${one.place.part} ${one.place.turn}`] : [],
    )
  expect(found([user(foreign)])).toEqual(['unknown_language user 0'])
  expect(found([user(foreign), answer, user('go on')], 2)).toEqual(['unknown_language user 0'])
  expect(found([user(foreign), answer, user('Thank you. What is the weather like?')], 2)).toEqual([])
  expect(found([page(foreign), user('what is this?')])).toEqual([])
})

test('SR-12: an exception never lifts a control, and costs a caller without one nothing', () => {
  const digest = () => 'hash'
  const who = { org: 'acme', principal: 'key_1' } as unknown as Pick<Exception, 'org' | 'principal'>
  const exception = {
    ...{ id: 'exc_1', ...who, reasons: ['control.suspended', 'harm.cyber'], parts: ['hash'] },
    ...{ fromMs: 0, untilMs: 10, revokedAtMs: null },
  } as unknown as Exception
  const texts: string[] = []
  const read = (caller: object) => {
    const state = {
      rules: null,
      families: null,
      suspended: new Map([['m', {}]]),
      exceptions: exceptionBook([exception], digest),
    }
    const screening = { exchange: exchange([user('one')]), state, caller, atMs: 5 } as unknown as Screening
    return inspectAll(screening, { texts: recording(texts), families: null, rules: null })
  }
  expect(read(who).findings.map(({ kind }) => kind)).toEqual(['control', 'scored', 'skipped'])
  texts.length = 0
  expect(read({ ...who, principal: 'key_2' }).findings.map(({ kind }) => kind)).toEqual(['control', 'scored'])
  expect(texts).toEqual(['one'])
})

test('CL-15: inspect: a classifier that throws is a finding, and the other parts are still read', () => {
  const texts: string[] = []
  const { findings } = inspect(exchange([tool('boom'), user('fine')]), null, recording(texts, 'boom'))
  expect(findings.map(({ kind }) => kind)).toContain('unavailable')
  expect(texts).toContain('fine')
})

test('CL-15: inspect: so is what looks for reported techniques, and the scores of the text still count', () => {
  const throws = () => {
    throw new Error('a detector failed')
  }
  const families = { match: throws, score: throws, open: throws }
  const texts: string[] = []
  const still = exchange([user('fine'), { role: 'assistant', parts: [] }, user('go on')], 2)
  const { findings } = inspect(still, null, recording(texts), families)
  expect(findings.filter(({ kind }) => kind === 'unavailable')).toEqual([
    { kind: 'unavailable', detector: 'light', tier: 'light', stage: 'input' },
  ])
  expect(findings.filter((one) => one.kind === 'scored' && one.place.newest)).toHaveLength(2)
})

test('headers: what concerns one connection, Sluice, or another host does not go upstream', () => {
  const forwarded = upstreamHeaders(
    {
      host: 'h',
      connection: 'close, X-Named',
      'x-named': '1',
      cookie: 'c',
      'x-sluice-mode': 'off',
      'content-encoding': 'gzip',
      'anthropic-new': 'kept',
      te: 'x',
    },
    false,
    'caller',
    'anthropic',
  )
  expect(forwarded).toEqual({ 'anthropic-new': 'kept', 'accept-encoding': 'identity' })
  expect(
    passedHeaders(
      { 'set-cookie': ['a'], 'x-sluice-action': 'allow', 'transfer-encoding': 'chunked', 'retry-after': '3' },
      { stripRateLimitHeaders: false },
    ),
  ).toEqual({ 'retry-after': '3' })
})
