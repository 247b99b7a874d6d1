import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { EventFacts } from '../core/protocols/adapter.ts'
import { isLarge, takeInSlices } from './event-slices.ts'
import type { StreamGuard, Waiting } from './stream-guard.ts'

/** Takes what it is given, and stops an answer after so many characters. */
function recorder(most: number) {
  const taken: EventFacts[] = []
  const chars = new Map<string, number>()
  let all = 0
  const guard = {
    stopped: null as object | null,
    take(facts: EventFacts): Waiting {
      taken.push(facts)
      const ends = facts.texts.map(({ channel, text }) => {
        all += text.length
        chars.set(channel, (chars.get(channel) ?? 0) + text.length)
        return { channel, end: chars.get(channel)! }
      })
      if (all > most) guard.stopped = {}
      const sum = facts.texts.reduce((total, { text }) => total + text.length, 0)
      const begins = facts.texts.some(({ place, text }) => place !== 'beside' && text !== '')
      return { ends, chars: sum, said: facts.texts.map(({ text }) => text).join(''), begins }
    },
  }
  return { taken, guard: guard as unknown as StreamGuard }
}

const texts = fc.array(
  fc.record({
    channel: fc.constantFrom('a', 'b'),
    place: fc.constantFrom('text' as const, 'beside' as const),
    text: fc.integer({ min: 0, max: 20_000 }).map((length) => 'x'.repeat(length)),
  }),
  { minLength: 1, maxLength: 5 },
)

test('a large event is taken in pieces that say the same, its endings last, with a pause after each', async () => {
  await fc.assert(
    fc.asyncProperty(texts, async (said) => {
      const facts: EventFacts = { texts: said, closes: ['a'], uninspected: ['image'], terminal: true, idle: false }
      const sliced = recorder(Number.POSITIVE_INFINITY)
      let pauses = 0
      const waiting = await takeInSlices(facts, sliced.guard, async () => void pauses++)
      const whole = recorder(Number.POSITIVE_INFINITY).guard.take(facts)
      expect([waiting.chars, waiting.said, waiting.begins]).toEqual([whole.chars, whole.said, whole.begins])
      expect(new Map(waiting.ends.map(({ channel, end }) => [channel, end]))).toEqual(
        new Map(whole.ends.map(({ channel, end }) => [channel, end])),
      )
      expect(pauses).toBe(sliced.taken.length)
      expect(sliced.taken.every((slice) => !isLarge(slice))).toBe(true)
      const endings = sliced.taken.filter(({ closes, terminal }) => closes.length > 0 || terminal)
      expect(endings).toEqual([sliced.taken.at(-1)])
    }),
    { numRuns: 50 },
  )
})

test('nothing of a large event is taken after the answer was stopped', async () => {
  const { taken, guard } = recorder(10_000)
  const facts: EventFacts = {
    texts: [{ channel: 'a', place: 'text', text: 'x'.repeat(100_000) }],
    ...{ closes: ['a'], uninspected: [], terminal: true, idle: false },
  }
  await takeInSlices(facts, guard, async () => undefined)
  expect(taken.reduce((sum, slice) => sum + slice.texts[0]!.text.length, 0)).toBeLessThan(16_384)
  expect(taken.some(({ terminal }) => terminal)).toBe(false)
})
