import { en, type MessageKey } from './messages/en.ts'
import { ja } from './messages/ja.ts'

export type Language = 'ja' | 'en'

/** What an `accept-language` header asks for. */
export function languageAsked(header: string | undefined): Language {
  return /^\s*ja\b/i.test(header ?? '') ? 'ja' : 'en'
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
