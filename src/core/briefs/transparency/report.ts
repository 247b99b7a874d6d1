import type { EntryKind } from '../../record/entry-kinds.ts'
import { figuresOf, type KeptCheckpoints } from './figures.ts'
import type { Month } from './month.ts'
import { type Figure, QUERIES } from './queries.ts'
import { FEWEST } from './suppress.ts'
import type { Listed, MonthTally } from './tally.ts'

/** The tree of which every number is a function: what a checkpoint of this size says. */
export interface ProvenBy {
  readonly origin: string
  readonly size: number
  /** Hex. */
  readonly root: string
}

export interface TransparencyReport {
  readonly v: 1
  readonly type: 'transparency'
  readonly month: string
  readonly from: string
  readonly until: string
  /** False until the record goes on for a day after the month: numbers may still grow. */
  readonly complete: boolean
  /** Up to when the record told of it. */
  readonly known_until: string | null
  readonly checkpoint: ProvenBy
  /** First entry of the month, and one past the last that was read. */
  readonly entries: {
    readonly first: number | null
    readonly end: number
  }
  readonly fewest: number
  readonly queries: Readonly<Record<string, Query>>
  readonly figures: readonly Figure[]
  readonly releases: readonly Listed[]
  readonly acts: readonly Listed[]
  readonly alarms: readonly Listed[]
  readonly corrections: readonly Listed[]
}

export interface Query {
  readonly kinds: readonly EntryKind[] | null
  readonly how: string
  readonly from: string
  readonly until: string
  readonly checkpoint: number
}

/**
 * The report of a month: a function of the entries and the checkpoints kept, with no clock, so that it is the same
 * whenever it is made again.
 */
export function transparencyReport(
  month: Month,
  tally: MonthTally,
  by: ProvenBy,
  kept: KeptCheckpoints,
): TransparencyReport {
  const { first, end, newest } = tally
  const of = (...kinds: readonly Listed['kind'][]) => tally.listed.filter(({ kind }) => kinds.includes(kind))
  const range = { from: month.from, until: month.until, checkpoint: by.size }
  return {
    ...{ v: 1, type: 'transparency', month: month.name, from: month.from, until: month.until },
    complete: tally.settled,
    known_until: newest,
    checkpoint: by,
    entries: { first, end },
    fewest: FEWEST,
    queries: Object.fromEntries(
      Object.entries(QUERIES).map(([name, [kinds, how]]) => [name, { kinds, how, ...range }]),
    ),
    figures: figuresOf(tally, kept).map((figure) => ({ ...figure, checkpoint: by.size })),
    releases: of('safeguard'),
    acts: of('availability', 'authority'),
    alarms: of('alarm'),
    corrections: of('correction'),
  }
}
