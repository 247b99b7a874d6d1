import { createRootRoute, createRoute, createRouter } from '@tanstack/react-router'
import { windowOf } from './home/window.ts'
import { filtersOf } from './live/filters.ts'
import { DecisionPage } from './pages/decision.tsx'
import { HomePage } from './pages/home.tsx'
import { LivePage } from './pages/live.tsx'
import { ReleasePage } from './pages/release.tsx'
import { ReleasesPage } from './pages/releases.tsx'
import { Shell } from './shell/shell.tsx'

const root = createRootRoute({ component: Shell })

const home = createRoute({
  getParentRoute: () => root,
  path: '/',
  validateSearch: (search: Record<string, unknown>) => windowOf(search),
  component: HomeRoute,
})

const live = createRoute({
  getParentRoute: () => root,
  path: '/live',
  validateSearch: (search: Record<string, unknown>) => filtersOf(search),
  component: LiveRoute,
})

const decision = createRoute({ getParentRoute: () => root, path: '/decisions/$id', component: DecisionRoute })

const releases = createRoute({ getParentRoute: () => root, path: '/releases', component: ReleasesPage })

const release = createRoute({ getParentRoute: () => root, path: '/releases/$id', component: ReleaseRoute })

function HomeRoute() {
  return <HomePage window={home.useSearch().window ?? '24h'} />
}

function LiveRoute() {
  return <LivePage filters={live.useSearch()} />
}

function DecisionRoute() {
  return <DecisionPage id={decision.useParams().id} />
}

function ReleaseRoute() {
  return <ReleasePage id={release.useParams().id} />
}

/** Plain strings in the address, so that a link can be read and typed. */
export const router = createRouter({
  routeTree: root.addChildren([home, live, decision, releases, release]),
  parseSearch: (text) => Object.fromEntries(new URLSearchParams(text)),
  stringifySearch: (search) => {
    const set = Object.entries(search).filter((entry): entry is [string, string] => typeof entry[1] === 'string')
    const text = new URLSearchParams(set).toString().replaceAll('%2C', ',')
    return text === '' ? '' : `?${text}`
  },
  scrollRestoration: true,
})

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router
  }
}
