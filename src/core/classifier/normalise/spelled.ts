import { BLANK, isLetter, kindOf } from './characters.ts'
import { spelledLetter } from './markers.ts'
import { type Spanned, SpannedText } from './spanned.ts'

const FEWEST = 4
const CODE =
  '.- -... -.-. -.. . ..-. --. .... .. .--- -.- .-.. -- -. --- .--. --.- .-. ... - ..- ...- .-- -..- -.-- --..'.split(
    ' ',
  )
const MORSE: ReadonlyMap<string, number> = new Map([
  ...CODE.map((code, i) => [code, 65 + i] as const),
  ...'----- .---- ..--- ...-- ....- ..... -.... --... ---.. ----.'.split(' ').map((code, i) => [code, 48 + i] as const),
])

/** Letters given as words of the spelling alphabet. Null where fewer than four stand together. */
export function spelledOut(text: Spanned): Spanned | null {
  return letters(text, isLetter, (word) => (word.length > 8 ? null : spelledLetter(word.toLowerCase())), 12)
}

/** Letters given in Morse code. Null where fewer than six stand together. */
export function morse(text: Spanned): Spanned | null {
  return letters(
    text,
    (point) => point === 46 || point === 45,
    (code) => MORSE.get(code) ?? null,
    6,
  )
}

/**
 * Reads tokens as letters; a wide gap, a line's end, `/` or `|` between them is a blank.
 * @param longest A token longer than this is none.
 */
function letters(
  text: Spanned,
  isToken: (point: number) => boolean,
  letterOf: (token: string) => number | null,
  longest: number,
): Spanned | null {
  const { points } = text
  const read = new SpannedText()
  let streak = 0
  let most = 0
  let last = -1
  for (let i = 0; i < points.length; ) {
    if (!isToken(points[i]!)) {
      i++
      continue
    }
    let end = i
    while (end < points.length && isToken(points[end]!)) end++
    const letter = end - i <= longest ? letterOf(String.fromCodePoint(...points.slice(i, end))) : null
    if (letter === null) streak = 0
    else {
      const between = points.slice(last + 1, i)
      const parts =
        last >= 0 &&
        (between.some((p) => p === 47 || p === 124 || p === 10) ||
          between.filter((p) => kindOf(p) === BLANK).length >= 2)
      if (parts || (last >= 0 && streak === 0)) read.merge(0x20, text, last + 1, i - 1)
      read.merge(letter, text, i, end - 1)
      most = Math.max(most, ++streak)
      last = end - 1
    }
    i = end
  }
  // Rules and bullets are drawn with the signs of Morse code, but they say one thing.
  return most >= FEWEST && new Set(read.points).size >= FEWEST ? read : null
}
