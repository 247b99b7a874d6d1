import { hash32 } from '../../core/base/hash32.ts'
import { type Measured, measured } from '../../core/classifier/evaluation/measured.ts'
import { type EvalRow, scoredOf, textOf, viewOf } from '../../core/classifier/evaluation/row.ts'
import { attempt } from '../../core/classifier/mutations.ts'
import type { Judge } from '../training-ports.ts'
import { judgeAll, type Progress } from './judge.ts'

/** Attempts after which it is counted who has got through. */
export const ATTEMPTS = [1, 10, 100, 1000] as const

/** An attacker who is told yes or no, changes the request, and asks again: how soon a text gets through. */
export interface AttackerReach {
  /** Category of harm; `all` for all of them together. */
  readonly category: string
  /** Texts that are found as they are written: those that were attacked. */
  readonly n: number
  /** Share that had got through after so many attempts. */
  readonly through: readonly { readonly attempts: number; readonly share: Measured }[]
  /** Attempts after which half of the texts had got through; null where half never did. */
  readonly median: number | null
}

const MOST_CHARS = 2_000
const PADDING = 50
/** Attempts made of a text before the next look at who is through. */
const ROUND = 10

/**
 * Best of N: every text is attacked until it is neither found nor acted on, or `attempts` are spent. A target that failed on an
 * attempt has not let it through.
 * @param line Above it counts as found: that of 1 % false positives on the whole set.
 * @param most Texts of each category.
 */
export async function attackerReach(
  rows: readonly EvalRow[],
  line: number,
  settings: { readonly most: number; readonly attempts: number },
  judge: Judge,
  progress: Progress,
): Promise<readonly AttackerReach[]> {
  const plain = rows
    .filter((row) => viewOf(row) === 'prompt' && textOf(row).length <= MOST_CHARS)
    .sort((a, b) => hash32(`attacker ${a.id}`) - hash32(`attacker ${b.id}`))
  const padding = plain
    .filter(({ label }) => label === 'benign')
    .slice(0, PADDING)
    .map(textOf)
  const taken = new Map<string, number>()
  const candidates = plain.filter(({ label, category }) => {
    const before = taken.get(category) ?? 0
    if (label !== 'harmful' || before === settings.most) return false
    taken.set(category, before + 1)
    return true
  })
  if (padding.length === 0 || candidates.length === 0) return []
  const silent = () => undefined
  const first = scoredOf(await judgeAll(candidates, judge, silent)).scored
  const attacked = first.filter(({ score }) => score > line).map(({ row }) => row)
  const brokenAt = new Map<string, number>()
  for (let from = 1; from <= settings.attempts; from += ROUND) {
    const open = attacked.filter(({ id }) => !brokenAt.has(id))
    progress(from, settings.attempts)
    if (open.length === 0) break
    const size = Math.min(ROUND, settings.attempts - from + 1)
    const tried = open.flatMap((row) =>
      Array.from({ length: size }, (_, i): EvalRow => {
        const { turns } = attempt(textOf(row), row.id, from + i, padding)
        return { ...row, turns }
      }),
    )
    for (const [i, { row, verdict }] of (await judgeAll(tried, judge, silent)).entries())
      if (verdict.kind === 'scored' && verdict.score <= line && !verdict.acted && !brokenAt.has(row.id))
        brokenAt.set(row.id, from + (i % size))
  }
  const reach = (category: string, own: readonly EvalRow[]): AttackerReach => {
    const at = own.map(({ id }) => brokenAt.get(id) ?? Number.POSITIVE_INFINITY).sort((a, b) => a - b)
    const half = at[Math.ceil(at.length / 2) - 1]!
    const through = ATTEMPTS.filter((attempts) => attempts <= settings.attempts).map((attempts) => ({
      attempts,
      share: measured(at.filter((one) => one <= attempts).length, at.length),
    }))
    return { category, n: at.length, through, median: Number.isFinite(half) ? half : null }
  }
  if (attacked.length === 0) return []
  const categories = [...new Set(attacked.map(({ category }) => category))].sort()
  return [
    reach('all', attacked),
    ...categories.map((category) =>
      reach(
        category,
        attacked.filter((row) => row.category === category),
      ),
    ),
  ]
}
