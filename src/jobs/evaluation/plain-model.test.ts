import { expect, test } from 'vitest'
import { pairAccuracy } from '../../core/classifier/evaluation/pair-accuracy.ts'
import { DEFAULT_SETTINGS } from '../train.ts'
import type { TrainingRow } from '../training-ports.ts'
import { trainPlain } from './plain-model.ts'
import { scoreSlices } from './score-slices.ts'

const SETTINGS = { ...DEFAULT_SETTINGS, gateBits: 12 }
const quiet = () => undefined

function row(i: number, label: TrainingRow['label'], content: string, more: Partial<TrainingRow> = {}): TrainingRow {
  return {
    ...{ id: `ff${i.toString(16).padStart(14, '0')}`, lang: 'en', turns: [{ role: 'user', content }], label },
    ...{ attack: null, category: label === 'harmful' ? 'weapons' : 'none', target: 'prompt', source: 'made' },
    ...{ quality: 'gold', ...more },
  } as TrainingRow
}
const places = ['garden', 'kitchen', 'harbour', 'library', 'station', 'forest']
const asks = (i: number, what: string) => `Tell me ${what} in the ${places[i % places.length]} number ${i}`
const ROWS = Array.from({ length: 60 }, (_, i) =>
  i % 2 === 0 ? row(i, 'harmful', asks(i, 'how to hide a bomb')) : row(i, 'benign', asks(i, 'how to plant a rose')),
)

test('plain model: words that one side has and the other has not tell unseen texts apart, and pairs of them', () => {
  const score = trainPlain(ROWS, SETTINGS, quiet)
  const pairs = places.flatMap((place, i) =>
    (['harmful', 'benign'] as const).map((label) => ({
      ...row(100 + i, label, `Where do I put a ${label === 'harmful' ? 'bomb' : 'rose'}, in this ${place}?`),
      ...{ pair: place, template: 'put', subject: 'made' },
    })),
  )
  expect(scoreSlices(score(pairs))[0]).toMatchObject({ auc: 1, recallAt1: { k: 6, n: 6 } })
  expect(pairAccuracy(score(pairs))[0]).toMatchObject({ name: 'all', accuracy: { k: 6, n: 6 } })
})

test('plain model: exchanges teach it nothing; the same rows give the same scores', () => {
  const flipped = ROWS.map((one) => ({ ...one, label: one.label === 'harmful' ? 'benign' : 'harmful' }) as TrainingRow)
  const ignored = flipped.map((one) => ({ ...one, target: 'exchange' }) as TrainingRow)
  const scores = (rows: readonly TrainingRow[]) => trainPlain(rows, SETTINGS, quiet)(ROWS).map(({ score }) => score)
  expect(scores([...ROWS, ...ignored])).toEqual(scores(ROWS))
  expect(new Set(scores(ROWS)).size).toBeGreaterThan(1)
})
