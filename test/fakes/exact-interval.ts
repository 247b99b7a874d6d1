/**
 * Exact two-sided 95 % interval of a share: Clopper–Pearson, by halving on the binomial tail.
 *
 * Source: Clopper and Pearson 1934.
 */
export function exactInterval(k: number, n: number): readonly [lo: number, hi: number] {
  const lo = k === 0 ? 0 : solve((p) => 1 - below(k - 1, n, p) > 0.025)
  const hi = k === n ? 1 : solve((p) => below(k, n, p) < 0.025)
  return [lo, hi]
}

/** Smallest p in [0, 1] for which a rising condition holds. */
function solve(holds: (p: number) => boolean): number {
  let lo = 0
  let hi = 1
  for (let i = 0; i < 50; i++) {
    const middle = (lo + hi) / 2
    if (holds(middle)) hi = middle
    else lo = middle
  }
  return hi
}

/** P(X ≤ k) of a binomial; terms far below the mode vanish and cost nothing. */
function below(k: number, n: number, p: number): number {
  if (p <= 0) return 1
  if (p >= 1) return k >= n ? 1 : 0
  let term = n * Math.log1p(-p)
  let sum = Math.exp(term)
  for (let i = 1; i <= k; i++) {
    term += Math.log((n - i + 1) / i) + Math.log(p / (1 - p))
    sum += Math.exp(term)
  }
  return Math.min(1, sum)
}
