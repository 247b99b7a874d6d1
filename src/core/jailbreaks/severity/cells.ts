import { rankOf, type SeverityVector } from './levels.ts'
import { rate, upperBoundOf } from './score.ts'

/** Technique × target system × harm class × panel × date: one party's word, with its vector. */
export interface Assessment {
  readonly id: string
  /** Organisation that assessed. */
  readonly party: string
  /** Target system: model, safeguard release and fallback together. */
  readonly target: string
  readonly harm: string
  readonly vector: SeverityVector
  /** Paired tasks behind it; 0 where nothing was run. */
  readonly tasks: number
  /** Frozen set of models it compares with; null where nothing was run. */
  readonly panel: { readonly id: string; readonly atMs: number } | null
  readonly atMs: number
}

/** Superseded assessments keep their place here: they stay readable with their panel, and do not count. */
export interface Cell {
  readonly target: string
  readonly harm: string
  readonly counting: readonly Assessment[]
  readonly superseded: readonly { readonly assessment: Assessment; readonly by: string }[]
}

/** Assessments by target system × harm class, in order of first appearance. */
export function cellsOf(assessments: readonly Assessment[]): readonly Cell[] {
  const groups = Map.groupBy(assessments, ({ target, harm }) => JSON.stringify([target, harm]))
  return [...groups.values()].map((group) => {
    const inOrder = group.toSorted(earlierFirst)
    const marked = inOrder.map((assessment, i) => {
      const by = inOrder.slice(i + 1).find((later) => mayReplace(later, assessment))
      return { assessment, by: by?.id ?? null }
    })
    return {
      target: group[0]!.target,
      harm: group[0]!.harm,
      counting: marked.flatMap(({ assessment, by }) => (by === null ? [assessment] : [])),
      superseded: marked.flatMap(({ assessment, by }) => (by === null ? [] : [{ assessment, by }])),
    }
  })
}

/** By time; of the same time by id, so that whoever hears of them in another order sees the same. */
function earlierFirst(a: Assessment, b: Assessment): number {
  return a.atMs - b.atMs || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0)
}

/**
 * True when `later`, which must not be earlier, takes the place of `earlier` in the same cell: same party; or evidence at
 * least as good, more tasks, and the same or a newer panel. At the same time only the same party's takes its place.
 */
export function mayReplace(later: Assessment, earlier: Assessment): boolean {
  if (later.target !== earlier.target || later.harm !== earlier.harm || later.atMs < earlier.atMs) return false
  if (later.party === earlier.party) return true
  if (later.atMs === earlier.atMs) return false
  const evidence = rankOf('CF', later.vector.CF) <= rankOf('CF', earlier.vector.CF)
  return evidence && later.tasks > earlier.tasks && panelNotOlder(later, earlier)
}

function panelNotOlder({ panel: later }: Assessment, { panel: earlier }: Assessment): boolean {
  if (earlier === null) return true
  return later !== null && (later.id === earlier.id || later.atMs >= earlier.atMs)
}

/** The number of a vector that may be absent, with what it could at most be. All in tenths. */
export interface Standing {
  /** Null where uplift is unknown or the parties disagree. */
  readonly tenths: number | null
  /** What the number could at most be; equal to `tenths` where there is one. */
  readonly upper: number
}

export function standingOf(vector: SeverityVector): Standing {
  const { tenths } = rate(vector)
  return { tenths, upper: tenths ?? upperBoundOf(vector) }
}

/** The greatest of some cells, never an average: one more never lowers either number. Nothing known is `tenths: null`. */
export function greatest(standings: readonly Standing[]): Standing {
  const known = standings.flatMap(({ tenths }) => (tenths === null ? [] : [tenths]))
  return {
    tenths: known.length === 0 ? null : Math.max(...known),
    upper: Math.max(0, ...standings.map(({ upper }) => upper)),
  }
}
