import { LANGUAGE_GROUPS, type LanguageGroup } from '../core/classifier/model.ts'

interface Counted {
  readonly group: LanguageGroup
  readonly positive: boolean
  /** ≥ 0. */
  readonly weight: number
}

/**
 * What to multiply weights by so that every group of languages has as large a share of positives as all have together: how
 * a language was collected says nothing of who speaks it. Each group keeps its whole weight; one in which a side is
 * missing keeps the other as if it were all there.
 */
export function languageBalance(points: readonly Counted[]): (group: LanguageGroup, positive: boolean) => number {
  const sum = (some: readonly Counted[]) => some.reduce((of, { weight }) => of + weight, 0)
  const shareOf = (some: readonly Counted[]) => sum(some.filter(({ positive }) => positive)) / sum(some)
  const usual = shareOf(points)
  const own = new Map(LANGUAGE_GROUPS.map((group) => [group, shareOf(points.filter((point) => point.group === group))]))
  return (group, positive) => (positive ? usual / own.get(group)! : (1 - usual) / (1 - own.get(group)!))
}
