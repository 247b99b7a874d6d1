/** One rated thing: the ranks that its raters gave, from 0; null where a rater gave none. */
export type Ratings = readonly (number | null)[]

export interface Agreement {
  /** Krippendorff's α, ordinal: 1 is full agreement, 0 what chance gives. Null where nothing varies or nothing pairs. */
  readonly alpha: number | null
  /** Things with two ratings or more: only these can agree. */
  readonly units: number
  /** Ratings of these things. */
  readonly ratings: number
}

/**
 * Krippendorff's α for ordinal ranks, with missing ratings.
 *
 * @param units Things by raters; ranks whole, in 0..levels − 1.
 * @param levels How many ranks there are.
 * Source: Krippendorff, "Computing Krippendorff's Alpha-Reliability", 2011.
 */
export function ordinalAlpha(units: readonly Ratings[], levels: number): Agreement {
  const paired = units.map((ratings) => ratings.filter((rank) => rank !== null)).filter(({ length }) => length > 1)
  const total = paired.reduce((sum, { length }) => sum + length, 0)
  const coincidence = coincidences(paired, levels)
  const margins = coincidence.map((row) => row.reduce((sum, n) => sum + n, 0))
  let observed = 0
  let expected = 0
  for (let c = 0; c < levels; c++)
    for (let k = c + 1; k < levels; k++) {
      const apart = distance(margins, c, k)
      observed += coincidence[c]![k]! * apart
      expected += margins[c]! * margins[k]! * apart
    }
  const alpha = expected === 0 ? null : 1 - ((total - 1) * observed) / expected
  return { alpha, units: paired.length, ratings: total }
}

/** How often two raters gave rank c and rank k to the same thing, each thing weighing as many as rated it. */
function coincidences(units: readonly (readonly number[])[], levels: number): number[][] {
  const matrix = Array.from({ length: levels }, () => new Array<number>(levels).fill(0))
  for (const ranks of units)
    for (const [i, c] of ranks.entries())
      for (const [j, k] of ranks.entries()) if (i !== j) matrix[c]![k]! += 1 / (ranks.length - 1)
  return matrix
}

/** Ordinal distance, squared: how many ratings lie between two ranks, each end by half. */
function distance(margins: readonly number[], c: number, k: number): number {
  let between = -(margins[c]! + margins[k]!) / 2
  for (let g = c; g <= k; g++) between += margins[g]!
  return between ** 2
}
