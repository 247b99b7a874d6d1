import { plainText } from './characters.ts'
import { withoutConfusables } from './confusables.ts'
import { hasRun } from './encoded-run.ts'
import { unescaped } from './escapes.ts'
import { selectorText, tagText, unseenStretch, withoutTags } from './hidden.ts'
import { withWholeKana } from './kana.ts'
import { layerOf, type NormaliserSink, type Trick } from './layer.ts'
import { withoutLeet } from './leet.ts'
import { codesIn, runsIn } from './runs.ts'
import * as scan from './scan.ts'
import { withoutSpacing } from './spacing.ts'
import { type Spanned, textOf } from './spanned.ts'
import { morse, spelledOut } from './spelled.ts'
import { mirrored, mirroredWords, turnedByThirteen } from './turned.ts'

/** Tricks within tricks that are followed. */
const DEEPEST = 3
const MOST_CANDIDATES = 256
/** All that is read from a text together is at most this many times as long as the text. */
const MOST_READ = 4
/** Shorter readings say nothing. */
const SHORTEST = 4

/** What may still be read of one text. */
export interface Budget {
  /** Code points of the text so far, and of everything that was read from it. */
  taken: number
  read: number
  candidates: number
}

/** Why a reading has to be bounded: it is what an attacker would make explode. */
interface Reader {
  readonly budget: Budget
  readonly sink: NormaliserSink
  /** Readings of this passage so far: two tricks that commute give the same text twice. */
  readonly seen: Set<string>
  bounded: boolean
}

/** What was undone already to come here. */
interface Outer {
  readonly tricks: readonly Trick[]
  readonly depth: number
}

/** Gives every other reading of one passage, and what is marked in it. @param evidence What the scan noted. */
export function readPassage(raw: Spanned, evidence: number, budget: Budget, sink: NormaliserSink): void {
  const reader: Reader = { budget, sink, seen: new Set(), bounded: false }
  read(raw, evidence, { tricks: [], depth: 0 }, reader)
  if (reader.bounded) sink.mark({ kind: 'bound', ...whole(raw) })
}

function read(raw: Spanned, evidence: number, over: Outer, reader: Reader): void {
  const has = (bits: number) => (evidence & bits) !== 0
  if (has(scan.TAGS | scan.SELECTORS | scan.UNSEEN)) hidden(raw, evidence, over, reader)
  const text = plainText(raw)
  if (has(scan.ALIKES | scan.KANA | scan.SPACED | scan.LEETS)) drawn(text, evidence, over, reader)
  if (has(scan.ESCAPED)) {
    const found = unescaped(text)
    if (found !== null) give([...found.tricks], found.text, over, reader)
  }
  if (has(scan.LONG_RUN))
    for (const found of runsIn(text)) {
      if (found.kind === 'text') give([found.trick], found.text, over, reader)
      else reader.sink.mark({ kind: 'noise', start: found.start, end: found.end })
    }
  if (has(scan.CODES)) for (const found of codesIn(text)) give(['hex'], found, over, reader)
  if (has(scan.SPELLED)) give(['spelled'], spelledOut(text), over, reader)
  if (has(scan.MORSE)) give(['morse'], morse(text), over, reader)
  if (has(scan.ROT13)) give(['rot13'], turnedByThirteen(text), over, reader)
  if (has(scan.MIRRORED)) {
    give(['mirrored'], mirrored(text), over, reader)
    give(['mirrored-words'], mirroredWords(text), over, reader)
  }
}

/**
 * What shows, read as what it is drawn for: one reading for all such tricks, since they are used together. Letters that
 * were drawn apart may be look-alikes and leet too, which only shows once they are words.
 */
function drawn(text: Spanned, evidence: number, over: Outer, reader: Reader): void {
  const undone: Trick[] = []
  let now = text
  const undo = (trick: Trick, next: Spanned | null) => {
    if (next === null) return
    undone.push(trick)
    now = next
  }
  const has = (bit: number) => (evidence & bit) !== 0
  if (has(scan.KANA)) undo('kana', withWholeKana(now))
  if (has(scan.SPACED)) undo('spacing', withoutSpacing(now))
  const joined = undone.includes('spacing')
  if (joined || has(scan.ALIKES)) undo('look-alikes', withoutConfusables(now))
  if (joined || has(scan.LEETS)) undo('leet', withoutLeet(now))
  if (undone.length > 0) give(undone, now, over, reader)
}

function hidden(raw: Spanned, evidence: number, over: Outer, reader: Reader): void {
  if ((evidence & scan.TAGS) !== 0) {
    reader.sink.mark({ kind: 'tags', ...whole(raw) })
    give(['tags'], tagText(raw), over, reader)
    give(['tags'], withoutTags(raw), over, reader)
  }
  const selected = (evidence & scan.SELECTORS) !== 0 ? selectorText(raw) : null
  if (selected !== null) {
    reader.sink.mark({ kind: 'tags', ...whole(selected) })
    give(['selectors'], selected, over, reader)
  }
  const stretch = (evidence & scan.UNSEEN) !== 0 ? unseenStretch(raw) : null
  if (stretch !== null) reader.sink.mark({ kind: 'hidden', ...stretch })
}

/** Hands one reading on, and reads it again for tricks within. */
function give(undone: readonly Trick[], text: Spanned | null, over: Outer, reader: Reader): void {
  if (text === null || text.points.length < SHORTEST) return
  const { budget } = reader
  const size = text.points.length
  if (budget.candidates >= MOST_CANDIDATES || budget.read + size > MOST_READ * budget.taken) {
    reader.bounded = true
    return
  }
  const said = textOf(text.points)
  if (reader.seen.has(said)) return
  reader.seen.add(said)
  budget.candidates++
  budget.read += size
  const tricks = [...over.tricks, ...undone]
  reader.sink.layer(layerOf(tricks, text, said))
  const depth = over.depth + 1
  if (depth >= DEEPEST) return
  // What was turned once is not turned back: the plain words around a turned text would look turned now.
  const turned = undone.includes('rot13') ? scan.ROT13 : undone[0]?.startsWith('mirrored') ? scan.MIRRORED : 0
  read(text, evidenceIn(said) & ~turned, { tricks, depth }, reader)
}

/** What a reading may hide in its turn; it is one passage, however long. */
export function evidenceIn(text: string): number {
  const scanned = new scan.PassageScan(false)
  scanned.take(text, 0)
  const evidence = scanned.finish()
  // Names are long too: only what would decode is worth the reading.
  return (evidence & scan.LONG_RUN) !== 0 && !hasRun(text) ? evidence & ~scan.LONG_RUN : evidence
}

function whole({ starts, ends }: Spanned): { readonly start: number; readonly end: number } {
  return {
    start: starts.reduce((a, b) => Math.min(a, b), starts[0] ?? 0),
    end: ends.reduce((a, b) => Math.max(a, b), 0),
  }
}
