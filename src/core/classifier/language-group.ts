import type { LanguageGroup } from './model.ts'

/** Share of letters of unspaced scripts from which a text calibrates as such. */
const UNSPACED_SHARE = 0.25

/** @param unspaced Letters of kana, kanji, Thai and the like; @param spaced letters and digits of all other scripts. */
export function languageGroup(unspaced: number, spaced: number): LanguageGroup {
  return unspaced > 0 && unspaced >= UNSPACED_SHARE * (unspaced + spaced) ? 'unspaced' : 'spaced'
}
