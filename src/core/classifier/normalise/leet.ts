import { DIGIT, isLetter, kindOf, LEET, SIGN } from './characters.ts'
import { rollWord } from './markers.ts'
import { type Spanned, SpannedText } from './spanned.ts'

/** What each digit and sign is drawn for. 8 and 9 only count in words that others have given away. */
const DRAWN_FOR: ReadonlyMap<number, number> = new Map(
  [...'0o1i3e4a5s7t8b9g@a$s!i'].flatMap((c, i, all) =>
    i % 2 === 0 ? [[c.charCodeAt(0), all[i + 1]!.charCodeAt(0)] as const] : [],
  ),
)
/** Words on either side that are looked at, and how many different ones of them must be leet. */
const NEAR = 6
const ENOUGH = 3
const ENOUGH_IN_FEW = 2
const LONGEST = 24
const LEAST_DRAWN = 0.34
const CODED = new Set([...'\\%#&'].map((c) => c.charCodeAt(0)))

interface Word {
  readonly from: number
  readonly to: number
  /** `strong`: digits where no name or number has them. `weak`: digits beside letters. `number`: short, digits only. */
  readonly kind: 'strong' | 'weak' | 'number' | 'plain'
}

/**
 * Digits and signs drawn for letters read as letters, where several words close by have them: one `utf8mb4` or `a11y` in
 * a line of code is a name. @returns null where there are none.
 */
export function withoutLeet(text: Spanned): Spanned | null {
  const { points } = text
  const words = wordsOf(points)
  const given = clusters(points, words)
  if (given === null) return null
  const read = new SpannedText()
  let i = 0
  words.forEach((word, at) => {
    while (i < word.from) read.copy(text, i++)
    const drawn = given[at] === 1 && word.kind !== 'plain'
    for (; i < word.to; i++)
      read.push((drawn ? DRAWN_FOR.get(points[i]!) : undefined) ?? points[i]!, text.starts[i]!, text.ends[i]!)
  })
  while (i < points.length) read.copy(text, i++)
  return read
}

/** 1 for each word that has enough different strong ones near it; null where no word has. Linear. */
function clusters(points: readonly number[], words: readonly Word[]): Uint8Array | null {
  const strong = words.flatMap(({ kind }, at) => (kind === 'strong' ? [at] : []))
  const hashes = strong.map((at) => hashOf(points, words[at]!))
  const enough = words.length <= 2 * NEAR ? ENOUGH_IN_FEW : ENOUGH
  const near = new Uint8Array(words.length)
  let any = false
  for (let k = 0; k < strong.length; k++) {
    const at = strong[k]!
    const different: number[] = []
    for (let j = k; j < strong.length && strong[j]! <= at + 2 * NEAR && different.length < enough; j++) {
      if (!different.includes(hashes[j]!)) different.push(hashes[j]!)
      if (different.length < enough) continue
      const [from, to] = [Math.max(0, at - NEAR), Math.min(words.length, strong[j]! + NEAR + 1)]
      if (!isDrawn(words, from, to)) continue
      any = true
      near.fill(1, from, to)
    }
  }
  return any ? near : null
}

function hashOf(points: readonly number[], { from, to }: Word): number {
  let hash = 0
  for (let i = from; i < to; i++) hash = rollWord(hash, points[i]!)
  return hash
}

/** In leet, most words with a vowel are drawn; names with digits stand among plain words. */
function isDrawn(words: readonly Word[], first: number, end: number): boolean {
  let drawn = 0
  let plain = 0
  for (let i = first; i < end; i++) {
    const { from, to, kind } = words[i]!
    if (kind === 'strong') drawn++
    else if (kind === 'plain' && to - from >= 3) plain++
  }
  return drawn > LEAST_DRAWN * (drawn + plain)
}

function wordsOf(points: readonly number[]): readonly Word[] {
  const words: Word[] = []
  for (let from = 0; from < points.length; from++) {
    if (!isPart(points, from)) continue
    let to = from
    while (to < points.length && isPart(points, to)) to++
    // After such a sign come the digits of an escape or a colour.
    const coded = from > 0 && CODED.has(points[from - 1]!)
    words.push({ from, to, kind: coded ? 'plain' : kindOfWord(points, from, to) })
    from = to
  }
  return words
}

/** A sign is part of a word only between or before letters: at the end it ends a sentence. */
function isPart(points: readonly number[], i: number): boolean {
  const kind = kindOf(points[i]!)
  if (kind !== SIGN) return kind === LEET || kind === DIGIT || isLetter(points[i]!)
  let next = i
  while (next < i + 3 && next < points.length && kindOf(points[next]!) === SIGN) next++
  return next < points.length && (isLetter(points[next]!) || kindOf(points[next]!) === LEET)
}

function kindOfWord(points: readonly number[], from: number, to: number): Word['kind'] {
  let letters = 0
  let lower = 0
  let groups = 0
  let interior = false
  let other = 0
  let hexadecimal = true
  let inGroup = false
  let lead = false
  for (let i = from; i < to; i++) {
    const point = points[i]!
    const kind = kindOf(point)
    if (isLetter(point)) {
      if (inGroup && lead) interior = true
      inGroup = false
      letters++
      if (point >= 97 && point <= 122) lower++
      if ((point | 32) > 102) hexadecimal = false
    } else {
      if (kind === DIGIT) other++
      else if (!inGroup) {
        inGroup = true
        groups++
        lead = letters > 0
      }
      if (kind === SIGN) hexadecimal = false
    }
  }
  if (groups + other === 0 || to - from > LONGEST) return 'plain'
  if (letters === 0) return to - from <= 4 && other === 0 ? 'number' : 'plain'
  if (hexadecimal && to - from >= 6) return 'plain'
  // Capitals with digits are formulas and part numbers; other digits are seldom drawn for letters.
  return other === 0 && lower > 0 && (interior || groups >= 2) ? 'strong' : 'weak'
}
