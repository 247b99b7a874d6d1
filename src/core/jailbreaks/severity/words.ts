import { filled } from '../filled.ts'
import type { VectorFault } from './vector.ts'
import { type SeverityKey, severityEn } from './words-en.ts'
import { severityJa } from './words-ja.ts'

export type SeverityLang = 'ja' | 'en'
export type { SeverityKey }

const CATALOGUES = { ja: severityJa, en: severityEn } as const

/** One entry of the catalogue with its slots filled. A slot without a value is a bug, and throws. */
export function severityWords(
  lang: SeverityLang,
  key: SeverityKey,
  slots: Readonly<Record<string, string | number>> = {},
): string {
  return filled(key, CATALOGUES[lang][key], slots)
}

/** A fault of a vector as a person reads it. */
export function faultWords(lang: SeverityLang, { code, at, metric }: VectorFault): string {
  return severityWords(lang, `jss.error.${code}`, { at, ...(metric === undefined ? {} : { metric }) })
}
