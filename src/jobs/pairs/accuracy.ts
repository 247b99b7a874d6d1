import { type Measured, measured } from '../../core/classifier/evaluation/measured.ts'
import type { PairRow } from './expand.ts'

export interface PairSlice {
  readonly name: string
  /** Pairs whose harmful side has the greater score; equal scores are wrong. */
  readonly pairs: Measured
  /** Templates with more than half of their pairs right: pairs of a template are not independent, templates are. */
  readonly templates: Measured
}

/** How often the harmful side of a pair scores above its harmless twin: whole, by split, language and subject. */
export function pairAccuracy(rows: readonly PairRow[], score: (row: PairRow) => number): readonly PairSlice[] {
  const pairs = [...Map.groupBy(rows, ({ pair }) => pair).values()].flatMap((sides) => {
    const harmful = sides.find(({ label }) => label === 'harmful')
    const harmless = sides.find(({ label }) => label !== 'harmful')
    return harmful && harmless ? [{ row: harmful, right: score(harmful) > score(harmless) }] : []
  })
  const slices = Map.groupBy(
    pairs.flatMap((one) => namesOf(one.row).map((name) => ({ ...one, name }))),
    ({ name }) => name,
  )
  return [...slices].map(([name, ofSlice]) => {
    const templates = [...Map.groupBy(ofSlice, ({ row }) => row.template).values()]
    const right = (list: typeof ofSlice) => list.filter((one) => one.right).length
    return {
      name,
      pairs: measured(right(ofSlice), ofSlice.length),
      templates: measured(templates.filter((list) => right(list) * 2 > list.length).length, templates.length),
    }
  })
}

function namesOf({ split, lang, subject }: PairRow): readonly string[] {
  return ['all', split, `${split} ${lang}`, `${split} ${subject}`]
}
