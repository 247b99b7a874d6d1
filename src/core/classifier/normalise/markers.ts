/** Words so frequent that a text of some length has them: where their rot13 or mirrored form stands, the text is that. */
const STRONG =
  'the and you how for that with what this from have make write tell your which would about people into please create ' +
  'give there when will explain using their should could them why where then these more want need help can has does ' +
  'comment les des pour dans que vous peut avec como para una por wie ich und eine nicht mit che ' +
  'instructions step steps steal kill hack ignore previous without build guide detailed someone code'
const WEAK = 'to of in is it me my be on or at by as an a do if i we are not all who was use one'
/** Words that are the mirror or the rot13 of a frequent one. */
const ALSO_PLAIN = 'saw ton era no am ma pals live star part stop tap top pot dna'
const NATO =
  'alpha alfa bravo charlie delta echo foxtrot golf hotel india juliet juliett kilo lima mike november oscar papa quebec ' +
  'romeo sierra tango uniform victor whiskey xray yankee zulu'

/** What a word says, as bits. */
export const PLAIN_WORD = 1
export const ROT13_STRONG = 2
export const ROT13_WEAK = 4
export const MIRROR_STRONG = 8
export const MIRROR_WEAK = 16
export const NATO_WORD = 32

const SLOTS = 1024
const KEYS = new Int32Array(SLOTS)
const BITS = new Uint8Array(SLOTS)

/** Hash of a word as the scan rolls it: over lower-case ASCII letters. */
export function wordHash(word: string): number {
  let hash = 0
  for (let i = 0; i < word.length; i++) hash = rollWord(hash, word.charCodeAt(i))
  return hash
}

/** One more letter; `| 32` is the lower case of ASCII letters. */
export function rollWord(hash: number, letter: number): number {
  return (Math.imul(hash, 31) + (letter | 32)) | 0
}

/** What the word of this hash says; 0 for most. */
export function markerOf(hash: number): number {
  for (let slot = slotOf(hash); KEYS[slot] !== 0; slot = (slot + 1) % SLOTS) if (KEYS[slot] === hash) return BITS[slot]!
  return 0
}

export function rot13(code: number): number {
  if (code >= 97 && code <= 122) return ((code - 97 + 13) % 26) + 97
  return code >= 65 && code <= 90 ? ((code - 65 + 13) % 26) + 65 : code
}

/** The letter a word of the spelling alphabet stands for, as an upper-case code; null for any other word. */
export function spelledLetter(word: string): number | null {
  return NATO.split(' ').includes(word) ? word.charCodeAt(0) - 32 : null
}

/** Ends of Japanese sentences as they stand, and mirrored: three characters each. */
const ENDINGS = [
  'ださい',
  'くださ',
  'します',
  'ですか',
  'ますか',
  'んです',
  'ました',
  'ている',
  'ること',
  'らない',
  'えて下',
  'を教え',
]
export const ENDING_MARKS: ReadonlyMap<string, number> = new Map([
  ...ENDINGS.map((ending) => [ending, PLAIN_WORD] as const),
  ...ENDINGS.map((ending) => [[...ending].reverse().join(''), MIRROR_STRONG] as const),
])

function slotOf(hash: number): number {
  return (hash ^ (hash >>> 10) ^ (hash >>> 20)) & (SLOTS - 1)
}

function mark(word: string, bit: number): void {
  const hash = wordHash(word)
  let slot = slotOf(hash)
  while (KEYS[slot] !== 0 && KEYS[slot] !== hash) slot = (slot + 1) % SLOTS
  // An English word says that the text is English, whatever it may be the mirror of.
  if (bit !== PLAIN_WORD && (BITS[slot]! & PLAIN_WORD) !== 0) return
  KEYS[slot] = hash
  BITS[slot]! |= bit
}

const turned = (word: string) => String.fromCharCode(...[...word].map((c) => rot13(c.charCodeAt(0))))
const mirrored = (word: string) => [...word].reverse().join('')
for (const word of `${STRONG} ${WEAK} ${ALSO_PLAIN}`.split(' ')) mark(word, PLAIN_WORD)
for (const word of STRONG.split(' ')) {
  mark(turned(word), ROT13_STRONG)
  mark(mirrored(word), MIRROR_STRONG)
}
for (const word of WEAK.split(' ')) {
  mark(turned(word), ROT13_WEAK)
  mark(mirrored(word), MIRROR_WEAK)
}
for (const word of NATO.split(' ')) mark(word, NATO_WORD)

/** The frequent words turned and mirrored, without those that are words again. */
export const TURNED_WORDS: readonly string[] = STRONG.split(' ')
  .flatMap((word) => [turned(word), mirrored(word)])
  .filter((word) => (markerOf(wordHash(word)) & PLAIN_WORD) === 0)
const EVERYDAY = 'alpha delta echo golf hotel india lima mike november oscar papa uniform victor'
/** Of the spelling alphabet, those that are seldom used otherwise: a text spelled in it has one of them. */
export const NATO_WORDS: readonly string[] = NATO.split(' ').filter((word) => !EVERYDAY.split(' ').includes(word))
