import { clopperPearson, type Interval } from '../base/intervals.ts'
import { REVIEW_LABELS, type ReviewLabel } from './review-label.ts'

export interface Kappa extends Interval {
  /** Agreement beyond chance: 1 complete, 0 as by chance. */
  readonly kappa: number
  readonly pairs: number
}

/**
 * Cohen's kappa of pairs of labels, with its 95 % interval. Null for fewer than two pairs, and where everybody always
 * says the same: chance explains all of that.
 * Source: Cohen 1960; large-sample variance of Fleiss, Cohen and Everitt 1969.
 */
export function cohensKappa(pairs: readonly (readonly [ReviewLabel, ReviewLabel])[]): Kappa | null {
  const n = pairs.length
  if (n < 2) return null
  const share = (test: (pair: readonly [ReviewLabel, ReviewLabel]) => boolean) => pairs.filter(test).length / n
  const rows = REVIEW_LABELS.map((label) => share(([a]) => a === label))
  const columns = REVIEW_LABELS.map((label) => share(([, b]) => b === label))
  const observed = share(([a, b]) => a === b)
  const chance = rows.reduce((sum, row, i) => sum + row * columns[i]!, 0)
  if (chance >= 1) return null
  const kappa = (observed - chance) / (1 - chance)
  let variance = -((kappa - chance * (1 - kappa)) ** 2)
  for (const [i, a] of REVIEW_LABELS.entries())
    for (const [j, b] of REVIEW_LABELS.entries()) {
      const cell = share(([x, y]) => x === a && y === b)
      if (i === j) variance += cell * (1 - (rows[i]! + columns[i]!) * (1 - kappa)) ** 2
      else variance += (1 - kappa) ** 2 * cell * (columns[i]! + rows[j]!) ** 2
    }
  const reach = (1.959964 * Math.sqrt(Math.max(0, variance) / n)) / (1 - chance)
  return { kappa, lo: Math.max(-1, kappa - reach), hi: Math.min(1, kappa + reach), pairs: n }
}

/** How a reviewer did on items whose label is known. */
export interface GoldenScore {
  readonly reviewer: string
  readonly correct: number
  readonly n: number
  /** Even the upper bound of the true accuracy is below what labels are used from. */
  readonly failed: boolean
}

/** Below this accuracy on hidden checks a reviewer's labels are not used. */
export const LEAST_ACCURACY = 0.8
const LEAST_CHECKS = 5

/** Scores reviewers on hidden checks: harmful or harmless counts, a reviewer who is unsure is neither right nor wrong. */
export function goldenScores(
  answers: readonly { readonly reviewer: string; readonly said: ReviewLabel; readonly known: ReviewLabel }[],
): readonly GoldenScore[] {
  const sure = answers.filter(({ said }) => said !== 'unsure')
  return [...Map.groupBy(sure, ({ reviewer }) => reviewer)].map(([reviewer, some]) => {
    const n = some.length
    const correct = some.filter(({ said, known }) => (said === 'harmful') === (known === 'harmful')).length
    // The upper end of a two-sided 90 % interval is the one-sided 95 % bound.
    const failed = n >= LEAST_CHECKS && clopperPearson(correct, n, 0.9).hi < LEAST_ACCURACY
    return { reviewer, correct, n, failed }
  })
}

/** One person's word on an item, as far as the outcome depends on it. */
export interface Said {
  readonly by: string
  readonly label: ReviewLabel
}

/** Where an item stands after these words, one per person. */
export interface Outcome {
  readonly state: 'open' | 'done'
  /** People who have to agree; a third is asked where two do not. */
  readonly needs: number
  /** What it is; null while open. */
  readonly label: ReviewLabel | null
}

const MOST_REVIEWERS = 3

/** What the words on an item come to. Harmful against harmless decides; three who differ leave it unsure. */
export function outcomeOf(said: readonly Said[], needs: number): Outcome {
  const people = [...new Map(said.map((one) => [one.by, one])).values()]
  if (people.length < needs) return { state: 'open', needs, label: null }
  const harmful = people.filter(({ label }) => label === 'harmful').length
  const harmless = people.filter(({ label }) => label === 'benign' || label === 'borderline-benign').length
  const least = Math.min(needs, 2)
  if (harmful >= least && harmful > harmless) return { state: 'done', needs, label: 'harmful' }
  if (harmless >= least && harmless > harmful) {
    const looks = people.some(({ label }) => label === 'borderline-benign')
    return { state: 'done', needs, label: looks ? 'borderline-benign' : 'benign' }
  }
  const agreed = harmful + harmless === 0 && people.length >= least
  if (agreed || people.length >= MOST_REVIEWERS) return { state: 'done', needs, label: 'unsure' }
  return { state: 'open', needs: people.length + 1, label: null }
}
