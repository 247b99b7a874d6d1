import { Mark } from '../parts/mark.tsx'
import { Seg } from '../parts/seg.tsx'
import { type Theme, useSettings } from '../settings.tsx'
import { useWords } from '../words.tsx'

export function LanguageSwitch() {
  const { lang, choose } = useSettings()
  const words = useWords()
  return (
    <Seg
      label={words('bar.language')}
      value={lang}
      options={[
        { value: 'en', text: 'EN', lang: 'en' },
        { value: 'ja', text: '日本語', lang: 'ja' },
      ]}
      onChoose={(value) => choose({ lang: value })}
    />
  )
}

export function ZoneSwitch({ className = '' }: { readonly className?: string }) {
  const { zone, choose } = useSettings()
  const words = useWords()
  return (
    <Seg
      className={className}
      label={words('bar.zone')}
      value={zone}
      options={[
        { value: 'UTC', text: 'UTC' },
        { value: 'JST', text: 'JST' },
      ]}
      onChoose={(value) => choose({ zone: value })}
    />
  )
}

const NEXT: Readonly<Record<Theme, Theme>> = { system: 'light', light: 'dark', dark: 'system' }

export function ThemeSwitch() {
  const { theme, choose } = useSettings()
  const words = useWords()
  const title = words(`bar.theme.${theme}`)
  return (
    <span className="seg">
      <button type="button" title={title} aria-label={title} onClick={() => choose({ theme: NEXT[theme] })}>
        <Mark name="theme" />
      </button>
    </span>
  )
}
