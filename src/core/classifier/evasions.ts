import { rot13 } from './normalise/markers.ts'

/** Ways to write a text so that people, or models, still read it and a filter may not. */
export const EVASIONS = [
  'zero-width',
  'full-width',
  'homoglyph',
  'leet',
  'spacing',
  'dots',
  'tags',
  'base64',
  'base32',
  'hex',
  'url',
  'html',
  'unicode-escape',
  'rot13',
  'reversed',
  'reversed-words',
  'half-width-kana',
  'hiragana',
  'katakana',
  'lines',
] as const
export type Evasion = (typeof EVASIONS)[number]

/** The text under one transformation. Pure and total: the same text always gives the same. */
export function evade(evasion: Evasion, text: string): string {
  return TRANSFORMATIONS[evasion](text)
}

/** May the transformation do anything to this text? Kana need kana, and tag characters, rot13 and leet Latin letters. */
export function appliesTo(evasion: Evasion, text: string): boolean {
  if (evasion === 'half-width-kana' || evasion === 'hiragana' || evasion === 'katakana') return /[ぁ-ヶ]/.test(text)
  const latin = text.match(/[A-Za-z]/g)?.length ?? 0
  if (['homoglyph', 'leet', 'tags', 'rot13', 'full-width', 'reversed-words'].includes(evasion))
    return 2 * latin >= text.length
  return true
}

const HOMOGLYPHS = pairs('aаcсeеiіoоpрAАEЕOО')
const LEET = pairs('a4e3i1o0s5t7A4E3I1O0S5T7')

const TRANSFORMATIONS: Readonly<Record<Evasion, (text: string) => string>> = {
  'zero-width': (text) => [...text].join('\u200b'),
  'full-width': (text) =>
    text.replace(/[!-~]/g, (c) => String.fromCharCode(c.charCodeAt(0) + 0xfee0)).replaceAll(' ', '\u3000'),
  homoglyph: (text) => each(text, (c) => HOMOGLYPHS.get(c) ?? c),
  leet: (text) => each(text, (c) => LEET.get(c) ?? c),
  spacing: (text) => [...text].join(' '),
  // A letter a line, ended as Windows does, and a blank line between words.
  lines: (text) =>
    text
      .split(/\s+/)
      .map((word) => [...word].join('\r\n'))
      .join('\r\n\r\n'),
  dots: (text) => text.replace(/[\p{L}\p{N}]+/gu, (word) => [...word].join('.')),
  tags: (text) => each(text, (c) => (c >= ' ' && c <= '~' ? String.fromCodePoint(0xe0000 + c.charCodeAt(0)) : c)),
  base64: (text) => packed(utf8Bytes(text), 6, 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/', 4),
  base32: (text) => packed(utf8Bytes(text), 5, 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567', 8),
  hex: (text) => utf8Bytes(text).map(hex).join(''),
  url: (text) =>
    utf8Bytes(text)
      .map((byte) =>
        /[A-Za-z0-9\-_.~]/.test(String.fromCharCode(byte)) ? String.fromCharCode(byte) : `%${hex(byte).toUpperCase()}`,
      )
      .join(''),
  html: (text) => each(text, (c) => `&#${c.codePointAt(0)!};`),
  'unicode-escape': (text) =>
    text.replace(/[^\n]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`),
  rot13: (text) => each(text, (c) => (c < '\x80' ? String.fromCharCode(rot13(c.charCodeAt(0))) : c)),
  reversed: (text) => [...text].reverse().join(''),
  'reversed-words': (text) => text.replace(/\p{L}+/gu, (word) => [...word].reverse().join('')),
  'half-width-kana': (text) => each(text, halfWidth),
  hiragana: (text) => text.replace(/[ァ-ヶ]/g, (c) => String.fromCharCode(c.charCodeAt(0) - 0x60)),
  katakana: (text) => text.replace(/[ぁ-ゖ]/g, (c) => String.fromCharCode(c.charCodeAt(0) + 0x60)),
}

/** Bytes of a text; a lone surrogate becomes U+FFFD, as in every encoder. */
export function utf8Bytes(text: string): number[] {
  return [...text].flatMap((character) => {
    const given = character.codePointAt(0)!
    const point = given >= 0xd800 && given <= 0xdfff ? 0xfffd : given
    const more = (shift: number) => 0x80 | ((point >> shift) & 0x3f)
    if (point < 0x80) return [point]
    if (point < 0x800) return [0xc0 | (point >> 6), more(0)]
    if (point < 0x10000) return [0xe0 | (point >> 12), more(6), more(0)]
    return [0xf0 | (point >> 18), more(12), more(6), more(0)]
  })
}

/** Half-width forms of katakana, found by what they are the compatibility form of. */
const HALF_WIDTH: ReadonlyMap<string, string> = new Map(
  Array.from({ length: 0xff9d - 0xff65 + 1 }, (_, i) => String.fromCharCode(0xff65 + i)).map((half) => [
    half.normalize('NFKC'),
    half,
  ]),
)

function halfWidth(character: string): string {
  const code = character.charCodeAt(0)
  const katakana = code >= 0x3041 && code <= 0x3096 ? String.fromCharCode(code + 0x60) : character
  if (!/[ァ-ー]/.test(katakana)) return character
  const [base, mark] = katakana.normalize('NFD')
  const half = HALF_WIDTH.get(base!)
  return half === undefined ? character : half + (mark === '\u3099' ? 'ﾞ' : mark === '\u309a' ? 'ﾟ' : '')
}

function packed(bytes: readonly number[], bits: number, alphabet: string, quantum: number): string {
  let said = ''
  let held = 0
  let kept = 0
  for (const byte of bytes) {
    held = ((held << 8) | byte) & 0xffff
    for (kept += 8; kept >= bits; kept -= bits) said += alphabet[(held >> (kept - bits)) & (2 ** bits - 1)]!
  }
  if (kept > 0) said += alphabet[(held << (bits - kept)) & (2 ** bits - 1)]!
  return said.padEnd(Math.ceil(said.length / quantum) * quantum, '=')
}

function hex(byte: number): string {
  return byte.toString(16).padStart(2, '0')
}

function each(text: string, change: (character: string) => string): string {
  return [...text].map(change).join('')
}

function pairs(alternating: string): ReadonlyMap<string, string> {
  const all = [...alternating]
  return new Map(all.flatMap((c, i) => (i % 2 === 0 ? [[c, all[i + 1]!] as const] : [])))
}
