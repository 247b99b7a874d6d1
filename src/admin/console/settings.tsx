import { createContext, type ReactNode, useContext, useEffect, useMemo, useState } from 'react'
import { type Format, formatter, type Lang, type Zone } from './format.ts'

export type Theme = 'system' | 'light' | 'dark'

/** What a person chose for this browser, and the formatter that follows from it. */
export interface Settings {
  readonly lang: Lang
  readonly zone: Zone
  readonly theme: Theme
  readonly format: Format
  choose(change: { readonly lang?: Lang; readonly zone?: Zone; readonly theme?: Theme }): void
  /** The language to use where nobody has chosen one. */
  suggestLang(lang: Lang): void
}

const Context = createContext<Settings | null>(null)

export function useSettings(): Settings {
  const settings = useContext(Context)
  if (settings === null) throw new Error('useSettings needs a SettingsProvider above it')
  return settings
}

export function SettingsProvider({ children }: { readonly children: ReactNode }) {
  const [chosen, setChosen] = useState(stored)
  const [suggested, suggestLang] = useState<Lang>(() => (navigator.language.startsWith('ja') ? 'ja' : 'en'))
  const { zone, theme } = chosen
  const lang = chosen.lang ?? suggested

  useEffect(() => {
    const root = document.documentElement
    root.lang = lang
    if (theme === 'system') delete root.dataset.theme
    else root.dataset.theme = theme
  }, [lang, theme])

  const settings = useMemo<Settings>(
    () => ({
      lang,
      zone,
      theme,
      format: formatter(lang, zone),
      choose: (change) =>
        setChosen((old) => {
          const next = { ...old, ...change }
          try {
            localStorage.setItem(KEY, JSON.stringify(next))
          } catch {
            // A browser that stores nothing forgets the choice with the page; the choice itself still holds.
          }
          return next
        }),
      suggestLang,
    }),
    [lang, zone, theme],
  )
  return <Context value={settings}>{children}</Context>
}

const KEY = 'sluice.settings'

interface Chosen {
  readonly lang: Lang | null
  readonly zone: Zone
  readonly theme: Theme
}

function stored(): Chosen {
  let value: Partial<Record<keyof Chosen, unknown>> = {}
  try {
    const parsed: unknown = JSON.parse(localStorage.getItem(KEY) ?? '{}')
    if (typeof parsed === 'object' && parsed !== null) value = parsed
  } catch {
    // Nothing readable is stored: the defaults hold.
  }
  return {
    lang: value.lang === 'ja' || value.lang === 'en' ? value.lang : null,
    zone: value.zone === 'JST' ? 'JST' : 'UTC',
    theme: value.theme === 'light' || value.theme === 'dark' ? value.theme : 'system',
  }
}
