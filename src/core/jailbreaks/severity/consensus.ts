import type { Assessment, Cell, Standing } from './cells.ts'
import { standingOf } from './cells.ts'
import { LEVELS, type Level, METRICS, type Metric, rankOf, type SeverityVector } from './levels.ts'

/** What the parties of one cell say together. Every party's own vector stays beside it. */
export interface Consensus {
  /** Median level of each metric, the lower middle of an even number; CF by agreement. */
  readonly vector: SeverityVector
  /** Metrics on which two parties differ by two levels or more. */
  readonly apart: readonly ('UP' | 'HD')[]
  /** Parties are too far apart, or somebody disputes: there is no common number. */
  readonly disputed: boolean
}

/** What is known of the parties, from the register. */
export interface Parties {
  /** Pairs of organisations under common control, declared as conflicts. */
  readonly sameControl: readonly (readonly [string, string])[]
}

/**
 * The consensus of one cell's counting assessments, at least one. A party counts once, with its newest word. Uplift that
 * a party did not measure is no word on uplift; unknown only where nobody measured it.
 * @param openDispute A statement of kind `dispute` about this record is open.
 */
export function consensusOf({ counting }: Cell, openDispute: boolean, parties: Parties): Consensus {
  const voices = newestOfEach(counting)
  const apart = (['UP', 'HD'] as const).filter((metric) => spread(metric, voices) >= 2)
  const middle = Object.fromEntries(METRICS.map((metric) => [metric, median(metric, voices)]))
  // Each value is a level that one of the parties gave for that metric.
  const vector = { ...middle, CF: commonGrade(voices, parties) } as unknown as SeverityVector
  return { vector, apart, disputed: openDispute || apart.length > 0 }
}

/** A disputed cell has no number; at most it is the greatest that any of its parties says. */
export function cellStanding(cell: Cell, consensus: Consensus): Standing {
  if (!consensus.disputed) return standingOf(consensus.vector)
  return { tenths: null, upper: Math.max(...cell.counting.map(({ vector }) => standingOf(vector).upper)) }
}

function newestOfEach(counting: readonly Assessment[]): readonly Assessment[] {
  const newest = new Map<string, Assessment>()
  for (const one of counting) {
    const known = newest.get(one.party)
    if (known === undefined || one.atMs >= known.atMs) newest.set(one.party, one)
  }
  return [...newest.values()]
}

/** Ranks that were given on a metric, least first; `?` and absent ones are none. */
function ranks(metric: Metric, voices: readonly Assessment[]): readonly number[] {
  return voices
    .flatMap(({ vector }) =>
      vector[metric] === null || vector[metric] === '?' ? [] : [rankOf(metric, vector[metric])],
    )
    .sort((a, b) => a - b)
}

function spread(metric: Metric, voices: readonly Assessment[]): number {
  const all = ranks(metric, voices)
  return all.length === 0 ? 0 : all.at(-1)! - all[0]!
}

function median(metric: Metric, voices: readonly Assessment[]): string | null {
  const all = ranks(metric, voices)
  if (all.length === 0) return metric === 'UP' ? '?' : null
  return LEVELS[metric][all[Math.floor((all.length - 1) / 2)]!]!
}

/** A where two independent parties with B or better agree within one level on UP and HD; otherwise the best there is. */
function commonGrade(voices: readonly Assessment[], { sameControl }: Parties): Level<'CF'> {
  const good = voices.filter(({ vector }) => vector.CF === 'A' || vector.CF === 'B')
  const bound = (a: string, b: string) => sameControl.some((pair) => pair.includes(a) && pair.includes(b))
  const agree = (a: Assessment, b: Assessment) =>
    a.vector.UP !== '?' && b.vector.UP !== '?' && spread('UP', [a, b]) <= 1 && spread('HD', [a, b]) <= 1
  const pair = good.some((a, i) => good.slice(i + 1).some((b) => !bound(a.party, b.party) && agree(a, b)))
  return pair ? 'A' : LEVELS.CF[ranks('CF', voices)[0] ?? LEVELS.CF.length - 1]!
}
