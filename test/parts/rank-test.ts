/**
 * How far two samples lie apart, by ranks alone (Mann-Whitney, normal approximation, ties averaged): about standard
 * normal where both come from one distribution, whatever that is, so outliers of a busy machine count for little.
 * Positive where `a` is the greater.
 */
export function rankDistance(a: readonly number[], b: readonly number[]): number {
  const all = [...a.map((value) => ({ value, first: true })), ...b.map((value) => ({ value, first: false }))]
  all.sort((one, other) => one.value - other.value)
  let sum = 0
  for (let i = 0; i < all.length; ) {
    let end = i
    while (end < all.length && all[end]!.value === all[i]!.value) end++
    for (let j = i; j < end; j++) if (all[j]!.first) sum += (i + 1 + end) / 2
    i = end
  }
  const [n, m] = [a.length, b.length]
  return (sum - (n * (n + m + 1)) / 2) / Math.sqrt((n * m * (n + m + 1)) / 12)
}

/** Beyond this a difference is significant: by chance once in 16,000 runs. */
export const SIGNIFICANT = 4
