import type { PlacedText } from './family-text.ts'

/** A window of two strides, by the index of the last of them. */
export interface BestWindow {
  readonly sum: number
  readonly stride: number
}

/**
 * The window of a text in which weights add up to most. Of the features in both of its strides each counts once, and the
 * sum is divided by the root of how many features the window has: a long text gathers no score by its length, and what
 * stands around a passage hides it no further than its window.
 *
 * @param weightOf Weight of a place in the vocabulary.
 */
export function bestWindow(text: PlacedText, weightOf: (place: number) => number): BestWindow {
  const { places, again, ends, sizes } = text
  let best: BestWindow = { sum: Number.NEGATIVE_INFINITY, stride: 0 }
  let before = 0
  for (let stride = 0, i = 0; stride < ends.length; stride++) {
    let all = 0
    let fresh = 0
    for (; i < ends[stride]!; i++) {
      const weight = weightOf(places[i]!)
      all += weight
      if (again[i] === 0) fresh += weight
    }
    const size = sizes[stride]! + (stride === 0 ? 0 : sizes[stride - 1]!)
    const sum = (before + fresh) / Math.sqrt(Math.max(1, size))
    // A beginning by itself is a window only where nothing follows it.
    if (sum > best.sum || stride === 1) best = { sum, stride }
    before = all
  }
  return best
}

/** Places that a window has, each once, and how many features it has. */
export function windowAt(
  { places, again, ends, sizes }: PlacedText,
  stride: number,
): { readonly places: readonly number[]; readonly size: number } {
  const found: number[] = []
  const first = stride === 0 ? 0 : (ends[stride - 2] ?? 0)
  const open = stride === 0 ? 0 : ends[stride - 1]!
  for (let i = first; i < ends[stride]!; i++) if (i < open || again[i] === 0) found.push(places[i]!)
  return { places: found, size: Math.max(1, sizes[stride]! + (sizes[stride - 1] ?? 0)) }
}
