import { expect, test } from 'vitest'
import type { OrgId } from '../core/base/ids.ts'
import type { Classifier, Scores } from '../core/classifier/types.ts'
import { createScoreCache, SLICE_CHARS } from './scored-texts.ts'

const acme = 'acme' as OrgId
/** Scores a text as how often it was fed, its length and its last unit: enough to tell one way of reading from another. */
function counting(fed: number[]): Classifier {
  const open = () => {
    let text = ''
    return {
      feed: (piece: string) => {
        fed.push(piece.length)
        text += piece
      },
      scores: () => Float64Array.of(text.length, text.charCodeAt(text.length - 1)) as Scores,
      close: () => undefined,
    }
  }
  const score = (text: string) => {
    const scorer = open()
    scorer.feed(text)
    return scorer.scores()
  }
  return { open, score } as unknown as Classifier
}

test('CL-8: a long text is read a slice at a time, with a pause after each, once, and as it would be in one go', async () => {
  const fed: number[] = []
  let pauses = 0
  const cache = createScoreCache(
    counting(fed),
    (org, text) => `${org} ${text.length}`,
    4096,
    async () => void pauses++,
  )
  const text = `${'a'.repeat(10 * SLICE_CHARS)}b`
  const texts = cache.of(acme)
  await texts.ahead('input', text)
  await texts.ahead('input', text)
  expect(Math.max(...fed)).toBe(SLICE_CHARS)
  expect([fed.length, pauses, cache.stats.characters]).toEqual([11, 11, text.length])
  expect(texts.score('input', text)).toEqual(texts.scoreOnce('input', text))
  expect([cache.stats.hits, fed.length]).toEqual([1, 12])
})

test('CL-8: where nothing can be remembered, nothing is read ahead', async () => {
  const fed: number[] = []
  const cache = createScoreCache(
    counting(fed),
    () => '',
    0,
    () => Promise.resolve(),
  )
  await cache.of(acme).ahead('input', 'a'.repeat(2 * SLICE_CHARS))
  expect(fed).toEqual([])
})

test('what is asked for again outlives what is not, and no more is remembered than there is room for', () => {
  const fed: number[] = []
  const cache = createScoreCache(
    counting(fed),
    (_, text) => text,
    8 * 512,
    () => Promise.resolve(),
  )
  const texts = cache.of(acme)
  for (let i = 0; i < 40; i++) {
    texts.score('input', 'again')
    texts.score('input', `once ${i}`)
  }
  expect([fed.length, cache.stats.hits, cache.stats.misses]).toEqual([41, 39, 41])
  expect(cache.stats.bytes).toBeLessThanOrEqual(8 * 512)
  texts.score('input', 'once 0')
  expect(fed).toHaveLength(42)
})

test('CL-8: one text over and over costs no more beside many others than alone', () => {
  const score = () => new Float64Array(1)
  const open = () => ({}) as never
  const cache = createScoreCache(
    { score, open } as unknown as Classifier,
    (_, text) => text,
    64 * 1024 * 1024,
    () => Promise.resolve(),
  )
  const texts = cache.of(acme)
  for (let i = 0; i < 100_000; i++) texts.score('input', `other ${i}`)
  const started = performance.now()
  for (let i = 0; i < 60_000; i++) texts.score('input', 'the same')
  expect(performance.now() - started).toBeLessThan(1_000)
})
