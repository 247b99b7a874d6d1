import { share } from './draw.ts'

/** What people do to a text while typing, done alike to both sides: one change of spelling, or none. */
export type Roughness = (text: string) => string

const AS_WRITTEN: Roughness = (text) => text

/**
 * Three texts in ten are roughened: no last full stop, all lower case or one word mistyped in English, wide letters in
 * Japanese. Text with a code block keeps its letters.
 *
 * @param sides The texts that will be changed: a word is mistyped only where all of them have it.
 */
export function roughness(sides: readonly string[], lang: string, key: string): Roughness {
  const draw = share(`${key} roughness`)
  const code = sides.some((text) => text.includes('```'))
  if (draw < 0.12) return (text) => text.replace(/[.。]$/, '')
  if (code || draw >= 0.3) return AS_WRITTEN
  if (lang === 'ja') return draw < 0.17 ? wide : AS_WRITTEN
  return draw < 0.21 ? (text) => text.toLowerCase() : mistyped(sides, key)
}

function mistyped(sides: readonly string[], key: string): Roughness {
  const [first, ...others] = sides.map((text) => new Set(text.match(/\b[a-z]{5,}\b/g)))
  const common = [...(first ?? [])].filter((word) => others.every((set) => set.has(word)))
  const word = common[Math.floor(share(`${key} word`) * common.length)]
  if (word === undefined) return AS_WRITTEN
  const at = 1 + Math.floor(share(`${key} letter`) * (word.length - 2))
  const swapped = word.slice(0, at) + word[at + 1] + word[at] + word.slice(at + 2)
  return (text) => text.replace(new RegExp(`\\b${word}\\b`, 'g'), swapped)
}

function wide(text: string): string {
  return text.replace(/[0-9A-Za-z]/g, (char) => String.fromCharCode(char.charCodeAt(0) + 0xfee0))
}
