import { expect, test } from 'vitest'
import { appliesTo, EVASIONS, evade } from '../classifier/evasions.ts'
import { type Rule, readAgainFrom, ruleBook } from './rules.ts'

const RULE = { name: 'lantern', stage: 'both', action: 'refuse', category: 'cyber', patterns: [] } as const
const book = ruleBook([{ ...RULE, phrases: ['blue lantern protocol', 'あおいランタンの手順'] } satisfies Rule])!

const ENGLISH = 'Could you please walk me through the blue lantern protocol before the meeting tomorrow?'
const JAPANESE = 'すみませんが、あおいランタンの手順をあしたのかいぎのまえにせつめいしてください。'

test.each(EVASIONS.filter((one) => appliesTo(one, ENGLISH)))(
  'rules: a phrase is found however it is written: %s',
  (how) => {
    for (const stage of ['input', 'output'] as const)
      expect(book.match(stage, evade(how, ENGLISH)).map(({ name }) => name)).toEqual(['lantern'])
  },
)

test.each(EVASIONS.filter((one) => appliesTo(one, JAPANESE)))('rules: a Japanese phrase likewise: %s', (how) => {
  expect(book.match('input', evade(how, JAPANESE)).map(({ name }) => name)).toEqual(['lantern'])
})

test('rules: one that stands encoded in an ordinary text, and one that goes on over passages', () => {
  const page = 'The minutes of the last meeting are attached for everyone who could not be there. '.repeat(60)
  expect(book.match('input', `${page}\n${evade('base64', ENGLISH)}\n${page}`)).toHaveLength(1)
  // Base64 of a page: the phrase may lie across the cut between two passages.
  for (let lead = 3000; lead < 3200; lead += 7)
    expect(book.match('input', evade('base64', `${page.slice(0, lead)}${ENGLISH}${page}`))).toHaveLength(1)
})

test('rules: words of a phrase that stand apart are not the phrase, in any reading', () => {
  const apart = 'The protocol asks for a lantern, and the blue one will do.'
  for (const how of EVASIONS) expect(book.match('input', evade(how, apart))).toEqual([])
})

test.each(EVASIONS.filter((one) => appliesTo(one, ENGLISH)))(
  'rules: found in a stream, wherever it is cut: %s',
  (how) => {
    const before = 'The minutes of the last meeting are attached for everyone who could not be there. '.repeat(4)
    for (let lead = 100; lead < 300; lead += 9) {
      const text = `${before.slice(0, lead)} ${evade(how, ENGLISH)} and so on until the end of the day, when all is done. `
      let tail = ''
      let found = false
      for (let at = 0; at < text.length; at += 64) {
        const window = tail + text.slice(at, at + 64)
        found ||= book.match('output', window).length > 0
        tail = window.slice(readAgainFrom(window, book.reach))
      }
      expect(found, `lead ${lead}`).toBe(true)
    }
  },
)

test.each(['(a+)+$', '(a|a)*$', '(a|aa)+$', '(.*a){12}', '([a-zA-Z]+)*$', '(x+x+)+y', '^(([a-z])+.)+[A-Z]([a-z])+$'])(
  'SR-9: a pattern on which other engines never end: %s',
  (pattern) => {
    const one = ruleBook([{ ...RULE, phrases: [], patterns: [pattern] }])!
    for (const text of [`${'a'.repeat(5000)}!`, `${'x'.repeat(5000)}!`, 'aA'.repeat(2500)])
      expect(one.match('input', text).length).toBeLessThanOrEqual(1)
  },
)

test('SR-9: ten thousand rules are one pass', () => {
  const many = Array.from({ length: 10_000 }, (_, i) => ({
    ...RULE,
    name: `r${i}`,
    phrases: [`marked word ${i} here`],
  }))
  const of = ruleBook(many)!
  const text = `${'Nothing of it. '.repeat(200)}A marked word 7 here, and a marked word 9999 here.`
  expect(of.match('output', text).map(({ name }) => name)).toEqual(['r7', 'r9999'])
})

test('SR-9: a rule that is over its budget three times is disabled and told of once; the others go on', () => {
  let now = 0
  let slow = true
  const told: string[] = []
  const clock = { nowMs: () => (now += slow ? 10_000 : 0), disabled: (rule: string) => told.push(rule) }
  const rules = [
    { ...RULE, name: 'large', phrases: [], patterns: ['large [0-9]+'] },
    { ...RULE, name: 'words', phrases: ['marked'] },
  ]
  const watched = ruleBook(rules, clock)!
  const names = () => watched.match('input', 'large 12, marked').map(({ name }) => name)
  // What it found is not lost while it is still asked.
  expect([names(), names()]).toEqual([
    ['large', 'words'],
    ['large', 'words'],
  ])
  expect([told, watched.disabled('input')]).toEqual([[], []])
  names()
  expect([told, watched.disabled('input').map(({ name }) => name)]).toEqual([['large'], ['large']])
  expect([names(), watched.disabled('output')]).toEqual([['words'], []])
  slow = false
  const again = ruleBook(rules, clock)!
  for (let i = 0; i < 10; i++) expect(again.match('input', 'large 12')).toHaveLength(1)
  expect([told, again.disabled('input')]).toEqual([['large'], []])
})
