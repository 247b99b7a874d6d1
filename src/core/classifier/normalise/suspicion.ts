import { WIDEST_GAP } from './characters.ts'
import { hasRun } from './encoded-run.ts'
import { NATO_WORDS, TURNED_WORDS } from './markers.ts'
import * as tells from './tells.ts'

/**
 * The first look at every passage: does it have anything of what a hidden text must have? Plain texts do not, and cost
 * no more than this. Expressions, since nothing reads characters faster here; each has a first character that is rare in
 * plain text, and a match no longer than `REACH`, so that none can be made slow.
 */
export const REACH = 64

const ALIKE = '\u0370-\u03ff\u0400-\u052f\u0560-\u0588'
const SIGN = '[\\s._~*/+\u00b7\u2022\u30fb-]'
const BLANKS = `\\s{1,${WIDEST_GAP}}`
const ALNUM = '[A-Za-z0-9]'
const WIDE =
  '[\\u0080-\\u009f\\u00a1-\\u00b6\\u00b8-\\u167f\\u1681-\\u1fff\\u2070-\\u2fff\\u3001-\\u30fa\\u30fc-\\ufefe\\uff00-\\uffff]'
const UNSEEN =
  '\u00ad\u034f\u115f\u1160\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u2064\u3164\ufeff\uffa0\ufff9-\ufffb'

/** What each tell is worth a look for. */
const LOOKS: readonly (readonly [tell: number, expression: RegExp])[] = [
  // Leet: digits and signs between letters, letters between digits.
  [
    tells.LEET,
    /[013457]{1,8}[A-Za-z](?<=[A-Za-z][013457]{1,8}[A-Za-z])|[013457](?!x)[A-Za-z]{1,16}[013457]|[@$!][A-Za-z](?<=[A-Za-z][@$!][A-Za-z])/,
  ],
  // Escapes; codes apart; Morse.
  [tells.ESCAPED, /%[0-9A-Fa-f]{2}|&#|\\[uUx]|=[0-9A-Fa-f]{2}=/],
  [
    tells.CODES,
    /(?:[2-7][0-9a-fA-F][^\w.]{1,3}(?:0x)?){4}[2-7]|[89][0-9a-fA-F][^\w.]{1,3}(?:0x)?[89abAB][0-9a-fA-F][^\w.]{1,3}(?:0x)?[0-9a-fA-F]{2}\b|[01]{8}/,
  ],
  [tells.MORSE, /(?:\.-|-\.)[.-]{0,4}[ /|]{1,3}[.-]{1,5}[ /|]/],
  // Letters that stand alone, two in a row: those before and after them may be the text's first and last. In one line one
  // sign is between them, whichever; over lines, or with more blanks, always the same: columns of a table differ.
  [
    tells.SINGLES,
    /[ \t._~*/+-](?=[A-Za-z]|..[A-Za-z])[A-Za-z0-9][ \t._~*/+-][A-Za-z0-9][ \t._~*/+-][A-Za-z0-9](?![A-Za-z0-9])(?<=(?:^|[^A-Za-z0-9])[A-Za-z0-9]......)/,
  ],
  [
    tells.SINGLES,
    new RegExp(
      `(?<!${ALNUM})${ALNUM}(${SIGN}|${BLANKS})(?:[A-Za-z]\\1${ALNUM}|${ALNUM}\\1[A-Za-z])\\1${ALNUM}(?!${ALNUM})`,
    ),
  ],
  // Words turned and spelled; a capital at a word's end.
  [tells.TURNED, new RegExp(` (?:${[...TURNED_WORDS, ...NATO_WORDS].join('|')})\\b`, 'i')],
  [tells.CAPITAL_LAST, /[A-Z]\b(?<=[a-z]{2}[A-Z])/],
  // Tag characters and the further selectors; mathematical and enclosed letters; full-width letters in a row.
  [tells.STYLED, /\udb40|\ud835|\ud83c[\udd10-\udd89\udde6-\uddff]|[\u2460-\u24ff\u1d00-\u1d2f]|[\uff10-\uff5a]{3}/],
  [tells.UNSEEN, new RegExp(`[${UNSEEN}]|[\\ufe00-\\ufe0f]{4}`)],
  [tells.ALIKE, new RegExp(`[${ALIKE}](?:[A-Za-z]|(?<=[A-Za-z].))`)],
  // Sound marks apart, and waves.
  [tells.SOUNDS, /[\uff9e\uff9f\u3099\u309a\u301c\uff5e\u3030]/],
  [tells.WIDE_SINGLES, new RegExp(`${WIDE}(?:${SIGN}${WIDE}${SIGN}|(${BLANKS})${WIDE}\\1)${WIDE}`)],
  [tells.KANA, /いさだ|さだく|すまし|かすで|かすま|すでん|たしま|るいて|とこる|いなら|下てえ|え教を/],
]
/** A text that begins with what should end a sentence. */
const BEGINS_MIRRORED = /^\s{0,8}[.,?!;:。、？！؟।،]\S/

/** @param from Where to begin: what was looked at before needs no second look, but for the last `REACH` units. */
export function isSuspicious(text: string, from: number): boolean {
  if (BEGINS_MIRRORED.test(text)) return true
  const part = from === 0 ? text : text.slice(from)
  const told = tells.tellsIn(part)
  return told !== 0 && isMarked(part, told)
}

/** @param told Which of the looks are worth it: all of them, unless said otherwise. */
export function isMarked(part: string, told = -1): boolean {
  if ((told & tells.LONG_RUN) !== 0 && hasRun(part)) return true
  return LOOKS.some(([tell, expression]) => (told & tell) !== 0 && expression.test(part))
}
