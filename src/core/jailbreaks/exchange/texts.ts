/** RFC 3339 in UTC, ending in `Z`: seconds, or milliseconds. `timeMs` reads it. */
export type Time = string

/** Lower-case hex of a SHA-256. */
export type Hex256 = string

/** A text for people, in both languages. */
export interface Texts {
  readonly en: string
  readonly ja: string
}

/** A right of reply must not wait for a translator: one language is enough where the other is named as missing. */
export type ReplyText =
  | Texts
  | { readonly en: string; readonly ja?: undefined; readonly untranslated: 'ja' }
  | { readonly ja: string; readonly en?: undefined; readonly untranslated: 'en' }
