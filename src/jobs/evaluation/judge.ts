import type { EvalRow, JudgedRow } from '../../core/classifier/evaluation/row.ts'
import type { Judge } from '../training-ports.ts'

export type Progress = (done: number, all: number) => void

/** A judge that is not asked again about rows it has judged; what is made from them is new to it. */
export function remembering(judge: Judge, judged: readonly JudgedRow[]): Judge {
  const known = new Map(judged.map(({ row, verdict }) => [row, verdict]))
  return { concurrency: judge.concurrency, verdict: (row) => known.get(row) ?? judge.verdict(row) }
}

/** Verdicts on all rows, in their order; at most `judge.concurrency` are asked for at a time. */
export async function judgeAll(
  rows: readonly EvalRow[],
  judge: Judge,
  progress: Progress,
): Promise<readonly JudgedRow[]> {
  const judged = new Array<JudgedRow>(rows.length)
  let next = 0
  let done = 0
  const work = async () => {
    while (next < rows.length) {
      const at = next++
      const row = rows[at]!
      const given = judge.verdict(row)
      judged[at] = { row, verdict: given instanceof Promise ? await given : given }
      progress(++done, rows.length)
    }
  }
  await Promise.all(Array.from({ length: Math.min(judge.concurrency, rows.length) }, work))
  return judged
}
