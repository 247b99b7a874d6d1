import type { Category } from '../base/harm.ts'
import { LABEL_CATEGORIES } from '../base/reasons.ts'
import type { Finding, Stage } from './finding.ts'
import { isInDoubt, levelOf, type Policy } from './policy.ts'

/** Whether a second opinion has settled a category at a stage: it covers it, has a word on it, and is in no doubt itself. */
export type Answered = (category: Category, stage: Stage) => boolean

/** What the second opinions among the findings have settled. A probe settles nothing: it only agrees. */
export function answeredBy(findings: readonly Finding[], policy: Policy): Answered {
  // Nearly every decision: no list is made for nothing.
  if (!findings.some((one) => one.kind === 'scored' && one.tier === 'second_opinion')) return NOBODY
  const opinions = findings.filter((one) => one.kind === 'scored').filter(({ tier }) => tier === 'second_opinion')
  return (category, stage) =>
    opinions.some(
      ({ covers, open, ppm, stage: at, thresholds }) =>
        at === stage &&
        (covers === undefined || covers.includes(category)) &&
        open?.includes(category) !== true &&
        levelOf(ppm[LABEL_CATEGORIES.indexOf(category)]!, thresholds ?? policy.harms[category][stage]) !== 'abstain',
    )
}

const NOBODY: Answered = () => false

/**
 * A probe's word on a category counts only where the light tier is at least in doubt about the same (classifier.md §5):
 * activations are read by a linear head that nobody can check from outside. Its word on attack forms never does.
 */
export function probeCounts(label: number, stage: Stage, findings: readonly Finding[], policy: Policy): boolean {
  const category = LABEL_CATEGORIES[label]!
  if (category === null) return false
  return findings.some(
    (one) =>
      one.kind === 'scored' &&
      one.tier === 'light' &&
      (one.stage === 'input') === (stage === 'input') &&
      isInDoubt(one.ppm[label]!, policy.harms[category], one.stage),
  )
}
