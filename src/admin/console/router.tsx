import { createRootRoute, createRoute, createRouter } from '@tanstack/react-router'
import { windowOf } from './home/window.ts'
import { filtersOf } from './live/filters.ts'
import { AppealPage } from './pages/appeal.tsx'
import { AppealsPage } from './pages/appeals.tsx'
import { CollateralListPage } from './pages/collateral.tsx'
import { CollateralReportPage } from './pages/collateral-report.tsx'
import { DecisionPage } from './pages/decision.tsx'
import { DraftPage } from './pages/draft.tsx'
import { DutyPage } from './pages/duty.tsx'
import { HomePage } from './pages/home.tsx'
import { JailbreakPage } from './pages/jailbreak.tsx'
import { JailbreakNewPage } from './pages/jailbreak-new.tsx'
import { JailbreaksPage } from './pages/jailbreaks.tsx'
import { LivePage } from './pages/live.tsx'
import { NoPage } from './pages/no-page.tsx'
import { PartnersPage } from './pages/partners.tsx'
import { RecordPage } from './pages/record.tsx'
import { RecordEntryPage } from './pages/record-entry.tsx'
import { ReleasePage } from './pages/release.tsx'
import { ReleasesPage } from './pages/releases.tsx'
import { ReviewPage } from './pages/review.tsx'
import { SeverityPage } from './pages/severity.tsx'
import { UsefulnessPage } from './pages/usefulness.tsx'
import { recordSearchOf } from './record/search.ts'
import { Shell } from './shell/shell.tsx'
import { usefulnessSearch } from './usefulness/search.ts'

const root = createRootRoute({ component: Shell, notFoundComponent: NoPage })

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

const review = createRoute({
  getParentRoute: () => root,
  path: '/review',
  validateSearch: ({ item }: Record<string, unknown>): { item?: string } => (typeof item === 'string' ? { item } : {}),
  component: ReviewRoute,
})

const appeals = createRoute({
  getParentRoute: () => root,
  path: '/appeals',
  validateSearch: ({ state }: Record<string, unknown>): { state?: string } => (state === 'closed' ? { state } : {}),
  component: AppealsRoute,
})

const appeal = createRoute({ getParentRoute: () => root, path: '/appeals/$id', component: AppealRoute })

const decision = createRoute({ getParentRoute: () => root, path: '/decisions/$id', component: DecisionRoute })

const releases = createRoute({ getParentRoute: () => root, path: '/releases', component: ReleasesPage })

const release = createRoute({ getParentRoute: () => root, path: '/releases/$id', component: ReleaseRoute })

const draft = createRoute({ getParentRoute: () => root, path: '/draft', component: DraftPage })

const useful = createRoute({
  getParentRoute: () => root,
  path: '/usefulness',
  validateSearch: (search: Record<string, unknown>) => usefulnessSearch(search),
  component: UsefulnessRoute,
})

const collateralList = createRoute({ getParentRoute: () => root, path: '/collateral', component: CollateralListPage })

const collateral = createRoute({ getParentRoute: () => root, path: '/collateral/$id', component: CollateralRoute })

const severity = createRoute({
  getParentRoute: () => root,
  path: '/severity',
  validateSearch: ({ vector }: Record<string, unknown>): { vector?: string } =>
    typeof vector === 'string' ? { vector } : {},
  component: SeverityRoute,
})

const jailbreaks = createRoute({ getParentRoute: () => root, path: '/jailbreaks', component: JailbreaksPage })

const jailbreakNew = createRoute({ getParentRoute: () => root, path: '/jailbreaks/new', component: JailbreakNewPage })

const jailbreak = createRoute({ getParentRoute: () => root, path: '/jailbreaks/$id', component: JailbreakRoute })

const duty = createRoute({ getParentRoute: () => root, path: '/duty', component: DutyPage })

const partners = createRoute({ getParentRoute: () => root, path: '/partners', component: PartnersPage })

const record = createRoute({
  getParentRoute: () => root,
  path: '/record',
  validateSearch: (search: Record<string, unknown>) => recordSearchOf(search),
  component: RecordRoute,
})

const recordEntry = createRoute({ getParentRoute: () => root, path: '/record/$index', component: RecordEntryRoute })

function RecordRoute() {
  return <RecordPage search={record.useSearch()} />
}

function RecordEntryRoute() {
  return <RecordEntryPage index={recordEntry.useParams().index} />
}

function JailbreakRoute() {
  return <JailbreakPage id={jailbreak.useParams().id} />
}

function HomeRoute() {
  return <HomePage window={home.useSearch().window ?? '24h'} />
}

function LiveRoute() {
  return <LivePage filters={live.useSearch()} />
}

function ReviewRoute() {
  return <ReviewPage item={review.useSearch().item ?? null} />
}

function AppealsRoute() {
  return <AppealsPage closed={appeals.useSearch().state === 'closed'} />
}

function AppealRoute() {
  return <AppealPage id={appeal.useParams().id} />
}

function DecisionRoute() {
  return <DecisionPage id={decision.useParams().id} />
}

function ReleaseRoute() {
  return <ReleasePage id={release.useParams().id} />
}

function UsefulnessRoute() {
  const { by = 'segment', days = '30' } = useful.useSearch()
  return <UsefulnessPage by={by} days={days} />
}

function CollateralRoute() {
  return <CollateralReportPage id={collateral.useParams().id} />
}

function SeverityRoute() {
  return <SeverityPage text={severity.useSearch().vector ?? null} />
}

/** Plain strings in the address, so that a link can be read and typed. */
export const router = createRouter({
  routeTree: root.addChildren([
    home,
    live,
    review,
    appeals,
    appeal,
    decision,
    collateralList,
    collateral,
    draft,
    useful,
    releases,
    release,
    jailbreaks,
    jailbreakNew,
    jailbreak,
    duty,
    severity,
    partners,
    record,
    recordEntry,
  ]),
  parseSearch: (text) => Object.fromEntries(new URLSearchParams(text)),
  stringifySearch: (search) => {
    const set = Object.entries(search).filter((entry): entry is [string, string] => typeof entry[1] === 'string')
    const text = new URLSearchParams(set)
      .toString()
      .replaceAll('%2C', ',')
      .replaceAll('%3A', ':')
      .replaceAll('%2F', '/')
    return text === '' ? '' : `?${text}`
  },
  scrollRestoration: true,
})

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router
  }
}
