import type { LanguageGroup } from './model.ts'

/** Share of characters of unspaced scripts from which a text calibrates as such. */
const UNSPACED_SHARE = 0.25
/** Thai, Lao, kana, kanji and what follows them in Unicode. */
export const FIRST_UNSPACED = 0x0e00

export function groupOf(text: string): LanguageGroup {
  let unspaced = 0
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) >= FIRST_UNSPACED) unspaced++
  return languageGroup(unspaced, text.length)
}

export function languageGroup(unspaced: number, chars: number): LanguageGroup {
  return chars > 0 && unspaced >= UNSPACED_SHARE * chars ? 'unspaced' : 'spaced'
}
