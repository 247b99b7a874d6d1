import fc from 'fast-check'
import { RE2JS } from 're2js'
import { expect, test } from 'vitest'
import { aBundle } from '../../test/fakes/a-bundle.ts'
import { aReceipt } from '../../test/fakes/a-receipt.ts'
import { LABELS } from '../core/base/reasons.ts'
import type { Place } from '../core/policy/finding.ts'
import { foldedText, PhraseFinder } from '../core/safeguards/phrases.ts'
import type { Rule } from '../core/safeguards/rules.ts'
import { DraftCorpus, type DraftExchange } from './draft-corpus.ts'
import { requiredLiteral } from './required-literal.ts'

const { policy } = aBundle()
const place: Place = { part: 'user', trust: 'user', turn: 0, newest: true }
const rule = (facts: Partial<Rule> = {}): Rule => ({
  ...{ name: 'draft', stage: 'input', action: 'refuse', category: 'cyber', phrases: [], patterns: [] },
  ...facts,
})

function exchange(i: number, text: string, facts: Partial<DraftExchange> = {}, ppm = 0): DraftExchange {
  const { input } = aReceipt().steps[0]!
  const scores = LABELS.map((label) => (label === 'harm.bio' ? ppm : 0))
  const [found] = input.findings
  return {
    ...{ id: `dec_${i}`, org: 'acme', segment: 'other', language: 'en', atMs: i },
    texts: [{ stage: 'input', place, text }],
    steps: [{ ...input, fallbackModel: 'small', findings: [{ ...found!, ppm: scores } as never] }],
    ...facts,
  }
}

/** A clock that moves by one with every look at it. */
function corpusOf(exchanges: readonly DraftExchange[], step = 0): DraftCorpus {
  let now = 0
  let state = 7
  const random = () => ((state = (state * 16_807) % 2_147_483_647) - 1) / 2_147_483_646
  const corpus = new DraftCorpus(policy, () => (now += step), random)
  for (const one of exchanges) corpus.add(one)
  return corpus
}

test('SR-8: hits, new refusals and new diversions by segment, and the exchanges by id', () => {
  const corpus = corpusOf([
    exchange(1, 'Please FIX  this code', { segment: 'debugging' }),
    exchange(2, 'please fix this code', { segment: 'debugging' }, 750_000),
    exchange(3, 'weather', {}),
    exchange(4, 'こノコードを\n直して', { org: 'birch' }),
  ])
  const score = corpus.score({ rule: rule({ phrases: ['fix this', 'コードを 直して'] }) }, 1000)
  expect(score).toMatchObject({ exchanges: 4, hits: 3, newlyRefused: 3, newlyDiverted: 0, complete: true, loaded: 4 })
  expect(score.bySegment).toMatchObject([
    { name: 'debugging', exchanges: 2, hits: 2, newlyRefused: 2 },
    { name: 'other', exchanges: 2, hits: 1 },
  ])
  expect([...score.changed].sort()).toEqual(['dec_1', 'dec_2', 'dec_4'])
  expect(score.share!.lo).toBeLessThan(0.75)
  // What is diverted already is no new diversion.
  const milder = corpus.score({ rule: rule({ phrases: ['fix this'], action: 'fall_back' }) }, 1000)
  expect(milder).toMatchObject({ hits: 2, newlyDiverted: 1 })
})

test('SR-8: a budget of time gives the first numbers, and the same draft goes on where it stopped', () => {
  // Every look at the clock is a millisecond: ten looks at 64 exchanges each.
  const corpus = corpusOf(
    Array.from({ length: 2000 }, (_, i) => exchange(i, i % 4 === 0 ? 'needle' : 'hay')),
    1,
  )
  const draft = { rule: rule({ phrases: ['needle'] }) }
  const first = corpus.score(draft, 10)
  expect(first.complete).toBe(false)
  expect(first.exchanges).toBe(576)
  expect(first.share!.lo).toBeLessThan(0.25)
  expect(first.share!.hi).toBeGreaterThan(0.25)
  let last = first
  let asked = 1
  for (; !last.complete; asked++) last = corpus.score(draft, 10)
  expect(asked).toBe(Math.ceil(2000 / 576))
  expect(last).toMatchObject({ exchanges: 2000, hits: 500 })
  // Another draft begins anew; one that is not all loaded is not complete.
  expect(corpus.score({ rule: rule({ phrases: ['hay'] }) }, 10).exchanges).toBe(576)
  expect(corpus.score(draft, 1e9, 5000)).toMatchObject({ complete: false, loaded: 2000, kept: 5000 })
})

test('drafts: an exchange that comes while a draft is looked at is counted once, and what expires is gone', () => {
  const corpus = corpusOf(
    Array.from({ length: 100 }, (_, i) => exchange(i, 'needle')),
    1,
  )
  const draft = { rule: rule({ phrases: ['needle'] }) }
  expect(corpus.score(draft, 2).exchanges).toBe(64)
  for (let i = 100; i < 150; i++) corpus.add(exchange(i, 'shovel'))
  const all = corpus.score(draft, 1e9)
  expect(all).toMatchObject({ exchanges: 150, hits: 100, complete: true })
  const before = corpus.characters
  corpus.expire(50)
  expect(corpus.score(draft, 1e9)).toMatchObject({ exchanges: 100, hits: 50 })
  expect(corpus.characters).toBe(Math.round((before * 100) / 150))
})

test('drafts: thresholds are tried on findings alone, and only what is decided otherwise is a hit', () => {
  const corpus = corpusOf([exchange(1, 'a', {}, 750_000), exchange(2, 'b', {}, 450_000), exchange(3, 'c', {}, 10)])
  const bio = { ...policy.harms.bio, input: { clear: 500_000, act: 800_000, actPlus: 900_000 } }
  const looser = { ...policy, harms: { ...policy.harms, bio } }
  expect(corpus.score({ policy: looser }, 1000)).toMatchObject({
    exchanges: 3,
    hits: 1,
    newlyFreed: 1,
    changed: ['dec_2'],
  })
  expect(corpus.score({ policy }, 1000)).toMatchObject({ exchanges: 3, hits: 0 })
})

test('drafts: what cannot be matched is named', () => {
  const corpus = corpusOf([exchange(1, 'a')])
  const tried = (facts: Partial<Rule>) => () => corpus.score({ rule: rule(facts) }, 10)
  expect(tried({ patterns: ['a', '('] })).toThrow('patterns.1: is not valid RE2')
  expect(tried({ phrases: ['\u200b'] })).toThrow('phrases.0: holds no character that is read')
})

const letters = fc.string({
  unit: fc.constantFrom('a', 'B', 'ｂ', ' ', '\n', 'カ', 'ｶ', 'ﾞ', 'é', 'ß', '\u200b'),
  maxLength: 12,
})

test('folded text: a phrase is part of it exactly where the finder finds it', () => {
  fc.assert(
    fc.property(letters, letters, (text, phrase) => {
      fc.pre(foldedText(phrase) !== '')
      expect(foldedText(text).includes(foldedText(phrase))).toBe(new PhraseFinder([phrase]).find(text).has(0))
    }),
    { numRuns: 2000 },
  )
  expect(foldedText('x'.repeat(5000))).toBe('x'.repeat(5000))
})

test('required literal: every match of a pattern holds it', () => {
  for (const [pattern, literal] of [
    ['abc+d', 'abc'],
    ['ab?cde', 'cde'],
    ['(abc)?xy', 'xy'],
    ['abc|d', ''],
    ['(?i)abc', ''],
    ['[abc]def{0,3}g', 'de'],
    ['a\\.bcd', 'bcd'],
    ['\\Qa.b\\E', ''],
    ['^直して$', '直して'],
  ])
    expect([pattern, requiredLiteral(pattern!)]).toEqual([pattern, literal])
  const piece = fc.constantFrom(
    'a',
    'b',
    'ab',
    'a?',
    'b*',
    'b+',
    '(ab)',
    '(ba)?',
    '[ab]',
    '[^a]',
    'a{0,2}',
    '\\w',
    '.',
    '^',
    '$',
  )
  fc.assert(
    fc.property(
      fc.array(piece, { maxLength: 6 }),
      fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 8 }),
      (pieces, text) => {
        const pattern = pieces.join('')
        if (RE2JS.compile(pattern).test(text)) expect(text).toContain(requiredLiteral(pattern))
      },
    ),
    { numRuns: 3000 },
  )
})

test('a draft is compared with what enforces now: another policy decides again what was decided before', () => {
  const corpus = corpusOf([exchange(1, 'please fix this code', {}, 750_000), exchange(2, 'fix this too', {})])
  const draft = { rule: rule({ phrases: ['fix this'] }) }
  expect(corpus.score(draft, 1000)).toMatchObject({ hits: 2, newlyRefused: 2 })
  const never = { clear: 1_000_001, act: 1_000_001, actPlus: 1_000_001 }
  const bio = policy.harms.bio
  const ofInput = (input: typeof never) => ({ ...policy, harms: { ...policy.harms, bio: { ...bio, input } } })
  const freed = { policy: ofInput(never) }
  expect(corpus.score(freed, 1000)).toMatchObject({ hits: 1, newlyFreed: 1 })
  // Released, the same thresholds change nothing any more; and a way back is what would divert.
  corpus.compareWith(ofInput(never))
  expect(corpus.score(freed, 1000)).toMatchObject({ hits: 0, newlyFreed: 0 })
  expect(corpus.score({ policy }, 1000)).toMatchObject({ hits: 1, newlyFreed: 0 })
  expect(corpus.score(draft, 1000)).toMatchObject({ hits: 2, newlyRefused: 2 })
})
