import { createClassifier } from '../core/classifier/classifier.ts'
import type { Model } from '../core/classifier/model.ts'
import type { Classifier, Scores } from '../core/classifier/types.ts'
import type { TrainingRow } from './training-ports.ts'

/** Rows, and a model that did not learn from them: what a model says of a text that it learned from is too sure. */
export interface Strangers<Of = Model> {
  readonly model: Of
  readonly rows: readonly TrainingRow[]
}

/** How much a row says. */
export type Voice = (row: TrainingRow) => number

/** What is expanded from one template shares the first digits of its id, and says together what one row says. */
export function voices(rows: readonly TrainingRow[]): Voice {
  const template = ({ id }: TrainingRow) => id.slice(0, 6)
  const sizes = new Map<string, number>()
  for (const row of rows) sizes.set(template(row), (sizes.get(template(row)) ?? 0) + 1)
  return (row) => 1 / sizes.get(template(row))!
}

/** Every row beside the classifier that does not know it. */
export function* each(strangers: readonly Strangers[]): Generator<readonly [TrainingRow, Classifier]> {
  for (const { model, rows } of strangers) {
    const classifier = createClassifier(model, '')
    for (const row of rows) yield [row, classifier]
  }
}

/** Scores of what was asked, and of the answer to it. */
export type ExchangeScores = readonly [asked: Scores, answer: Scores]

/** Every exchange as the classifier that does not know it reads its two sides: each is scored once, and read twice. */
export function readExchanges(strangers: readonly Strangers[]): ReadonlyMap<TrainingRow, ExchangeScores> {
  const read = new Map<TrainingRow, ExchangeScores>()
  for (const [row, classifier] of each(strangers)) {
    const scores = exchangeScores(row, classifier)
    if (scores !== null) read.set(row, scores)
  }
  return read
}

/** Null where the row is no exchange. */
export function exchangeScores(row: TrainingRow, classifier: Classifier): ExchangeScores | null {
  if (row.target !== 'exchange') return null
  const answer = row.turns.at(-1)!.content
  const asked = row.turns.filter(({ role }) => role === 'user').at(-1)?.content ?? ''
  return [classifier.score(asked, 'input'), classifier.score(answer, 'output')]
}

export function greatest(scores: ArrayLike<number>): number {
  let most = 0
  for (let i = 0; i < scores.length; i++) most = Math.max(most, scores[i]!)
  return most
}
