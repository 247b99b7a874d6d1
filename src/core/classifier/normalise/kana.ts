import { kindOf, UNSPACED, VOICE, WAVE } from './characters.ts'
import { type Spanned, SpannedText } from './spanned.ts'

const LONG_VOWEL = 0x30fc

/**
 * Kana put together: a sound mark that stands apart, as half-width kana have it, joins the kana before it; a wave drawn
 * for a long vowel is one.
 * @returns null where there is nothing to put together.
 */
export function withWholeKana(text: Spanned): Spanned | null {
  const { points } = text
  const read = new SpannedText()
  let changed = false
  for (let i = 0; i < points.length; i++) {
    const point = points[i]!
    const kind = point < 128 ? -1 : kindOf(point)
    const last = read.points.length - 1
    if (last >= 0 && kindOf(read.points[last]!) === UNSPACED) {
      const joined = kind === VOICE ? voiced(read.points[last]!, point) : null
      if (joined !== null) {
        read.points[last] = joined
        read.starts[last] = Math.min(read.starts[last]!, text.starts[i]!)
        read.ends[last] = Math.max(read.ends[last]!, text.ends[i]!)
        changed = true
        continue
      }
      if (kind === WAVE) {
        read.push(LONG_VOWEL, text.starts[i]!, text.ends[i]!)
        changed = true
        continue
      }
    }
    read.copy(text, i)
  }
  return changed ? read : null
}

function voiced(kana: number, mark: number): number | null {
  const composed = String.fromCodePoint(kana, mark === 0xff9f || mark === 0x309a ? 0x309a : 0x3099).normalize('NFC')
  return composed.length === 1 ? composed.charCodeAt(0) : null
}
