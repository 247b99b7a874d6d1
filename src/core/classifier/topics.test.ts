import fc from 'fast-check'
import { expect, test } from 'vitest'
import { SEGMENTS } from '../base/segments.ts'
import { columnSums, TOPIC_CHARS, topicOf } from './topics.ts'
import { TOPIC_SETTINGS, type TopicSample, trainTopics } from './train-topics.ts'

const SETTINGS = { ...TOPIC_SETTINGS, bits: 10 }
const made = (segment: TopicSample['segment'], words: string): TopicSample[] =>
  Array.from({ length: 60 }, (_, i) => ({ text: `${words} number ${i * 37}`, segment, weight: 1 }))
const samples = [
  ...made('legal', 'redline the clause of this contract'),
  ...made('debugging', 'the function throws when the list is empty'),
  ...made('debugging', '配列が空のとき関数が例外を投げる'),
  ...made('other', 'what should we have for dinner'),
]
const topics = trainTopics(samples, SETTINGS)

test('topics: a text is of the segment whose words it has, in either language; of none, it is `other`', () => {
  expect(topicOf(topics, 'Please redline clause nine of the contract')).toBe('legal')
  expect(topicOf(topics, 'why does this function throw for an empty list?')).toBe('debugging')
  expect(topicOf(topics, '空の配列で例外が出ます')).toBe('debugging')
  expect(topicOf(topics, 'dinner ideas')).toBe('other')
  expect(topicOf(topics, '')).toBe('other')
})

test('topics: what is read is bounded, and what stands behind it says nothing', () => {
  const head = 'redline the clause of this contract '.repeat(20).slice(0, TOPIC_CHARS)
  expect(topicOf(topics, head + 'the function throws when the list is empty '.repeat(2000))).toBe(topicOf(topics, head))
})

test('topics: the same samples and seed give the same columns, another seed others', () => {
  expect(trainTopics(samples, SETTINGS)).toEqual(topics)
  expect(trainTopics(samples, { ...SETTINGS, seed: 2 }).table).not.toEqual(topics.table)
})

test('topics: four columns in a word add up to what each adds up to by itself, however many rows', () => {
  const bits = 4
  const table = fc.int8Array({ minLength: 2 ** bits * SEGMENTS.length, maxLength: 2 ** bits * SEGMENTS.length })
  const ids = fc.array(fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }), { maxLength: 600 })
  fc.assert(
    fc.property(
      table,
      fc.oneof(
        ids,
        ids.map((some) => [...some, ...some, ...some]),
      ),
      (weights, hashes) => {
        const plain = SEGMENTS.map((_, k) =>
          hashes.reduce((sum, hash) => sum + weights[(hash >>> (32 - bits)) * SEGMENTS.length + k]!, 0),
        )
        expect([...columnSums(weights, bits, Int32Array.from(hashes))]).toEqual(plain)
      },
    ),
  )
  const least = new Int8Array(2 ** bits * SEGMENTS.length).fill(-128)
  expect(columnSums(least, bits, new Int32Array(600))).toEqual(new Int32Array(SEGMENTS.length).fill(600 * -128))
})
