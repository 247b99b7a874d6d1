import { binomialTail } from './intervals.ts'

/**
 * Exact two-sided p-value of McNemar's test: of the pairs that differ, were as many moved one way as the other?
 * 1 where no pair differs.
 *
 * @param up Pairs that moved one way, `down` the other; whole, ≥ 0.
 */
export function mcnemar(up: number, down: number): number {
  const n = up + down
  return n === 0 ? 1 : Math.min(1, 2 * binomialTail(Math.min(up, down), n, 0.5))
}

/**
 * P-values corrected for looking at many slices at once (Holm 1979): the chance that any slice without a change is
 * called changed stays below the level. Same order as given; never below the raw value.
 */
export function holm(values: readonly number[]): readonly number[] {
  const order = values.map((value, i) => ({ value, i })).sort((a, b) => a.value - b.value)
  const corrected = new Array<number>(values.length)
  let most = 0
  for (const [rank, { value, i }] of order.entries()) {
    most = Math.max(most, Math.min(1, value * (values.length - rank)))
    corrected[i] = most
  }
  return corrected
}
