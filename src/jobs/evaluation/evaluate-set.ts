import { pairAccuracy } from '../../core/classifier/evaluation/pair-accuracy.ts'
import { type EvalRow, scoredOf } from '../../core/classifier/evaluation/row.ts'
import type { Judge } from '../training-ports.ts'
import { attackerReach } from './attacker.ts'
import { barsOf } from './bars.ts'
import { contaminationOf } from './contamination.ts'
import { evasionRetention } from './evasion-retention.ts'
import { familiesOf, familyRecall } from './held-out-families.ts'
import { judgeAll, remembering } from './judge.ts'
import { LATENCY_SIZES, latencyOf } from './latency.ts'
import { NEEDLE_SIZES, needlesOf } from './needles.ts'
import { prefixCurve } from './prefix-curve.ts'
import { qualityOf } from './quality.ts'
import type { EvalReport } from './report.ts'

export const MEASURES = ['quality', 'prefix', 'needle', 'evasion', 'attacker', 'latency', 'families'] as const
export type Measure = (typeof MEASURES)[number]

export interface EvaluateOptions {
  readonly target: string
  readonly model: string | null
  readonly set: string
  readonly measures: ReadonlySet<Measure>
  /** The set that was learned from, to count what both hold. */
  readonly against: readonly EvalRow[] | null
  /** Longest needle haystack and latency text: a target that takes no more would only count as unavailable. */
  readonly mostChars: number
  /** Rows of each kind that costly measures use at most. */
  readonly sample: number
  readonly nowMs: () => number
}

/** Of 200 needles about 165 are found alone; 149 that are all kept show 98 %. */
const NEEDLES = 200
/** Texts of a side and language: 300, of which about 250 are found as written. */
const EVADED = 300
/** Texts of each category that are attacked, and how often at most. */
const ATTACKED = 20
const MOST_ATTEMPTS = 1000
const LATENCY_RUNS = 200
const LATENCY_BUDGET_MS = 1500
const LEAST_FAMILY = 25
const FAMILY_EXAMPLES = [0, 1, 5, 20] as const

/**
 * Measures a target on a set.
 * @param judge One verdict per row; asked once for each row, and again for the cut and hidden ones.
 */
export async function evaluateSet(
  rows: readonly EvalRow[],
  judge: Judge,
  options: EvaluateOptions,
  progress: (what: string, done: number, all: number) => void,
): Promise<EvalReport> {
  const { measures } = options
  const at = (what: string) => (done: number, all: number) => progress(what, done, all)
  const judged = await judgeAll(rows, judge, at('rows'))
  const again = remembering(judge, judged)
  const qualities = (['prompt', 'exchange'] as const).flatMap((kind) => {
    const own = judged.filter(({ row }) => row.target === kind)
    return own.length === 0 ? [] : [qualityOf(own)]
  })
  const exchanges = rows.filter(({ target }) => target === 'exchange')
  const prompts = rows.filter(({ target }) => target === 'prompt')
  const line = qualities.find(({ kind }) => kind === 'prompt')?.at1.same.line
  const within = <T extends number>(sizes: readonly T[]) => sizes.filter((size) => size <= options.mostChars)
  const measured: Omit<EvalReport, 'bars'> = {
    target: options.target,
    model: options.model,
    set: options.set,
    rows: rows.length,
    qualities,
    pairs: pairAccuracy(scoredOf(judged).scored),
    prefix: measures.has('prefix')
      ? await prefixCurve(exchanges.slice(0, options.sample), again, at('beginnings of answers'))
      : [],
    needles:
      measures.has('needle') && line !== undefined
        ? await needlesOf(
            prompts,
            line,
            { needles: Math.min(NEEDLES, options.sample), sizes: within(NEEDLE_SIZES) },
            again,
            at('needles'),
          )
        : null,
    evasions:
      measures.has('evasion') && line !== undefined
        ? await evasionRetention(prompts, line, Math.min(EVADED, options.sample), again, at('evasions'))
        : [],
    attacker:
      measures.has('attacker') && line !== undefined
        ? await attackerReach(
            prompts,
            line,
            { most: Math.min(ATTACKED, options.sample), attempts: MOST_ATTEMPTS },
            again,
            at('attempts'),
          )
        : [],
    latency: measures.has('latency')
      ? await latencyOf(rows.slice(0, 500), judge, {
          sizes: within(LATENCY_SIZES),
          runs: LATENCY_RUNS,
          budgetMs: LATENCY_BUDGET_MS,
          nowMs: options.nowMs,
        })
      : [],
    families: measures.has('families') ? familiesHeldOut(prompts, at('families')) : [],
    contamination: options.against === null ? null : contaminationOf(rows, options.against),
  }
  return { ...measured, bars: barsOf(measured) }
}

function familiesHeldOut(prompts: readonly EvalRow[], progress: (done: number, all: number) => void) {
  const families = familiesOf(prompts, LEAST_FAMILY)
  if (families.length < 2) return []
  return FAMILY_EXAMPLES.map((k, i) => {
    const found = familyRecall(prompts, families, k)
    progress(i + 1, FAMILY_EXAMPLES.length)
    return found
  })
}
