import { columnScores, trainColumn } from '../../core/classifier/train-step.ts'
import { featurise, type TrainSettings } from '../train.ts'
import type { TrainingRow } from '../training-ports.ts'
import { partsOf, samplesOf } from '../training-rows.ts'
import type { ScoredRow } from './score-rows.ts'

/** What has to be beaten: scores rows, as logits. */
export type PlainModel = <Row extends TrainingRow>(rows: readonly Row[]) => readonly ScoredRow<Row>[]

/**
 * A plain linear model: one logistic column, harmful or not, over the features of the embedded one. No matched pairs, no
 * weights by source, no windows, no combiner, no network, no readings, no calibration. It learns from the prompts that
 * the embedded model learns from, and scores a row by its highest part, as that does.
 */
export function trainPlain(
  rows: readonly TrainingRow[],
  settings: TrainSettings,
  progress: (share: number) => void,
): PlainModel {
  const samples = rows.filter((row) => row.target === 'prompt').flatMap(samplesOf)
  const target = {
    labels: Int8Array.from(samples, ({ harmful }) => Number(harmful)),
    weights: new Float32Array(samples.length).fill(1),
  }
  const column = trainColumn(
    featurise(samples),
    target,
    { ...settings, bits: settings.gateBits, emphasis: null },
    progress,
  )
  return (measured) => {
    const parts = measured.flatMap((row, of) => partsOf(row).map((sample) => ({ ...sample, of })))
    const most = new Float64Array(measured.length).fill(Number.NEGATIVE_INFINITY)
    columnScores(column, featurise(parts)).forEach((score, i) => {
      const { of } = parts[i]!
      most[of] = Math.max(most[of]!, score)
    })
    return measured.map((row, i) => ({ row, score: most[i]! }))
  }
}
