import { Outlet, useNavigate, useRouterState } from '@tanstack/react-router'
import { useState } from 'react'
import { KeysDialog } from './keys-dialog.tsx'
import { Rail, Tabs } from './rail.tsx'
import { StatusLine } from './status-line.tsx'
import { TopBar } from './top-bar.tsx'
import { useKeys } from './use-keys.ts'

/** Rail, bar, page, status line. */
export function Shell() {
  const navigate = useNavigate()
  const live = useRouterState({ select: (state) => state.location.pathname === '/live' })
  const [keys, setKeys] = useState(false)
  useKeys({
    'g h': () => void navigate({ to: '/' }),
    'g l': () => void navigate({ to: '/live' }),
    'g s': () => void navigate({ to: '/releases' }),
    '?': () => setKeys(true),
  })
  return (
    <div className="app">
      <Rail />
      <TopBar />
      <main className={live ? 'main wide' : 'main'}>
        <Outlet />
      </main>
      <StatusLine live={live} />
      <Tabs />
      {keys ? <KeysDialog onClose={() => setKeys(false)} /> : null}
    </div>
  )
}
