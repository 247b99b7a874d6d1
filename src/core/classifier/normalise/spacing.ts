import { BLANK, isLetter, isLetterLike, JOINER, kindOf, WIDEST_GAP } from './characters.ts'
import { type Spanned, SpannedText } from './spanned.ts'

/** So many letters that stand alone are no accident. */
const FEWEST = 4
/** Shares of what stands alone that must be letters or digits, and letters: arithmetic has fewer. */
const LEAST_WORDS = 0.7
const LEAST_LETTERS = 0.4

/**
 * Words that were drawn apart, put together: `i g n o r e`, `i.g.n.o.r.e`, one letter a line, whatever ends it. What stands
 * between most letters parts letters; anything else parts words.
 * @returns null where there is nothing to put together.
 */
export function withoutSpacing(text: Spanned): Spanned | null {
  const { points } = text
  const read = new SpannedText()
  let changed = false
  for (let i = 0; i < points.length; ) {
    const letters = isSingle(points, i) ? sequence(points, i) : []
    const joiner = letters.length < FEWEST ? null : joinerOf(points, letters)
    if (joiner === null) {
      // None of these begins a longer sequence: they are passed over together, which keeps this linear.
      const end = letters.length === 0 ? i + 1 : letters.at(-1)! + 1
      while (i < end) read.copy(text, i++)
      continue
    }
    changed = true
    letters.forEach((at, k) => {
      if (k > 0 && between(points, letters[k - 1]!, at) !== joiner) read.merge(0x20, text, letters[k - 1]! + 1, at - 1)
      read.copy(text, at)
    })
    i = letters.at(-1)! + 1
  }
  return changed ? read : null
}

/** Letters that stand alone, one after the other, with little between them. */
function sequence(points: readonly number[], from: number): readonly number[] {
  const letters = [from]
  for (let at = from; ; ) {
    let next = at + 1
    while (next < points.length && next - at <= WIDEST_GAP && isGap(points[next]!) && !isSingle(points, next)) next++
    if (next === at + 1 || !isSingle(points, next)) return letters
    letters.push((at = next))
  }
}

/**
 * What stands between most letters: one sign, or blanks. Null where that is too rare, or most of them are digits.
 * `A. 1`, `B. 2` are a list.
 */
function joinerOf(points: readonly number[], letters: readonly number[]): string | null {
  const counts = new Map<string, number>()
  for (let k = 1; k < letters.length; k++) {
    const gap = between(points, letters[k - 1]!, letters[k]!)
    if (gap.length === 1 || gap.trim() === '') counts.set(gap, (counts.get(gap) ?? 0) + 1)
  }
  const [joiner, count] = [...counts].sort((a, b) => b[1] - a[1] || a[0].length - b[0].length)[0] ?? ['', 0]
  const words = letters.filter((at) => isLetterLike(points[at]!)).length
  const real = letters.filter((at) => isLetter(points[at]!)).length
  const drawn = words >= LEAST_WORDS * letters.length && real >= LEAST_LETTERS * letters.length
  return drawn && count >= FEWEST - 1 && 2 * count >= letters.length - 1 ? joiner : null
}

function between(points: readonly number[], from: number, to: number): string {
  return String.fromCodePoint(...points.slice(from + 1, to))
}

/** A letter or digit alone, or any sign between blanks: it was drawn apart with the letters around it. */
function isSingle(points: readonly number[], i: number): boolean {
  if (i >= points.length || kindOf(points[i]!) === BLANK) return false
  if (!isLetterLike(points[i]!)) return i > 0 && isBlank(points, i - 1) && isBlank(points, i + 1)
  return (i === 0 || !isLetterLike(points[i - 1]!)) && (i + 1 >= points.length || !isLetterLike(points[i + 1]!))
}

function isBlank(points: readonly number[], i: number): boolean {
  return i < points.length && kindOf(points[i]!) === BLANK
}

function isGap(point: number): boolean {
  const kind = kindOf(point)
  return kind === BLANK || kind === JOINER
}
