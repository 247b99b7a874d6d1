import { isLetter } from './characters.ts'
import { rot13 } from './markers.ts'
import { type Spanned, SpannedText } from './spanned.ts'

export function turnedByThirteen(text: Spanned): Spanned {
  return { ...text, points: text.points.map(rot13) }
}

/** Last code point first. */
export function mirrored(text: Spanned): Spanned {
  return { points: text.points.toReversed(), starts: text.starts.toReversed(), ends: text.ends.toReversed() }
}

/** Each word mirrored where it stands. */
export function mirroredWords(text: Spanned): Spanned {
  const { points } = text
  const read = new SpannedText()
  for (let i = 0; i < points.length; ) {
    let end = i
    while (end < points.length && isLetter(points[end]!)) end++
    for (let k = end - 1; k >= i; k--) read.copy(text, k)
    if (end === i) read.copy(text, end++)
    i = end
  }
  return read
}
