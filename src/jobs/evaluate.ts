import { type Measured, measured } from '../core/classifier/evaluation/measured.ts'
import { auc, upperQuantile } from '../core/classifier/evaluation/roc.ts'
import type { Classifier } from '../core/classifier/types.ts'
import type { TrainingRow } from './ports.ts'
import { partsOf } from './training-rows.ts'

/** A labelled row with the score a caller would see: the greatest probability over its findings. */
export interface ScoredRow<Row extends TrainingRow = TrainingRow> {
  readonly row: Row
  readonly score: number
}

export interface Slice {
  readonly name: string
  readonly harmful: number
  readonly harmless: number
  /** Null where one side is empty. */
  readonly auc: number | null
  /** Recall at the threshold that 1 % and 0.1 % of this evaluation's harmless rows exceed. */
  readonly recallAt1: Measured | null
  readonly recallAt01: Measured | null
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
  const asked = row.turns.filter(({ role }) => role === 'user').at(-1)?.content ?? ''
  const answer = classifier.score(row.turns.at(-1)!.content, 'output')
  return Math.max(...classifier.exchange(classifier.score(asked, 'input'), answer))
}

/** Quality of one set: whole, then by language, category and source; thresholds are those of the whole. */
export function slicesOf(scored: readonly ScoredRow[]): readonly Slice[] {
  const harmless = scored.filter(({ row }) => row.label !== 'harmful').map(({ score }) => score)
  const lines = { at1: upperQuantile(harmless, 0.01), at01: upperQuantile(harmless, 0.001) }
  const groups = new Map<string, ScoredRow[]>()
  const put = (name: string, one: ScoredRow) => groups.set(name, [...(groups.get(name) ?? []), one])
  for (const one of scored) {
    put(`lang ${one.row.lang}`, one)
    if (one.row.label !== 'harmful') put(`label ${one.row.label}`, one)
    else put(one.row.attack === null ? `category ${one.row.category}` : `attack ${one.row.attack}`, one)
  }
  const rest = [...groups].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, rows]) => sliceOf(name, rows, lines))
  return [sliceOf('all', scored, lines), ...rest]
}

function sliceOf(name: string, rows: readonly ScoredRow[], lines: { at1: number; at01: number }): Slice {
  const harmful = rows.filter(({ row }) => row.label === 'harmful').map(({ score }) => score)
  const harmless = rows.filter(({ row }) => row.label !== 'harmful').map(({ score }) => score)
  const recall = (line: number) =>
    harmful.length === 0 ? null : measured(harmful.filter((score) => score > line).length, harmful.length)
  return {
    name,
    harmful: harmful.length,
    harmless: harmless.length,
    auc: auc(harmful, harmless),
    recallAt1: recall(lines.at1),
    recallAt01: recall(lines.at01),
  }
}

/** Shares of harmless rows that a threshold acts on, by label. */
export function overRefusal(
  scored: readonly ScoredRow[],
  act: number,
): readonly { readonly label: string; readonly acted: Measured }[] {
  return (['benign', 'borderline-benign'] as const).flatMap((label) => {
    const rows = scored.filter(({ row }) => row.label === label)
    return rows.length === 0
      ? []
      : [{ label, acted: measured(rows.filter(({ score }) => score >= act).length, rows.length) }]
  })
}
