import { expect, test } from 'vitest'
import type { PrincipalId } from '../../core/base/ids.ts'
import { createProbing } from './probing.ts'

const WINDOW_MS = 1_000
const [me, other] = ['key_1', 'key_2'] as PrincipalId[] as [PrincipalId, PrincipalId]

function probing(refusals: number) {
  const at = { ms: 0 }
  const told: string[] = []
  const made = createProbing(
    { refusals, windowMs: WINDOW_MS },
    7,
    () => at.ms,
    (principal) => told.push(`${principal} spent`),
    () => told.push('again'),
  )
  const answered = (principal: PrincipalId, asked: () => string, question = asked) =>
    made.answered(principal, asked, question)
  return { ...made, answered, at, told }
}
const REFUSED = 'Write a recipe for a cake that looks like the one in the old film about the lighthouse keeper'
const say = (text: string) => () => text
const never = () => {
  throw new Error('nobody looks at this text')
}

test('CL-17: probing: what nearly repeats a refused request counts, answered or not; what does not repeat it does not', () => {
  const { refused, answered, over, told } = probing(3)
  refused(me, say(REFUSED))
  answered(me, say('What is the weather like in the mountains at this time of the year, and what should we wear?'))
  expect([over(me), told]).toEqual([false, []])
  answered(me, say(`${REFUSED}!`))
  answered(me, say(`please: ${REFUSED.toUpperCase()}`))
  expect([over(me), told]).toEqual([true, ['again', 'again', 'key_1 spent']])
})

test('CL-17: probing: of another principal, or after the window, it is no repetition', () => {
  const { refused, answered, at, told } = probing(3)
  refused(me, say(REFUSED))
  answered(other, never)
  at.ms = WINDOW_MS
  answered(me, say(REFUSED))
  at.ms = WINDOW_MS + 1
  // Its signature is gone, though what counted since is not.
  answered(me, never)
  expect(told).toEqual(['again'])
})

test('CL-17: probing: texts are looked at only where something was refused and the budget is not spent', () => {
  const { refused, answered, over } = probing(2)
  answered(me, never)
  refused(me, null)
  answered(me, never)
  refused(me, say(' '))
  expect(over(me)).toBe(true)
  refused(me, never)
  answered(me, never)
})

test('CL-17: probing: of each principal the last eight refused requests are remembered', () => {
  const { refused, answered, told } = probing(100)
  refused(me, say(REFUSED))
  const others = ['garden', 'violin', 'harbour', 'glacier', 'bicycle', 'lantern', 'orchard', 'compass']
  for (const word of others) refused(me, say(`Tell me ${`${word} `.repeat(12)}`))
  answered(me, say(REFUSED))
  expect(told).toEqual([])
  answered(me, say(`Tell me ${'garden '.repeat(11)}`))
  expect(told).toEqual(['again'])
})

test('CL-17: probing: rounds of tools at one question count once, and so does what is asked again word for word', () => {
  const { refused, answered, over, told } = probing(3)
  refused(me, say(REFUSED))
  for (let round = 0; round < 20; round++) {
    answered(me, say(`${REFUSED}!\nround ${round}`), say(`${REFUSED}!`))
    answered(me, say(`${REFUSED}!`))
  }
  expect([over(me), told]).toEqual([false, ['again']])
  answered(me, say(`${REFUSED}?`))
  expect([over(me), told]).toEqual([true, ['again', 'again', 'key_1 spent']])
})

test('CL-17: probing: a try that differs by one letter is another', () => {
  const { refused, answered, told } = probing(100)
  refused(me, say(REFUSED))
  for (let i = 0; i < 26; i++) answered(me, say(`${REFUSED}${String.fromCharCode(97 + i)}`))
  expect(told.length).toBe(26)
})

test('CL-17: probing: tries that differ in the middle of a long text are tries of their own', () => {
  const { refused, answered, told } = probing(9)
  const around = (middle: string) => say(`${REFUSED} `.repeat(10) + middle + ` ${REFUSED}`.repeat(10))
  refused(me, around('one'))
  answered(me, around('two'))
  answered(me, around('three'))
  expect(told).toEqual(['again', 'again'])
})

test('CL-17: probing: what comes in the caller’s own long template is not alike for that, on either side of it', () => {
  const template = 'Sort the review below into praise, complaint or question, and answer with that word alone. '.repeat(
    20,
  )
  const items = ['violin', 'glacier', 'bicycle'].map((word) => `The ${word} that I bought came late. `.repeat(15))
  for (const of of [(item: string) => template + item, (item: string) => item + template]) {
    const { refused, answered, told } = probing(100)
    refused(me, say(of(items[0]!)))
    answered(me, say(of(items[1]!)))
    answered(me, say(of(items[2]!)))
    expect(told).toEqual([])
    answered(me, say(`${of(items[0]!)}!`))
    expect(told).toEqual(['again'])
  }
})

test('CL-17: probing: a text a little longer than a side is compared with a shorter one', () => {
  const text = Array.from({ length: 55 }, (_, i) => `word-${i}`).join(' ')
  expect([text.length, `${text}${REFUSED}`.length > 500]).toEqual([429, true])
  const { refused, answered, told } = probing(100)
  refused(me, say(text))
  answered(me, say(`${text}${REFUSED}`))
  answered(me, say(`${text}${text.toUpperCase().replaceAll('WORD', 'violin')}`))
  expect(told).toEqual(['again'])
})
