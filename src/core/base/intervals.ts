/** Exact statistics of counts: intervals that keep their promise at any n. */

export interface Interval {
  readonly lo: number
  readonly hi: number
}

/**
 * Exact two-sided interval of a share, k successes in n trials.
 * @param confidence In (0, 1), e.g. 0.95. @throws {RangeError} unless 0 ≤ k ≤ n, n ≥ 1, both whole.
 * Source: Clopper and Pearson 1934; bounds as quantiles of the beta distribution.
 */
export function clopperPearson(k: number, n: number, confidence: number): Interval {
  if (!Number.isInteger(k) || !Number.isInteger(n) || n < 1 || k < 0 || k > n)
    throw new RangeError(`no share of ${k} in ${n}`)
  return betaInterval(k, n, confidence)
}

/**
 * The same bounds where k and n need not be whole: n as the *effective* sample of a clustered one, k its share of that.
 * @param confidence In (0, 1). Wants 0 ≤ k ≤ n and n > 0.
 * Source: Korn and Graubard 1998.
 */
export function betaInterval(k: number, n: number, confidence: number): Interval {
  const tail = (1 - confidence) / 2
  // Without a success, or without a failure, the bound has a closed form.
  if (k <= 0) return { lo: 0, hi: 1 - tail ** (1 / n) }
  if (k >= n) return { lo: tail ** (1 / n), hi: 1 }
  return { lo: betaQuantile(tail, k, n - k + 1), hi: betaQuantile(1 - tail, k + 1, n - k) }
}

/** t with P(|T| ≤ t) = confidence for `df` degrees of freedom. Wants df ≥ 1. */
export function studentQuantile(confidence: number, df: number): number {
  const x = betaQuantile(1 - confidence, df / 2, 0.5)
  return Math.sqrt((df * (1 - x)) / x)
}

/**
 * Least number of trials that shows a share of at least `share` with one-sided `confidence` when `misses` of them miss.
 * For 0.99 and 0.95: 299, 473, 628, 773 for 0 to 3 misses.
 */
export function trialsNeeded(share: number, misses: number, confidence: number): number {
  const shown = (n: number) => binomialTail(misses, n, 1 - share) <= 1 - confidence
  let hi = misses + 1
  while (!shown(hi)) hi *= 2
  let lo = Math.floor(hi / 2)
  while (hi - lo > 1) {
    const middle = Math.floor((lo + hi) / 2)
    if (shown(middle)) hi = middle
    else lo = middle
  }
  return hi
}

/** P(X ≤ k) for X binomial with n trials of probability p. */
export function binomialTail(k: number, n: number, p: number): number {
  return k >= n ? 1 : 1 - regularisedBeta(p, k + 1, n - k)
}

/**
 * x with I_x(a, b) = p: Newton steps inside a bracket that every step narrows, halved where a step would leave it. The
 * function is monotone, so the bracket always holds the answer; ends where a double says no more.
 */
function betaQuantile(p: number, a: number, b: number): number {
  let lo = 0
  let hi = 1
  let x = a / (a + b)
  const logBeta = logGamma(a) + logGamma(b) - logGamma(a + b)
  for (let i = 0; i < 100 && hi - lo > 1e-15 * hi; i++) {
    const off = regularisedBeta(x, a, b) - p
    if (off < 0) lo = x
    else hi = x
    const slope = Math.exp((a - 1) * Math.log(x) + (b - 1) * Math.log1p(-x) - logBeta)
    const next = x - off / slope
    const last = x
    x = next > lo && next < hi ? next : (lo + hi) / 2
    if (Math.abs(x - last) <= 1e-15 * x) break
  }
  return x
}

/** Regularised incomplete beta function I_x(a, b); continued fraction by Lentz's method (DLMF 8.17.22). */
export function regularisedBeta(x: number, a: number, b: number): number {
  if (x <= 0) return 0
  if (x >= 1) return 1
  if (x > (a + 1) / (a + b + 2)) return 1 - regularisedBeta(1 - x, b, a)
  const front = Math.exp(a * Math.log(x) + b * Math.log1p(-x) + logGamma(a + b) - logGamma(a) - logGamma(b)) / a
  const tiny = 1e-300
  let c = 1
  let d = 1 / nonZero(1 - ((a + b) * x) / (a + 1), tiny)
  let fraction = d
  for (let m = 1; m <= 10_000; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m))
    d = 1 / nonZero(1 + even * d, tiny)
    c = nonZero(1 + even / c, tiny)
    fraction *= d * c
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1))
    d = 1 / nonZero(1 + odd * d, tiny)
    c = nonZero(1 + odd / c, tiny)
    const step = d * c
    fraction *= step
    if (Math.abs(step - 1) < 1e-15) break
  }
  return front * fraction
}

function nonZero(value: number, tiny: number): number {
  return Math.abs(value) < tiny ? tiny : value
}

/** ln Γ(x) for x > 0. Source: Lanczos 1964, coefficients for g = 7, n = 9. */
function logGamma(x: number): number {
  const g = [
    0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059,
    12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
  ]
  const t = x + 6.5
  let sum = g[0]!
  for (let i = 1; i < 9; i++) sum += g[i]! / (x + i - 1)
  return 0.5 * Math.log(2 * Math.PI) + (x - 0.5) * Math.log(t) - t + Math.log(sum)
}
