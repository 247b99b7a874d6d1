import { useQuery } from '@tanstack/react-query'
import { Link, useRouterState } from '@tanstack/react-router'
import { statusQuery } from '../api.ts'
import { Logo } from '../parts/mark.tsx'
import { useWords } from '../words.tsx'
import { ModeDialog } from './mode-dialog.tsx'
import { PLACES } from './places.ts'
import { LanguageSwitch, ThemeSwitch, ZoneSwitch } from './switches.tsx'
import { PALETTE_KEYS } from './use-keys.ts'

interface TopBarProps {
  /** Whether the dialog that changes the mode is open. */
  readonly mode: boolean
  onMode(open: boolean): void
  onPalette(): void
}

export function TopBar({ mode, onMode, onPalette }: TopBarProps) {
  const words = useWords()
  const path = useRouterState({ select: (state) => state.location.pathname })
  const place =
    PLACES.find(({ to }) => to === path || (to !== '/' && path.startsWith(`${to}/`)))?.name ??
    (path === '/duty' ? 'nav.duty' : path.startsWith('/decisions/') ? 'nav.decision' : 'nav.nowhere')
  return (
    <header className="top">
      <Link className="brand p2:hidden" to="/" aria-label={words('nav.home')}>
        <Logo />
      </Link>
      <b className="max-p2:hidden">{words(place)}</b>
      <ModeBadge open={mode} onOpen={onMode} />
      <span className="flex-1" />
      <button type="button" className="btn quiet find max-p2:hidden" onClick={onPalette}>
        {words('palette')} <kbd>{PALETTE_KEYS}</kbd>
      </button>
      <ZoneSwitch className="max-p2:hidden" />
      <LanguageSwitch />
      <ThemeSwitch />
    </header>
  )
}

/** Which mode is on and which releases decide; opens the dialog that changes it. */
function ModeBadge({ open, onOpen }: { readonly open: boolean; onOpen(open: boolean): void }) {
  const words = useWords()
  const { data: status } = useQuery(statusQuery)
  if (status === undefined) return null
  const mode = words(`mode.${status.mode}`)
  return (
    <>
      <button
        type="button"
        className="mode"
        data-mode={status.mode}
        aria-haspopup="dialog"
        aria-label={words('mode.change', { mode })}
        onClick={() => onOpen(true)}
      >
        <i />
        <b>{mode}</b>
        <span className="trunc max-p2:hidden">{Object.values(status.safeguards).join(', ')}</span>
      </button>
      {open ? <ModeDialog status={status} onClose={() => onOpen(false)} /> : null}
    </>
  )
}
