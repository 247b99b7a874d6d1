import { FOLDS } from '../classifier/normalise/fold.ts'

/** Marks a text's start and end of the automaton's alphabet: every character that no phrase holds. */
const OTHER = 0
const MOST_ENTRIES = 16_000_000

/**
 * Finds any of many phrases in one pass (Aho and Corasick, 1975), however their letters are written: case, width,
 * accents, kana, invisible characters are folded as the classifier folds them. Tables are dense over the characters that
 * occur in phrases, so a step is one look-up.
 */
export class PhraseFinder {
  /** UTF-16 units that the longest phrase may take: a kana and its sound mark apart are two, encoded it is four. */
  readonly reach: number
  readonly #classes = new Map<number, number>()
  /** The same for ASCII, which is most of most texts. */
  readonly #ascii = new Int32Array(128)
  readonly #next: Int32Array
  /** Phrases that end in a state, by index. */
  readonly #ends: (readonly number[])[]
  readonly #width: number

  /** @throws {RangeError} a phrase that folds to nothing, or more than 16 million table entries. */
  constructor(phrases: readonly string[]) {
    const folded = phrases.map((phrase, i) => {
      const points = foldedPoints(phrase)
      if (points.length === 0) throw new RangeError(`phrase ${i + 1} holds no character that is read`)
      return points
    })
    for (const points of folded)
      for (const point of points) if (!this.#classes.has(point)) this.#classes.set(point, this.#classes.size + 1)
    for (const [point, one] of this.#classes) if (point < 128) this.#ascii[point] = one
    const width = this.#classes.size + 1
    const most = folded.reduce((sum, points) => sum + points.length, 1)
    if (most * width > MOST_ENTRIES) throw new RangeError('too many phrases: split the rule, or use patterns')
    const next = new Int32Array(most * width).fill(-1)
    const ends: number[][] = [[]]
    for (const [phrase, points] of folded.entries()) {
      let state = 0
      for (const point of points) {
        const at = state * width + this.#classes.get(point)!
        if (next[at] === -1) next[at] = ends.push([]) - 1
        state = next[at]!
      }
      ends[state]!.push(phrase)
    }
    link(next, ends, width)
    this.#next = next
    this.#ends = ends
    this.#width = width
    this.reach = 4 * phrases.reduce((longest, phrase) => Math.max(longest, phrase.length), 0)
  }

  /** Indices of the phrases that occur in `text`, each once. Linear in the text. */
  find(text: string): ReadonlySet<number> {
    const found = new Set<number>()
    const next = this.#next
    const width = this.#width
    const ascii = this.#ascii
    let state = 0
    const step = (folded: number) => {
      state = next[state * width + (folded < 128 ? ascii[folded]! : (this.#classes.get(folded) ?? OTHER))]!
      const ends = this.#ends[state]!
      if (ends.length > 0) for (const phrase of ends) found.add(phrase)
    }
    eachFolded(text, step)
    return found
  }
}

/** Turns the trie into an automaton: where a phrase goes no further, its longest suffix does. Breadth first. */
function link(next: Int32Array, ends: number[][], width: number): void {
  const fails = new Int32Array(ends.length)
  const queue: number[] = []
  for (let c = 0; c < width; c++) {
    if (next[c] === -1) next[c] = 0
    else queue.push(next[c]!)
  }
  for (let i = 0; i < queue.length; i++) {
    const state = queue[i]!
    ends[state]!.push(...ends[fails[state]!]!)
    for (let c = 0; c < width; c++) {
      const at = state * width + c
      const onFail = next[fails[state]! * width + c]!
      if (next[at] === -1) next[at] = onFail
      else {
        fails[next[at]!] = onFail
        queue.push(next[at]!)
      }
    }
  }
}

/**
 * A text as phrases are compared with it: folded, runs of blanks as one. A phrase occurs in a text exactly where its folded
 * text is a part of the text's: for few phrases and many texts that are kept, a plain search is the faster way.
 */
export function foldedText(text: string): string {
  let folded = ''
  let points: number[] = []
  eachFolded(text, (point) => {
    if (points.push(point) < 1024) return
    folded += String.fromCodePoint(...points)
    points = []
  })
  return folded + String.fromCodePoint(...points)
}

function foldedPoints(phrase: string): number[] {
  const points: number[] = []
  eachFolded(phrase, (point) => points.push(point))
  return points
}

/** A kana and the sound mark behind it as the one character they are, ｶﾞ as ガ; null for anything else. */
function voicedKana(kana: number, mark: number): number | null {
  const sound = mark === 0xff9e || mark === 0x3099 ? '\u3099' : mark === 0xff9f || mark === 0x309a ? '\u309a' : null
  if (sound === null) return null
  const one = (String.fromCharCode(kana).normalize('NFKC') + sound).normalize('NFC')
  return one.length === 1 ? one.charCodeAt(0) : null
}

/** Calls `step` with every folded code point. Runs of blanks count as one: line ends do not hide a phrase. */
function eachFolded(text: string, step: (folded: number) => void): void {
  let blank = true
  for (let i = 0; i < text.length; i++) {
    let point = text.codePointAt(i)!
    if (point > 0xffff) i++
    else if (point >= 0x3040 && i + 1 < text.length) {
      const voiced = voicedKana(point, text.charCodeAt(i + 1))
      if (voiced !== null) {
        point = voiced
        i++
      }
    }
    const packed = point < 128 ? FOLDS.ascii[point]! : FOLDS.packed(point)
    if (packed >= 0) {
      const isBlank = (packed & 3) === 0
      if (!isBlank) step(packed >> 2)
      else if (!blank) step(32)
      blank = isBlank
      continue
    }
    const parts = FOLDS.expansion(packed)
    if (parts === null) continue
    for (const part of parts) {
      const isBlank = (part & 3) === 0
      if (!isBlank) step(part >> 2)
      else if (!blank) step(32)
      blank = isBlank
    }
  }
}
