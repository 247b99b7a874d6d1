import type { EvalRow } from '../../core/classifier/evaluation/row.ts'
import { DEFAULT_EXPANSION, expandPairs, type PairRow, REGRESSION_EXPANSION } from '../pairs/expand.ts'
import type { Seeds } from '../training-ports.ts'

/** One of the project's own sets: matched pairs, or a regression set of harmless requests. */
export interface OwnSuite {
  readonly name: 'pairs' | 'regression'
  readonly rows: readonly EvalRow[]
}

/** Seeds of one folder; null when there is no such folder. */
export type ReadOwn = (name: OwnSuite['name']) => Promise<Seeds | null>

/**
 * The project's own suites, as far as they are there; `[]` without any. Of the pairs only those of held-out templates:
 * the others are there to learn from. The one place that knows which suites there are.
 */
export async function ownSuites(read: ReadOwn): Promise<readonly OwnSuite[]> {
  const [pairs, regression] = [await read('pairs'), await read('regression')]
  const suites: OwnSuite[] = []
  if (pairs !== null) {
    const held = expandPairs(pairs, DEFAULT_EXPANSION).filter(({ split }) => split === 'dev')
    suites.push({ name: 'pairs', rows: suiteOf(held) })
  }
  if (regression !== null)
    suites.push({ name: 'regression', rows: suiteOf(expandPairs(regression, REGRESSION_EXPANSION)) })
  return suites.filter(({ rows }) => rows.length > 0)
}

/** Rows of our own as a set to be measured on. */
export function suiteOf(rows: readonly PairRow[]): readonly EvalRow[] {
  return rows.map(evalRow)
}

function evalRow(row: PairRow): EvalRow {
  return { ...row, family: null }
}
