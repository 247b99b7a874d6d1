import { textOfBytes } from './bytes.ts'
import { isInvisible } from './fold.ts'
import { type Spanned, SpannedText } from './spanned.ts'

const FLAG = 0x1f3f4
/** So many characters in a row that show nothing carry something. */
const MANY = 8

/** ASCII written in tag characters, which show nothing; and whether any stood outside of a flag. */
export function tagText(raw: Spanned): SpannedText {
  const text = new SpannedText()
  let flag = false
  raw.points.forEach((point, i) => {
    if (!isTag(point)) flag = point === FLAG
    else if (!flag && point >= 0xe0020 && point <= 0xe007e) text.push(point - 0xe0000, raw.starts[i]!, raw.ends[i]!)
  })
  return text
}

export function withoutTags(raw: Spanned): Spanned {
  const text = new SpannedText()
  raw.points.forEach((point, i) => {
    if (!isTag(point)) text.copy(raw, i)
  })
  return text
}

/** Bytes written as variation selectors, of which there are 256. Null where they are no text. */
export function selectorText(raw: Spanned): SpannedText | null {
  const bytes: number[] = []
  const starts: number[] = []
  const ends: number[] = []
  raw.points.forEach((point, i) => {
    const byte = point >= 0xfe00 && point <= 0xfe0f ? point - 0xfe00 : point - 0xe0100 + 16
    if (byte < 0 || byte > 255) return
    bytes.push(byte)
    starts.push(raw.starts[i]!)
    ends.push(raw.ends[i]!)
  })
  return textOfBytes(bytes, starts, ends)
}

/** The first long stretch of characters that show nothing, or null. */
export function unseenStretch(raw: Spanned): { readonly start: number; readonly end: number } | null {
  for (let from = 0; from < raw.points.length; from++) {
    let to = from
    while (to < raw.points.length && isUnseen(raw.points[to]!)) to++
    if (to - from >= MANY) return { start: raw.starts[from]!, end: raw.ends[to - 1]! }
    from = to
  }
  return null
}

function isTag(point: number): boolean {
  return point >= 0xe0001 && point <= 0xe007f
}

function isUnseen(point: number): boolean {
  return point > 127 && !isTag(point) && isInvisible(point)
}
