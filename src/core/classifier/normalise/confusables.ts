import { ALIKE, FOREIGN, isLetter, kindOf, LETTER } from './characters.ts'
import { isGreek, latinTwin } from './look-alikes.ts'
import { type Spanned, SpannedText } from './spanned.ts'

/**
 * Look-alike letters read as Latin, only in words that mix scripts: a Russian word stays Russian, and a formula Greek.
 * @returns null where there is no such word.
 */
export function withoutConfusables(text: Spanned): Spanned | null {
  const { points } = text
  const read = new SpannedText()
  let changed = false
  for (let i = 0; i < points.length; ) {
    if (!isLetter(points[i]!)) {
      read.copy(text, i++)
      continue
    }
    let end = i
    while (end < points.length && isLetter(points[end]!)) end++
    const mixed = isDisguised(points.slice(i, end))
    changed ||= mixed
    for (; i < end; i++) read.push((mixed ? latinTwin(points[i]!) : null) ?? points[i]!, text.starts[i]!, text.ends[i]!)
  }
  return changed ? read : null
}

function isDisguised(word: readonly number[]): boolean {
  let latin = 0
  let cyrillic = 0
  let greek = 0
  for (const point of word) {
    const kind = kindOf(point)
    if (kind === LETTER) latin++
    else if (kind === ALIKE && isGreek(point)) greek++
    else if (kind === ALIKE) cyrillic++
    // One letter that looks like no Latin one: the word is what it seems to be.
    else if (kind === FOREIGN && !isLatinAccented(point)) return false
  }
  if (latin === 0 || latin + cyrillic + greek < 2) return false
  // `cosα`, `αx`: Greek at either end of a word is a variable.
  const inside = word.slice(1, -1).some((point) => kindOf(point) === ALIKE)
  return cyrillic > 0 || greek >= 3 || (greek > 0 && inside && latin >= 2)
}

function isLatinAccented(point: number): boolean {
  return /\p{Script=Latin}|\p{M}/u.test(String.fromCodePoint(point))
}
