import { figures } from '../../core/briefs/figures.ts'
import type { Measured } from '../../core/classifier/evaluation/measured.ts'
import { en, type WordKey } from './messages/en.ts'
import { ja } from './messages/ja.ts'

export const LANGUAGES = ['en', 'ja'] as const
export type ReportLanguage = (typeof LANGUAGES)[number]

/** The words and figures of one language. */
export interface Words {
  readonly lang: ReportLanguage
  /** @throws {RangeError} a place without a value: a bug of the caller. */
  (key: WordKey, values?: Readonly<Record<string, string | number>>): string
  /** `12.3%`; as many decimals as tell small shares apart. */
  readonly share: (value: number) => string
  /** The same for round values: axes and bars. */
  readonly tick: (value: number) => string
  /** `12.0 to 13.1%`, without the share itself. */
  readonly range: (value: { readonly lo: number; readonly hi: number }) => string
  /** Share, interval and n together. */
  readonly measured: (value: Measured | null) => string
  readonly count: (n: number) => string
}

export function wordsOf(lang: ReportLanguage): Words {
  const catalogue: Readonly<Record<WordKey, string>> = lang === 'ja' ? ja : en
  const { count, percent, range: between } = figures(lang)
  const say = (key: WordKey, values: Readonly<Record<string, string | number>> = {}) =>
    catalogue[key].replace(/\{(\w+)\}/g, (_, name: string) => {
      const value = values[name]
      if (value === undefined) throw new RangeError(`message ${key}: no value for \`${name}\``)
      return typeof value === 'number' ? count(value) : value
    })
  const share = (value: number) => percent(value)
  const tick = (value: number) => `${Number((100 * value).toPrecision(6))}%`
  const range = ({ lo, hi }: { readonly lo: number; readonly hi: number }) => between(lo, hi)
  const measured = (value: Measured | null) =>
    value === null ? '–' : `${share(value.share)} (${range(value)}), n = ${count(value.n)}`
  return Object.assign(say, { lang, share, tick, range, measured, count })
}
