import type { ConsoleKey } from '../messages/en.ts'

/** The pages that exist, in the order of the rail, under the heads of the rail. */
export const PLACES = [
  { to: '/', name: 'nav.home', icon: 'home', head: 'nav.watch' },
  { to: '/live', name: 'nav.live', icon: 'live', head: 'nav.watch' },
  { to: '/usefulness', name: 'nav.usefulness', icon: 'collateral', head: 'nav.watch' },
  { to: '/review', name: 'nav.review', icon: 'review', head: 'nav.judge' },
  { to: '/appeals', name: 'nav.appeals', icon: 'appeals', head: 'nav.judge' },
  { to: '/releases', name: 'nav.releases', icon: 'releases', head: 'nav.change' },
  { to: '/draft', name: 'nav.draft', icon: 'releases', head: 'nav.change' },
  { to: '/collateral', name: 'nav.collateral', icon: 'collateral', head: 'nav.change' },
  { to: '/jailbreaks', name: 'nav.jailbreaks', icon: 'jailbreaks', head: 'nav.respond' },
  { to: '/severity', name: 'nav.severity', icon: 'severity', head: 'nav.respond' },
  { to: '/partners', name: 'nav.partners', icon: 'partners', head: 'nav.respond' },
  { to: '/record', name: 'nav.record', icon: 'record', head: 'nav.answer' },
] as const satisfies readonly { to: string; name: ConsoleKey; icon: string; head: ConsoleKey }[]
