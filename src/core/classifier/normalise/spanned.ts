/**
 * A text as code points, each with the stretch of the raw text it was read from: code points `starts[i]` to `ends[i]`,
 * half-open. What was rewritten can always be pointed at where it stands.
 */
export interface Spanned {
  readonly points: readonly number[]
  readonly starts: readonly number[]
  readonly ends: readonly number[]
}

/** Builds a spanned text, in order. */
export class SpannedText implements Spanned {
  readonly points: number[] = []
  readonly starts: number[] = []
  readonly ends: number[] = []

  push(point: number, start: number, end: number): void {
    this.points.push(point)
    this.starts.push(start)
    this.ends.push(end)
  }

  /** Takes over one code point as it is. */
  copy(from: Spanned, i: number): void {
    this.push(from.points[i]!, from.starts[i]!, from.ends[i]!)
  }

  /** One code point that was read from all of `from[first]` to `from[last]`, which may run backwards in the raw text. */
  merge(point: number, from: Spanned, first: number, last: number): void {
    this.push(point, startOf(from, first, last), endOf(from, first, last))
  }
}

/** Where the raw stretch from one code point of a reading to another begins. */
export function startOf({ starts }: Spanned, first: number, last: number): number {
  return Math.min(starts[first]!, starts[last]!)
}

/** And where it ends. */
export function endOf({ ends }: Spanned, first: number, last: number): number {
  return Math.max(ends[first]!, ends[last]!)
}

/** The code points as a string. Half a surrogate pair is U+FFFD, as it is scored: beside another half it would be one. */
export function textOf(points: readonly number[]): string {
  let text = ''
  for (let i = 0; i < points.length; i++) {
    const point = points[i]!
    if (point >= 0xd800 && point <= 0xdfff) text += '\ufffd'
    else text += point < 0x10000 ? String.fromCharCode(point) : String.fromCodePoint(point)
  }
  return text
}

/** The raw stretch behind code points `from` to `to` of a reading, half-open; also where the reading runs backwards. */
export function rawSpan(
  spanned: Pick<Spanned, 'starts' | 'ends'>,
  from: number,
  to: number,
): { readonly start: number; readonly end: number } {
  let start = Number.POSITIVE_INFINITY
  let end = 0
  for (let i = from; i < to; i++) {
    start = Math.min(start, spanned.starts[i]!)
    end = Math.max(end, spanned.ends[i]!)
  }
  return { start: Math.min(start, end), end }
}
