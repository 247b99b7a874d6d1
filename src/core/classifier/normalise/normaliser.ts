import { foldCodePoint } from './fold.ts'
import type { Layer, Mark, NormaliserSink } from './layer.ts'
import { type Budget, evidenceIn, readPassage } from './readings.ts'
import { type Spanned, SpannedText } from './spanned.ts'
import { isSuspicious, REACH } from './suspicion.ts'

/**
 * Finds the other readings of a text as it arrives: words drawn with look-alikes, apart, or in leet, and texts encoded
 * in it, down to three tricks within each other. A text that hides nothing costs one cheap scan and gives nothing.
 *
 * The text is cut into passages of at most 4 KiB, at blanks where there are any; each is read by itself once it is
 * complete. What is found depends on the text alone, never on the pieces it came in. State: the open passage and some
 * integers. Linear; never throws.
 */
export class Normaliser {
  /** The open passage; where it begins in the raw text, in code points; and how much of it looked plain. */
  #open = ''
  #from = 0
  #plainTo = 0
  readonly #budget: Budget = { taken: 0, read: 0, candidates: 0 }

  feed(piece: string, sink: NormaliserSink): void {
    for (let i = 0; i < piece.length; ) {
      const looked = this.#open.length
      const taken = i + MOST_UNITS - looked
      const added = i === 0 && taken >= piece.length ? piece : piece.slice(i, taken)
      this.#open = looked === 0 ? added : this.#open + added
      i += added.length
      const end = passageEnd(this.#open, looked)
      if (end === null) continue
      const rest = this.#open.slice(end)
      this.#open = this.#open.slice(0, end)
      this.#close(sink)
      this.#open = rest
    }
  }

  /** What the text says if it ends here. Pure: feeding on afterwards equals never having asked. */
  end(sink: NormaliserSink): void {
    const evidence = this.#looksHidden() ? evidenceIn(this.#open) : 0
    if (evidence === 0) return
    const raw = rawSpanned(this.#open, this.#from)
    const budget = { ...this.#budget, taken: this.#budget.taken + raw.points.length }
    readPassage(raw, evidence, budget, sink)
  }

  #close(sink: NormaliserSink): void {
    const evidence = this.#looksHidden() ? evidenceIn(this.#open) : 0
    const points = this.#open.length - pairsIn(this.#open)
    this.#budget.taken += points
    if (evidence !== 0) readPassage(rawSpanned(this.#open, this.#from), evidence, this.#budget, sink)
    this.#from += points
    this.#open = ''
    this.#plainTo = 0
  }

  /** Only what came since the last look is looked at; what it finds must hold for the passage as a whole. */
  #looksHidden(): boolean {
    const from = Math.max(0, this.#plainTo - REACH)
    if (isSuspicious(this.#open, from)) return from === 0 || isSuspicious(this.#open, 0)
    this.#plainTo = this.#open.length
    return false
  }
}

/** A passage ends at the first blank from here on, or at `HARD_END` where there is none. */
const SOFT_END = 3072
const HARD_END = 4088
const MOST_UNITS = HARD_END + 8
const BLANK = /\s/g
const RUN_SIGN = /[A-Za-z0-9+/_-]/

/** Where the open passage ends, in code units; null where it goes on. @param looked Units that were looked at before. */
function passageEnd(open: string, looked: number): number | null {
  if (open.length < SOFT_END) return null
  BLANK.lastIndex = Math.max(SOFT_END - 1, looked)
  const blank = BLANK.exec(open)
  if (blank !== null) return blank.index + 1
  if (open.length < MOST_UNITS) return null
  // A run that goes on keeps its quanta whole: its next piece begins at a multiple of eight.
  let runAt = HARD_END
  while (runAt > 0 && RUN_SIGN.test(open[runAt - 1]!)) runAt--
  const end = HARD_END + ((8 - ((HARD_END - runAt) & 7)) & 7)
  const splits = isHigh(open.charCodeAt(end - 1)) && end < open.length
  return splits ? end - 1 : end
}

function isHigh(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdbff
}

const PAIR = /[\ud800-\udbff][\udc00-\udfff]/g
const ANY_HIGH = /[\ud800-\udbff]/

function pairsIn(text: string): number {
  return ANY_HIGH.test(text) ? (text.match(PAIR)?.length ?? 0) : 0
}

/** Everything there is to read in a text. */
export interface Normalised {
  /** The text folded code point by code point: what is always scored. */
  readonly folded: { readonly text: string } & Spanned
  readonly layers: readonly Layer[]
  readonly marks: readonly Mark[]
}

/** All readings of a whole text. Equal to feeding it to a `Normaliser` in any pieces. Linear; never throws. */
export function normalise(text: string): Normalised {
  const layers: Layer[] = []
  const marks: Mark[] = []
  const sink: NormaliserSink = { layer: (layer) => layers.push(layer), mark: (mark) => marks.push(mark) }
  const normaliser = new Normaliser()
  normaliser.feed(text, sink)
  normaliser.end(sink)
  const folded = new SpannedText()
  let said = ''
  let at = 0
  for (const character of text) {
    for (const point of foldCodePoint(character.codePointAt(0)!)) {
      folded.push(point, at, at + 1)
      said += String.fromCodePoint(point)
    }
    at++
  }
  return { folded: { text: said, points: folded.points, starts: folded.starts, ends: folded.ends }, layers, marks }
}

function rawSpanned(text: string, from: number): Spanned {
  const raw = new SpannedText()
  let at = from
  for (let i = 0; i < text.length; at++) {
    const point = text.codePointAt(i)!
    raw.push(point, at, at + 1)
    i += point > 0xffff ? 2 : 1
  }
  return raw
}
