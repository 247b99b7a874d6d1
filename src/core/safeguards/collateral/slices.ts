import { clusteredDifference, clusteredShare, type Difference, type Share } from '../../base/clustered.ts'
import { holm, mcnemar } from '../../base/paired.ts'
import { DIMENSIONS, type Dimension, type Tallied } from './columns.ts'
import type { Tally } from './tally.ts'

/** One kind of traffic under both safeguards. Shares are of requests not answered by the model asked. */
export interface Slice {
  readonly dimension: Dimension
  readonly name: string
  readonly requests: number
  readonly sessions: number
  readonly newlyRefused: number
  readonly newlyDiverted: number
  readonly newlyFreed: number
  readonly eased: number
  readonly before: Share
  readonly after: Share
  /** After minus before, clustered by session. */
  readonly difference: Difference
  /** Exact McNemar over sessions, and the same after Holm's correction for all slices of this report. */
  readonly p: number
  readonly pCorrected: number
  /**
   * `over`: the whole interval lies above the limit. `within`: below or at it. `INCONCLUSIVE`: too few requests, and
   * `needed` would decide.
   */
  readonly verdict: 'over' | 'within' | 'INCONCLUSIVE'
  readonly needed: number | null
}

/** Slices that a dimension shows at most: the ones with the most change, then the most requests. */
const MOST_PER_DIMENSION = 400

/** Worst first: by the lower bound of what is taken away. @param limit Of the difference, as a share. */
export function slicesOf(tallied: Tallied, limit: number): { slices: readonly Slice[]; left: number } {
  let left = 0
  const chosen = DIMENSIONS.flatMap((dimension) => {
    const all = [...tallied.slices[dimension]].filter(([, one]) => dimension !== 'category' || touched(one))
    all.sort(([a, x], [b, y]) => moves(y) - moves(x) || y.n - x.n || (a < b ? -1 : 1))
    left += Math.max(0, all.length - MOST_PER_DIMENSION)
    return all.slice(0, MOST_PER_DIMENSION).map(([name, one]) => ({ dimension, name, tally: one }))
  })
  const ps = chosen.map(({ tally }) => mcnemar(tally.worse, tally.better))
  const corrected = holm(ps)
  const slices = chosen.map(({ dimension, name, tally }, i) =>
    sliceOf(dimension, name, tally, tallied.total, { p: ps[i]!, pCorrected: corrected[i]! }, limit),
  )
  return { slices: slices.sort((a, b) => b.difference.lo - a.difference.lo || b.requests - a.requests), left }
}

function touched(tally: Tally): boolean {
  return tally.count('touched_before') + tally.count('touched_after') + tally.count('marked') > 0
}

function moves(tally: Tally): number {
  return tally.count('taken') + tally.count('newly_freed') + tally.count('newly_refused')
}

function sliceOf(
  dimension: Dimension,
  name: string,
  tally: Tally,
  total: Tally,
  p: { p: number; pCorrected: number },
  limit: number,
): Slice {
  const base = dimension === 'category' ? total : tally
  const difference = clusteredDifference(
    tally.sums('taken', base),
    tally.sums('newly_freed', base),
    tally.product,
    0.95,
  )!
  const verdict = difference.lo > limit ? 'over' : difference.hi <= limit ? 'within' : 'INCONCLUSIVE'
  return {
    ...{ dimension, name, requests: base.n, sessions: base.clusters },
    newlyRefused: tally.count('newly_refused'),
    newlyDiverted: tally.count('newly_diverted'),
    newlyFreed: tally.count('newly_freed'),
    eased: tally.count('eased'),
    before: clusteredShare(tally.sums('touched_before', base), 0.95)!,
    after: clusteredShare(tally.sums('touched_after', base), 0.95)!,
    ...{ difference, ...p, verdict },
    needed: verdict === 'INCONCLUSIVE' ? neededFor(base.n, difference, limit) : null,
  }
}

/** Requests that would decide at the rate seen: the interval narrows with their root; with no change seen, exactly. */
export function neededFor(n: number, { value, lo, hi }: Difference, limit: number): number {
  const least = Math.ceil(Math.log(0.025) / Math.log(1 - limit))
  const arm = value > limit ? value - lo : hi - value
  const gap = Math.max(Math.abs(limit - value), limit / 10)
  return Math.max(least, Math.ceil(n * (arm / gap) ** 2))
}
