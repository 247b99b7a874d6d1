import { Outlet, useNavigate, useRouterState } from '@tanstack/react-router'
import { useState } from 'react'
import { KeysDialog } from './keys-dialog.tsx'
import { Palette } from './palette.tsx'
import { GO_KEYS, type PaletteAct } from './palette-items.ts'
import { Rail, Tabs } from './rail.tsx'
import { StatusLine } from './status-line.tsx'
import { TopBar } from './top-bar.tsx'
import { useKeys, usePaletteKey } from './use-keys.ts'
import { ViewFiles } from './view-files.tsx'

/** Rail, bar, page, status line. */
export function Shell() {
  const navigate = useNavigate()
  const path = useRouterState({ select: (state) => state.location.pathname })
  const live = path === '/live'
  const [over, setOver] = useState<'palette' | PaletteAct | null>(null)
  useKeys({
    ...Object.fromEntries(Object.entries(GO_KEYS).map(([keys, to]) => [keys, () => void navigate({ to })])),
    '?': () => setOver('keys'),
  })
  usePaletteKey(() => setOver('palette'))
  const close = () => setOver(null)
  return (
    <div className="app">
      <Rail />
      <TopBar
        mode={over === 'mode'}
        onMode={(open) => setOver(open ? 'mode' : null)}
        onPalette={() => setOver('palette')}
      />
      <main className={live || path === '/review' ? 'main wide' : 'main'}>
        <Outlet />
        <ViewFiles />
      </main>
      <StatusLine page={live ? 'live' : path === '/review' ? 'review' : null} />
      <Tabs />
      {over === 'keys' ? <KeysDialog onClose={close} /> : null}
      {over === 'palette' ? <Palette onAct={setOver} onClose={close} /> : null}
    </div>
  )
}
