import { BLANK, isLetterLike, kindOf } from './characters.ts'
import { SpannedText } from './spanned.ts'

/** Share of what was decoded that must be whole characters, and share that must be letters, digits and blanks. */
const MOST_BROKEN = 0.1
const LEAST_WORDS = 0.6
const SHORTEST = 8

/**
 * Bytes read as text: UTF-8, or UTF-16 where every other byte is empty. Null where they are no text: that is what tells
 * an encoded message from a digest, a key or a picture.
 * @param starts First raw code point of each byte; `ends` the one after its last.
 */
export function textOfBytes(
  bytes: readonly number[],
  starts: readonly number[],
  ends: readonly number[],
): SpannedText | null {
  const wide =
    bytes.length >= 2 * SHORTEST && bytes.filter((byte, i) => i % 2 === 1 && byte === 0).length * 2.2 > bytes.length
  const text = wide ? utf16(bytes, starts, ends) : utf8(bytes, starts, ends)
  const { points } = text
  if (points.length < SHORTEST) return null
  let broken = 0
  let words = 0
  for (const point of points) {
    if (point === 0xfffd || (point < 32 && point !== 9 && point !== 10 && point !== 13) || point === 127) broken++
    else if (isLetterLike(point) || kindOf(point) === BLANK) words++
  }
  return broken <= points.length * MOST_BROKEN && words >= points.length * LEAST_WORDS ? text : null
}

/** UTF-8; a byte that fits nowhere is U+FFFD, and what is cut off at the end is left out. */
export function utf8(bytes: readonly number[], starts: readonly number[], ends: readonly number[]): SpannedText {
  const text = new SpannedText()
  for (let i = 0; i < bytes.length; ) {
    const first = bytes[i]!
    const size = first < 0x80 ? 1 : first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 0
    let point = size <= 1 ? first : first & (0xff >> (size + 1))
    let taken = 1
    while (taken < size && i + taken < bytes.length && (bytes[i + taken]! & 0xc0) === 0x80)
      point = (point << 6) | (bytes[i + taken++]! & 0x3f)
    if (taken < size && i + taken === bytes.length) break
    const whole = size > 0 && taken === size && point <= 0x10ffff && !(point >= 0xd800 && point <= 0xdfff)
    const used = whole ? size : 1
    text.push(whole ? point : 0xfffd, starts[i]!, ends[i + used - 1]!)
    i += used
  }
  return text
}

function utf16(bytes: readonly number[], starts: readonly number[], ends: readonly number[]): SpannedText {
  const text = new SpannedText()
  for (let i = 0; i + 1 < bytes.length; i += 2) text.push(bytes[i]! | (bytes[i + 1]! << 8), starts[i]!, ends[i + 1]!)
  return text
}
