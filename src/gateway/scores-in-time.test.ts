import { expect, test } from 'vitest'
import type { OrgId } from '../core/base/ids.ts'
import type { Classifier, Scores } from '../core/classifier/types.ts'
import { createScoreCache, SLICE_CHARS } from './scored-texts.ts'
import { scoresInTime } from './scores-in-time.ts'

/** A classifier that takes one millisecond for a slice or less, by a clock of the test's. */
function measured(withinMs: number) {
  let now = 0
  let fed = 0
  const feed = () => {
    now++
    fed++
  }
  const open = () => ({ feed, scores: () => new Float64Array(1) as Scores, close: () => {} })
  const score = (text: string) => {
    const ms = Math.ceil(text.length / SLICE_CHARS)
    now += ms
    fed += ms
    return new Float64Array(1) as Scores
  }
  const classifier = { open, score } as unknown as Classifier
  const cache = createScoreCache(
    classifier,
    (_, text) => `${text.length} ${text[0]}`,
    1 << 20,
    async () => {},
  )
  const clock = { nowMs: () => now, monotonicMs: () => now, sleep: async () => {}, pause: async () => {} }
  const scores = scoresInTime(cache, withinMs, clock)
  return { scores, texts: scores.of('acme' as OrgId), spent: () => fed, wait: (ms: number) => (now += ms) }
}
const slices = (n: number, letter = 'a') => letter.repeat(n * SLICE_CHARS)

test('CL-15: within half of the time a long text is read ahead, and its scores are there whenever they are asked for', async () => {
  const { scores, texts, spent, wait } = measured(100)
  await texts.ahead('input', slices(50))
  wait(1_000)
  texts.score('input', slices(50))
  expect([scores.missed, spent()]).toEqual([false, 50])
})

test('CL-15: beyond it reading ends, nothing is scored in one go instead, and it is told', async () => {
  const { scores, texts, spent } = measured(100)
  await expect(texts.ahead('input', slices(1_000))).rejects.toThrow()
  expect([scores.missed, spent()]).toEqual([false, 51])
  expect(() => texts.score('input', slices(1_000))).toThrow()
  expect([scores.missed, spent()]).toEqual([true, 51])
})

test('CL-15: when all of the time is over, what is short is scored all the same, one slice in all', () => {
  const { scores, texts, wait } = measured(100)
  wait(101)
  texts.score('input', 'a'.repeat(SLICE_CHARS - 1))
  texts.scoreOnce('input', 'b')
  expect(scores.missed).toBe(false)
  expect(() => texts.score('input', 'c')).toThrow()
  expect(scores.missed).toBe(true)
})
