import type { Interval } from '../../base/intervals.ts'

const Z95 = 1.959963984540054

/**
 * Wilson's two-sided 95 % interval of a share: what RE is read from. 29 of 36 gives 0.650 to 0.902.
 * @throws {RangeError} unless 0 ≤ k ≤ n, n ≥ 1, both whole. Source: Wilson 1927.
 */
export function wilson95(k: number, n: number): Interval {
  if (!Number.isInteger(k) || !Number.isInteger(n) || n < 1 || k < 0 || k > n)
    throw new RangeError(`no share of ${k} in ${n}`)
  const p = k / n
  const z2 = Z95 ** 2
  const middle = (p + z2 / (2 * n)) / (1 + z2 / n)
  const arm = (Z95 / (1 + z2 / n)) * Math.sqrt((p * (1 - p)) / n + z2 / (4 * n ** 2))
  return { lo: k === 0 ? 0 : Math.max(0, middle - arm), hi: k === n ? 1 : Math.min(1, middle + arm) }
}
