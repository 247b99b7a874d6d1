import { expect, test } from 'vitest'
import type { TrainingRow } from './training-ports.ts'
import { wrappedRows } from './wrapped-rows.ts'

const ALL = { share: 1, mostChars: 400 }
const AROUND = { en: ['Dear Ann, {text} Yours, Bo', 'Q7: {text}'], ja: ['質問「{text}」'] }
const row = (id: string, content: string, change: Partial<TrainingRow & { pair: string }> = {}) => ({
  ...({ id, lang: 'en', turns: [{ role: 'user', content }], label: 'benign', attack: null } as const),
  ...({ category: 'none', target: 'prompt', source: 's', quality: 'gold' } as const),
  ...change,
})

test('wrapped rows: the label stays, the text stands inside, and the row is in the same part of the data', () => {
  const [one] = wrappedRows([row('0123456789abcdef', 'fix $& now', { label: 'harmful' })], AROUND, ALL)
  expect(['Dear Ann, fix $& now Yours, Bo', 'Q7: fix $& now']).toContain(one!.turns[0]!.content)
  expect(one).toMatchObject({ label: 'harmful', source: 'sluice-wrapped', lang: 'en' })
  expect(one!.id.slice(0, 6)).toBe('012345')
  expect(one!.id).not.toBe('0123456789abcdef')
})

test('wrapped rows: both sides of a pair stand in the same wrapping, or neither is wrapped', () => {
  const sides = Array.from({ length: 200 }, (_, i) => [
    row(`a${i}`, 'one', { pair: `p${i}` }),
    row(`b${i}`, 'two', { pair: `p${i}`, label: 'harmful' }),
  ]).flat()
  const half = wrappedRows(sides, AROUND, { ...ALL, share: 0.5 })
  const pairs = [...Map.groupBy(half, ({ pair }) => pair).values()]
  expect(pairs.length).toBeGreaterThan(60)
  expect(pairs.length).toBeLessThan(140)
  for (const [a, b] of pairs) expect(b!.turns[0]!.content.replace('two', 'one')).toBe(a!.turns[0]!.content)
  expect(new Set(half.map(({ turns }) => turns[0]!.content)).size).toBe(4)
})

test('wrapped rows: a conversation, an answer, a long text and a language without wrappings stay as they are', () => {
  const turns = [
    { role: 'system', content: 'x' },
    { role: 'user', content: 'y' },
  ]
  const kept = [
    row('1', '', { turns }),
    row('2', 'y', { target: 'exchange' }),
    row('3', 'y'.repeat(401)),
    row('4', 'y', { lang: 'fr' }),
  ]
  expect(wrappedRows(kept, AROUND, ALL)).toEqual([])
})
