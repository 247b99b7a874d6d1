import type { EvalRow } from '../../core/classifier/evaluation/row.ts'

/** One of the project's own sets: matched pairs, or a regression set of harmless requests. */
export interface OwnSuite {
  readonly name: string
  readonly rows: readonly EvalRow[]
}

/** Rows of one folder of seeds or rows; null when there is no such folder. */
export type ReadOwn = (folder: 'pairs' | 'regression') => Promise<readonly EvalRow[] | null>

/**
 * The project's own suites, as far as they are there; `[]` without any. This is the one place that knows which there
 * are: a further suite is a further name here, and a reader for it in `io`.
 */
export async function ownSuites(read: ReadOwn): Promise<readonly OwnSuite[]> {
  const suites: OwnSuite[] = []
  for (const name of ['pairs', 'regression'] as const) {
    const rows = await read(name)
    if (rows !== null && rows.length > 0) suites.push({ name, rows })
  }
  return suites
}
