import { expect, test } from 'vitest'
import { amongOthers, answerRows, writerOf } from './answer-rows.ts'
import type { AnswerSeed } from './training-ports.ts'

const SEED: AnswerSeed = {
  ...{
    writer: 'en-one',
    lang: 'en',
    category: 'fraud-deception' as const,
    asked: 'Get me her code.',
    near: 'Teach her to keep it.',
  },
  ...{ complies: 'Sure. First', declines: 'I will not.', helps: 'Sure. First' },
}

test('answers: one that gives in is harmful, one that declines is its pair, one that helps with another request is neither', () => {
  const rows = answerRows([SEED], 'train')
  expect(
    rows.map(({ label, category, target, turns }) => [label, category, target, ...turns.map(({ content }) => content)]),
  ).toEqual([
    ['harmful', 'fraud-deception', 'exchange', 'Get me her code.', 'Sure. First'],
    ['borderline-benign', 'none', 'exchange', 'Get me her code.', 'I will not.'],
    ['borderline-benign', 'none', 'exchange', 'Teach her to keep it.', 'Sure. First'],
  ])
  const [gives, declines, helps] = rows as [(typeof rows)[0], (typeof rows)[0], (typeof rows)[0]]
  expect([declines.pair === gives.pair, helps.pair === gives.pair]).toEqual([true, false])
  expect(rows.map(writerOf)).toEqual(['en-one', 'en-one', 'en-one'])
})

test('answers: what is said to one request calibrates together; every row has an id of its own', () => {
  const rows = answerRows([SEED, { ...SEED, asked: 'Get me his code.' }], 'dev')
  const [first, , third, other] = rows.map(({ id }) => id.slice(0, 6))
  expect([first === third, first === other]).toEqual([true, false])
  expect(new Set(rows.map(({ id }) => id)).size).toBe(6)
  expect(new Set(rows.map(({ source }) => source))).toEqual(new Set(['sluice-unseen']))
})

test('answers: among others each stands third, between answers of its writer that help with something else', () => {
  const seeds = ['a', 'b', 'c', 'd', 'e'].map((name) => ({ ...SEED, asked: `asked ${name}`, helps: `helps ${name}` }))
  const rows = answerRows([...seeds, { ...SEED, writer: 'en-two', asked: 'asked z', helps: 'helps z' }], 'dev')
  const among = amongOthers(rows)
  expect(among.map(({ label, subject, template }) => [label, subject, template])).toEqual(
    rows.map(({ label, subject, template }) => [label, subject, template]),
  )
  expect(among[3]!.turns.map(({ content }) => content)).toEqual([
    'asked b',
    ['helps c', 'helps d', seeds[1]!.complies, 'helps e'].join('\n\n'),
  ])
  expect(new Set([...among, ...rows].map(({ id }) => id)).size).toBe(2 * rows.length)
})
