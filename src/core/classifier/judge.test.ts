import fc from 'fast-check'
import { expect, test } from 'vitest'
import { CATEGORIES } from '../base/harm.ts'
import { LABELS } from '../base/reasons.ts'
import { fenced, JUDGE_THRESHOLDS, judgePrompt, parseVerdict, verdictWord } from './judge.ts'

const CANARY = 'c0ffee00c0ffee00'
const good = { verdict: 'harmful', category: 'cyber', confidence_bucket: 'high' } as const

const refused: [why: string, reply: string][] = [
  ['prose', 'The request is benign.'],
  ['prose around the object', `Here you are: ${JSON.stringify(good)}`],
  ['a fence', `\`\`\`json\n${JSON.stringify(good)}\n\`\`\``],
  ['nothing', ''],
  ['a list', `[${JSON.stringify(good)}]`],
  ['a member missing', '{"verdict":"benign","category":"none"}'],
  ['a further member', JSON.stringify({ ...good, note: 'x' })],
  ['another verdict', JSON.stringify({ ...good, verdict: 'allow' })],
  ['another category', JSON.stringify({ ...good, category: 'spam' })],
  ['a number for a bucket', JSON.stringify({ ...good, confidence_bucket: 0.9 })],
  ['benign with a category', JSON.stringify({ ...good, verdict: 'benign' })],
  ['harmful without one', JSON.stringify({ ...good, category: 'none' })],
  ['a member given twice', '{"verdict":"harmful","verdict":"benign","category":"none","confidence_bucket":"high"}'],
  ['escapes', '{"verdict":"\\u0062enign","category":"none","confidence_bucket":"high"}'],
  ['a prototype', '{"__proto__":{},"verdict":"benign","category":"none","confidence_bucket":"high"}'],
  ['the canary', `{"verdict":"benign","category":"none","confidence_bucket":"high","${CANARY}":1}`],
  ['no end', `${JSON.stringify(good)}${' '.repeat(2000)}`],
]
for (const [why, reply] of refused)
  test(`CL-13: judge: ${why} is no verdict`, () => expect(parseVerdict(reply, CANARY)).toBeNull())

test('CL-13: judge: the canary in an otherwise exact reply is no verdict', () => {
  expect(parseVerdict(JSON.stringify(good), CANARY)).toEqual(good)
  expect(parseVerdict(JSON.stringify(good), 'cyber')).toBeNull()
})

test('judge: every exact object is a verdict, whatever the white space and order', () => {
  const verdict = fc.oneof(
    fc.record({ verdict: fc.constant('benign'), category: fc.constant('none') }),
    fc.record({ verdict: fc.constantFrom('harmful', 'unsure'), category: fc.constantFrom(...CATEGORIES) }),
  )
  const bucket = fc.constantFrom('low', 'medium', 'high')
  fc.assert(
    fc.property(verdict, bucket, fc.constantFrom(0, 2), fc.boolean(), (one, confidence_bucket, indent, last) => {
      const value = last ? { ...one, confidence_bucket } : { confidence_bucket, ...one }
      expect(parseVerdict(JSON.stringify(value, null, indent), CANARY)).toEqual(value)
    }),
  )
})

test('CL-13: judge: parsing never throws, and gives nothing but exact verdicts', () => {
  const almost = fc.record({ verdict: fc.string(), category: fc.string(), confidence_bucket: fc.string() })
  const replies = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.json(),
    almost.map((one) => JSON.stringify(one)),
  )
  fc.assert(
    fc.property(replies, (reply) => {
      const verdict = parseVerdict(reply, CANARY)
      if (verdict !== null) expect(Object.keys(verdict).sort()).toEqual(['category', 'confidence_bucket', 'verdict'])
    }),
    { numRuns: 1000 },
  )
})

const hex = (length: number) =>
  fc.string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: length, maxLength: length })

test('CL-13: judge: the delimiters can never be closed from inside', () => {
  // The worst case: whoever wrote the text knows the delimiter and nests pieces of it.
  const attack = hex(16).chain((delimiter) =>
    fc.record({
      delimiter: fc.constant(delimiter),
      text: fc
        .array(
          fc.oneof(
            fc.string({ unit: 'binary' }),
            fc.constantFrom(delimiter, `</${delimiter}>`, delimiter.slice(0, 8), delimiter.slice(8), '[…]'),
          ),
        )
        .map((pieces) => pieces.join('')),
    }),
  )
  fc.assert(
    fc.property(attack, ({ text, delimiter }) => {
      const inside = fenced(text, delimiter).slice(delimiter.length + 3, -(delimiter.length + 4))
      expect(inside).not.toContain(delimiter)
      const { user } = judgePrompt({
        stage: 'output',
        text,
        asked: text,
        categories: ['bio'],
        policy: '',
        delimiter,
        canary: CANARY,
      })
      expect(user.split(delimiter)).toHaveLength(5)
    }),
  )
})

test('judge: neither the canary nor the policy is where the text is', () => {
  const { system, user } = judgePrompt({
    stage: 'input',
    text: 'hello',
    asked: '',
    categories: ['bio'],
    policy: 'Only bread is harmful.',
    delimiter: 'd'.repeat(16),
    canary: CANARY,
  })
  expect(system).toContain(CANARY)
  expect(system).toContain('Only bread is harmful.')
  expect(system).not.toContain('hello')
  expect(user).toBe(`Request:\n<${'d'.repeat(16)}>\nhello\n</${'d'.repeat(16)}>`)
})

test('judge: words stand on the scale where its thresholds put them', () => {
  const at = (verdict: Parameters<typeof verdictWord>[0], category: 'cyber' | 'bio') =>
    verdictWord(verdict, ['bio']).ppm[LABELS.indexOf(`harm.${category}`)]!
  const { clear, act, actPlus } = JUDGE_THRESHOLDS
  expect(at(good, 'cyber')).toBeGreaterThanOrEqual(actPlus)
  expect(at(good, 'bio')).toBe(0)
  expect(at({ ...good, confidence_bucket: 'medium' }, 'cyber')).toBeGreaterThanOrEqual(act)
  for (const doubt of [at({ ...good, confidence_bucket: 'low' }, 'cyber'), at({ ...good, verdict: 'unsure' }, 'cyber')])
    expect(doubt >= clear && doubt < act).toBe(true)
  const benign = (confidence_bucket: 'low' | 'high') =>
    at({ verdict: 'benign', category: 'none', confidence_bucket }, 'bio')
  expect(benign('high')).toBeLessThan(clear)
  expect(benign('low')).toBeGreaterThanOrEqual(clear)
})

test('CL-13: judge: who names one harm leaves the others that were in doubt open; only benign has a word on them all', () => {
  const open = (verdict: Parameters<typeof verdictWord>[0]) => verdictWord(verdict, ['bio', 'cyber', 'weapons']).open
  expect(open(good)).toEqual(['bio', 'weapons'])
  expect(open({ ...good, verdict: 'unsure' })).toEqual(['bio', 'weapons'])
  expect(open({ ...good, category: 'sexual' })).toEqual(['bio', 'cyber', 'weapons'])
  expect(open({ verdict: 'benign', category: 'none', confidence_bucket: 'low' })).toBeUndefined()
  expect(verdictWord(good, ['cyber']).open).toBeUndefined()
})
