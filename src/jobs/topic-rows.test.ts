import { expect, test } from 'vitest'
import { segmentOfRow, topicSamples } from './topic-rows.ts'
import type { TrainingRow } from './training-ports.ts'

const row = (facts: Partial<TrainingRow> & { subject?: string; text?: string }): TrainingRow & { subject?: string } => {
  const { text = 'how do I do it?', ...more } = facts
  const plain = { id: '00', lang: 'en', label: 'benign', attack: null, category: 'none', target: 'prompt' } as const
  return { ...plain, source: 'x', quality: 'gold', turns: [{ role: 'user', content: text }], ...more }
}

test('topic rows: a row is about what it says, what our own pairs say, or nothing in particular', () => {
  expect(segmentOfRow(row({ topic: 'legal' }))).toBe('legal')
  expect(segmentOfRow(row({ subject: 'triage' }))).toBe('security')
  expect(segmentOfRow(row({ source: 'gsm8k' }))).toBe('other')
  expect(segmentOfRow(row({ lang: 'ja', text: 'この契約の条項を直して' }))).toBe('legal')
  // Two subjects, an unknown source, a topic that is none of ours, a harmful row, an answer: nothing is said.
  expect(segmentOfRow(row({ lang: 'ja', text: '患者の契約' }))).toBeNull()
  for (const silent of [row({}), row({ topic: 'gardening' }), row({ topic: 'legal', label: 'harmful' })])
    expect(segmentOfRow(silent)).toBeNull()
  expect(segmentOfRow(row({ topic: 'legal', target: 'exchange' }))).toBeNull()
})

test('topic rows: segments of few rows are louder, and none is heard more than so often from one source', () => {
  const many = Array.from({ length: 1300 }, () => row({ topic: 'coding' }))
  const samples = topicSamples([...many, row({ topic: 'legal' }), row({ topic: 'legal', turns: [] })])
  const of = (segment: string) => samples.filter((one) => one.segment === segment)
  expect([of('coding').length, of('legal').length]).toEqual([1200, 1])
  expect(of('legal')[0]!.weight).toBeGreaterThan(of('coding')[0]!.weight)
})
