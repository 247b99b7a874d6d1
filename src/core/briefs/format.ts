import { en, type MessageKey } from './messages/en.ts'
import { ja } from './messages/ja.ts'

export type Language = 'ja' | 'en'

/**
 * What an `accept-language` header asks for: of the two the one it weighs more, the first named where both weigh the same;
 * English where it says nothing of either. A weight that cannot be read counts as none given.
 * Source: RFC 9110, 12.5.4 and 12.4.2.
 */
export function languageAsked(header: string | undefined): Language {
  const asked = (header ?? '').split(',', MOST_RANGES).map(rangeOf)
  const find = (language: string) => asked.find(({ tag }) => tag === language || tag.startsWith(`${language}-`))
  const [ja, en] = [find('ja'), find('en')]
  const others = asked.find(({ tag }) => tag === '*')?.weight ?? 0
  const [ofJa, ofEn] = [ja?.weight ?? others, en?.weight ?? others]
  if (ofJa !== ofEn) return ofJa > ofEn ? 'ja' : 'en'
  return ofJa > 0 && ja !== undefined && (en === undefined || asked.indexOf(ja) < asked.indexOf(en)) ? 'ja' : 'en'
}

/** More than any browser sends: a header is a stranger's text. */
const MOST_RANGES = 32

function rangeOf(text: string): { readonly tag: string; readonly weight: number } {
  const [tag = '', ...parameters] = text.split(';').map((part) => part.trim().toLowerCase())
  const weight = parameters
    .map((one) => /^q\s*=\s*([01](?:\.\d{0,3})?)$/.exec(one)?.[1])
    .find((one) => one !== undefined)
  return { tag, weight: weight === undefined ? 1 : Math.min(1, Number(weight)) }
}

const CATALOGUES: Readonly<Record<Language, Readonly<Record<MessageKey, string>>>> = { en, ja }

/** Control characters and bidi controls: a value must not move the text around it. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is removed
const CONTROLS = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g

/**
 * One message in one language, its `{name}` places filled.
 * @throws {RangeError} a place without a value, or a value without a place: both are bugs of the caller.
 */
export function message(lang: Language, key: MessageKey, values: Readonly<Record<string, string>>): string {
  const unused = new Set(Object.keys(values))
  const text = CATALOGUES[lang][key].replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = values[name]
    if (value === undefined) throw new RangeError(`message ${key}: no value for \`${name}\``)
    unused.delete(name)
    return value.replace(CONTROLS, '')
  })
  if (unused.size > 0) throw new RangeError(`message ${key}: no place for \`${[...unused].join('`, `')}\``)
  return text
}

export type { MessageKey }
