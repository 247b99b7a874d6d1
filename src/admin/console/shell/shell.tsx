import { Outlet, useNavigate, useRouterState } from '@tanstack/react-router'
import { useState } from 'react'
import { KeysDialog } from './keys-dialog.tsx'
import { Rail, Tabs } from './rail.tsx'
import { StatusLine } from './status-line.tsx'
import { TopBar } from './top-bar.tsx'
import { useKeys } from './use-keys.ts'
import { ViewFiles } from './view-files.tsx'

/** Rail, bar, page, status line. */
export function Shell() {
  const navigate = useNavigate()
  const path = useRouterState({ select: (state) => state.location.pathname })
  const live = path === '/live'
  const [keys, setKeys] = useState(false)
  useKeys({
    'g h': () => void navigate({ to: '/' }),
    'g l': () => void navigate({ to: '/live' }),
    'g s': () => void navigate({ to: '/releases' }),
    'g q': () => void navigate({ to: '/review' }),
    'g a': () => void navigate({ to: '/appeals' }),
    '?': () => setKeys(true),
  })
  return (
    <div className="app">
      <Rail />
      <TopBar />
      <main className={live || path === '/review' ? 'main wide' : 'main'}>
        <Outlet />
        <ViewFiles />
      </main>
      <StatusLine page={live ? 'live' : path === '/review' ? 'review' : null} />
      <Tabs />
      {keys ? <KeysDialog onClose={() => setKeys(false)} /> : null}
    </div>
  )
}
