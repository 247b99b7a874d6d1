/** A label beside a vertical line at `x`, both in per cent of the axis. */
export interface Mark {
  readonly x: number
}

/** Beyond this a label stands left of its line. */
const EDGE = 75
/** The widest label, in per cent of the axis. */
const WIDTH = 28

export function standsLeft({ x }: Mark): boolean {
  return x > EDGE
}

/**
 * The row of each label, so that no two overlap and, where that can be had, no line runs through one: a line passes all
 * rows below that of its label. Labels right of their lines are placed from the left, those left of them from the right.
 */
export function lanes<M extends Mark>(marks: readonly M[]): readonly (M & { readonly lane: number })[] {
  const placed: (M & { readonly lane: number })[] = []
  const right = marks.filter((mark) => !standsLeft(mark)).sort((a, b) => a.x - b.x)
  const left = marks.filter(standsLeft).sort((a, b) => b.x - a.x)
  for (const mark of [...right, ...left]) {
    let lane = 0
    while (lane < placed.length && !placed.every((other) => agree(mark, lane, other))) lane++
    placed.push({ ...mark, lane })
  }
  return placed
}

function agree(mark: Mark, lane: number, other: Mark & { readonly lane: number }): boolean {
  const [from, to] = extent(mark)
  const [otherFrom, otherTo] = extent(other)
  if (other.lane === lane) return to <= otherFrom || otherTo <= from
  // The line of whichever is higher runs past the label of the other.
  return other.lane < lane ? other.x <= from || other.x >= to : mark.x <= otherFrom || mark.x >= otherTo
}

function extent(mark: Mark): readonly [number, number] {
  return standsLeft(mark) ? [mark.x - WIDTH, mark.x] : [mark.x, mark.x + WIDTH]
}
