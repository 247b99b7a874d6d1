import type { Classifier } from '../../core/classifier/types.ts'
import { exchangeScores, greatest } from '../strangers.ts'
import type { TrainingRow } from '../training-ports.ts'
import { partsOf } from '../training-rows.ts'

/** A labelled row with the score a caller would see: the greatest probability over its findings. */
export interface ScoredRow<Row extends TrainingRow = TrainingRow> {
  readonly row: Row
  readonly score: number
}

/** Scores rows as the gateway would: what is asked and what came with it, the greatest probability of any label. */
export function scoreRows<Row extends TrainingRow>(
  rows: readonly Row[],
  classifier: Classifier,
): readonly ScoredRow<Row>[] {
  return rows.map((row) => ({
    row,
    score: row.target === 'exchange' ? exchangeScore(row, classifier) : promptScore(row, classifier),
  }))
}

function promptScore(row: TrainingRow, classifier: Classifier): number {
  return Math.max(0, ...partsOf(row).map(({ text, context }) => Math.max(...classifier.score(text, 'input', context))))
}

function exchangeScore(row: TrainingRow, classifier: Classifier): number {
  const [asked, answer] = exchangeScores(row, classifier)!
  return greatest(classifier.exchange(asked, answer))
}
