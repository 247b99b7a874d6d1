import type { SaidText } from '../../../core/jailbreaks/registry/case.ts'
import type { Lang } from '../format.ts'

/** A text in the reader's language; where that one is missing, in the other, with the language that it is in. */
export function summaryOf({ en, ja }: SaidText, lang: Lang): { readonly text: string; readonly lang: Lang } {
  const own = lang === 'ja' ? ja : en
  if (own !== undefined) return { text: own, lang }
  return en === undefined ? { text: ja ?? '', lang: 'ja' } : { text: en, lang: 'en' }
}
