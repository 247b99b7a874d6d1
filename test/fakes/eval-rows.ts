import type { EvalRow, ScoredRow } from '../../src/core/classifier/evaluation/row.ts'

/** A row that says little; what a test is about is given. */
export function evalRow(more: Partial<EvalRow> & { readonly text?: string } = {}): EvalRow {
  const { text = 'How do I sort a list?', ...rest } = more
  return {
    id: 'row',
    lang: 'en',
    turns: [{ role: 'user', content: text }],
    label: 'benign',
    attack: null,
    category: 'none',
    target: 'prompt',
    source: 'made',
    quality: 'gold',
    family: null,
    pair: null,
    template: null,
    subject: null,
    ...rest,
  }
}

/** Rows with scores, ids in order. */
export function scoredRows(scores: readonly number[], label: EvalRow['label'], from = 0): ScoredRow[] {
  return scores.map((score, i) => ({
    row: evalRow({ id: `${label}-${from + i}`, label }),
    score,
    flagged: score >= 0.5,
    acted: score >= 0.8,
  }))
}
