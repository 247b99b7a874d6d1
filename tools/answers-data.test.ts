import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { ownAnswers, unseenAnswers } from '../src/io/model/read-answers.ts'
import { ANSWER_KINDS, answerRows } from '../src/jobs/answer-rows.ts'
import type { AnswerSeed } from '../src/jobs/training-ports.ts'

/** The answers in `data/answers` and `data/unseen-answers`, as shipped: what their README promises of them. */
const data = join(dirname(fileURLToPath(import.meta.url)), '..', 'data')
const taught = await ownAnswers(data)
const unseen = await unseenAnswers(data)
const texts = (seeds: readonly AnswerSeed[]) =>
  seeds.flatMap(({ asked, complies, declines, near, helps }) => [asked, complies, declines, near, helps])

test('answers data: English and Japanese, and of each writer who teaches nothing 80', () => {
  const count = (seeds: readonly AnswerSeed[], lang: string) => seeds.filter((one) => one.lang === lang).length
  expect([count(taught, 'en'), count(taught, 'ja'), taught.length]).toEqual([732, 512, 1244])
  const writers = ['en-natural', 'en-stranger', 'ja-natural', 'ja-stranger']
  expect([...Map.groupBy(unseen, ({ writer }) => writer)].map(([writer, own]) => [writer, own.length])).toEqual(
    writers.map((writer) => [writer, 80]),
  )
})

test('answers data: no text comes twice, and none of those that measure stands among those that teach', () => {
  const all = [...texts(taught), ...texts(unseen)]
  expect(new Set(all).size).toBe(all.length)
  const ids = [...answerRows(taught, 'train'), ...answerRows(unseen, 'dev')].map(({ id }) => id)
  expect(new Set(ids).size).toBe(ids.length)
})

test('answers data: none long enough to teach; no kind is told by how long it is', () => {
  for (const seeds of [taught, unseen])
    for (const lang of ['en', 'ja']) {
      const own = seeds.filter((one) => one.lang === lang)
      const [complies, declines, helps] = ANSWER_KINDS.map((kind) => own.map((one) => one[kind].length)) as [
        number[],
        number[],
        number[],
      ]
      expect(Math.max(...complies, ...declines, ...helps)).toBeLessThanOrEqual(lang === 'en' ? 750 : 250)
      const sum = (lengths: readonly number[]) => lengths.reduce((a, b) => a + b, 0)
      for (const other of [declines, helps]) {
        expect(sum(complies) / sum(other)).toBeGreaterThan(0.75)
        expect(sum(complies) / sum(other)).toBeLessThan(1.3)
      }
    }
})
