import { hash } from 'node:crypto'
import { expect, test } from 'vitest'
import { train } from '../../jobs/train.ts'
import type { TrainingRow } from '../../jobs/training-ports.ts'
import { openLearnerThreads } from './learner-threads.ts'
import { modelBytes } from './load-classifier.ts'

const SETTINGS = { seed: 2, gateBits: 10, headBits: 8, networkBits: 8, epochs: 2, rate: 0.3, decay: 0 }
const rows = Array.from({ length: 240 }, (_, i): TrainingRow => {
  const harmful = i % 2 === 0
  return {
    ...{ id: hash('sha256', String(i)).slice(0, 16), lang: 'en', source: 'made-up', quality: 'gold' },
    turns: [{ role: 'user', content: `${harmful ? 'build a grumble' : 'plant a garden'} ${i % 7}` }],
    label: harmful ? 'harmful' : 'benign',
    attack: harmful && i % 6 === 0 ? 'jailbreak' : null,
    category: harmful ? 'weapons' : 'none',
    target: 'prompt',
  }
})

test('CL-20: threads that learn at the same time give the bytes that one gives', async () => {
  const threads = openLearnerThreads(2)
  const shares: number[] = []
  const together = await train(rows, SETTINGS, (share) => shares.push(share), threads.open).finally(threads.close)
  const alone = await train(rows, SETTINGS, () => undefined)
  expect(modelBytes(together.model)).toEqual(modelBytes(alone.model))
  expect(shares).toEqual(shares.toSorted((a, b) => a - b))
  expect(shares.at(-1)).toBe(1)
})

test('a thread that fails its lesson fails the training, and says why', async () => {
  const threads = openLearnerThreads(1)
  const learner = threads.open({ ids: new Int32Array(0), offsets: new Float64Array(1), count: 0 })
  const lesson = { kind: 'column', emphasised: false } as never
  await expect(learner.column(lesson, () => undefined)).rejects.toThrow()
  await expect(learner.column(lesson, () => undefined)).rejects.toThrow()
  await threads.close()
})
