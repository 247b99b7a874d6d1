/**
 * Letters of a script in which the model has learned nothing: not even that the words are harmless. What it was trained on
 * is written in the others; `models/card.md` names the languages. Letters that belong to no script (mathematical ones) are
 * the normaliser's business.
 */
const UNKNOWN =
  /^[\p{L}--[\p{scx=Latin}\p{scx=Han}\p{scx=Hiragana}\p{scx=Katakana}\p{scx=Hangul}\p{scx=Cyrillic}\p{scx=Greek}\p{scx=Arabic}\p{scx=Devanagari}\p{scx=Bengali}\p{scx=Tamil}\p{scx=Thai}\p{scx=Common}\p{scx=Inherited}]]/v

/** So many letters are a sentence; a name or a word that is asked about is shorter. Not a share, which padding would lower. */
const SENTENCE = 24

/** Latin, Greek and Cyrillic letters all stand before it. */
const FIRST = 0x0530
/** A search that a text of one byte a letter ends at once. */
const BEYOND = /[\u0530-\uffff]/
const SURROGATES = 0xd800
const AFTER_SURROGATES = 0xe000

/** Whether a text holds a sentence's worth of letters that the model cannot read: its scores say nothing of those. Linear. */
export function hasUnknownScript(text: string): boolean {
  if (!BEYOND.test(text)) return false
  let letters = 0
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    if (unit < FIRST) continue
    if (unit < SURROGATES || unit >= AFTER_SURROGATES) letters += unknownUnits()[unit]!
    else if (unit < 0xdc00 && UNKNOWN.test(String.fromCodePoint(text.codePointAt(i)!))) letters++
    if (letters === SENTENCE) return true
  }
  return false
}

let units: Uint8Array | null = null
/** 1 for each unit that is such a letter; made once, of the first text that is not plain. */
function unknownUnits(): Uint8Array {
  return (units ??= Uint8Array.from({ length: 0x10000 }, (_, unit) => Number(UNKNOWN.test(String.fromCharCode(unit)))))
}
