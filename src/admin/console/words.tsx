import { Fragment, type ReactNode, useMemo } from 'react'
import { type Category, isCategory } from '../../core/base/harm.ts'
import { attackFormOf, type ReasonCode } from '../../core/base/reasons.ts'
import type { Action } from '../../core/policy/policy.ts'
import type { Lang } from './format.ts'
import { type ConsoleKey, en } from './messages/en.ts'
import { ja } from './messages/ja.ts'
import { ACTION_NAMES, ATTACK_NAMES, CATEGORY_NAMES, REASON_NAMES } from './messages/names.ts'
import { useSettings } from './settings.tsx'

const CATALOGUES: Readonly<Record<Lang, Readonly<Record<ConsoleKey, string>>>> = { en, ja }

/** Names of the `{slots}` of a message. */
type Slot<Text extends string> = Text extends `${string}{${infer Name}}${infer Rest}` ? Name | Slot<Rest> : never
export type Slots<Key extends ConsoleKey> = Slot<(typeof en)[Key]>
/** Keys of messages without slots. */
export type PlainKey = { [Key in ConsoleKey]: [Slots<Key>] extends [never] ? Key : never }[ConsoleKey]

type Fill<Key extends ConsoleKey, Value> = [Slots<Key>] extends [never]
  ? []
  : [values: { readonly [Name in Slots<Key>]: Value }]

/** One language's words. */
export interface Words {
  <Key extends ConsoleKey>(key: Key, ...fill: Fill<Key, string>): string
  readonly lang: Lang
  /** As `words(key, values)`, with elements in the slots. */
  rich<Key extends ConsoleKey>(key: Key, ...fill: Fill<Key, ReactNode>): ReactNode
  action(action: Action): string
  /** Sentences one after the other: a space between them in English, none in Japanese. */
  join(...sentences: readonly string[]): string
  /** Names side by side: `input, turn 3` or 入力・ターン3. */
  list(...names: readonly string[]): string
  /** Words of a person, in the quotation marks of the language. */
  quote(text: string): string
  category(category: string): string
  /** What a row of the log calls its cause: the attack form, the category, or the reason. */
  cause(row: { readonly reason: string | null; readonly category: string | null }): string | null
}

export function useWords(): Words {
  const { lang } = useSettings()
  return useMemo(() => wordsOf(lang), [lang])
}

export function wordsOf(lang: Lang): Words {
  const catalogue = CATALOGUES[lang]
  const say = (key: ConsoleKey, values?: Readonly<Record<string, string>>) =>
    catalogue[key].replaceAll(/\{(\w+)\}/g, (slot, name: string) => values?.[name] ?? slot)
  const rich = (key: ConsoleKey, values?: Readonly<Record<string, ReactNode>>) =>
    catalogue[key]
      .split(/\{(\w+)\}/)
      // biome-ignore lint/suspicious/noArrayIndexKey: the pieces of one message never change places
      .map((piece, i) => <Fragment key={i}>{i % 2 === 0 ? piece : values?.[piece]}</Fragment>)
  const category = (name: string) => (isCategory(name) ? CATEGORY_NAMES[lang][name satisfies Category] : name)
  const cause: Words['cause'] = ({ reason, category: name }) => {
    const form = reason === null ? null : attackFormOf(reason as ReasonCode)
    if (form !== null) return ATTACK_NAMES[lang][form]
    if (name !== null) return category(name)
    if (reason === null) return null
    return (REASON_NAMES[lang] as Readonly<Record<string, string>>)[reason] ?? reason
  }
  const words = Object.assign(say, {
    lang,
    rich,
    action: (action: Action) => ACTION_NAMES[lang][action],
    join: (...sentences: readonly string[]) => sentences.filter(Boolean).join(lang === 'ja' ? '' : ' '),
    list: (...names: readonly string[]) => names.filter(Boolean).join(lang === 'ja' ? '・' : ', '),
    quote: (text: string) => (lang === 'ja' ? `「${text}」` : `“${text}”`),
    category,
    cause,
  })
  return words as unknown as Words // the catalogues' slots are typed by the key, which a lookup cannot express
}
