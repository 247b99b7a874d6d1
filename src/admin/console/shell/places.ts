import type { ConsoleKey } from '../messages/en.ts'

/** The pages that exist, in the order of the rail. */
export const PLACES = [
  { to: '/', name: 'nav.home', icon: 'home', group: 'nav.watch' },
  { to: '/live', name: 'nav.live', icon: 'live', group: 'nav.watch' },
  { to: '/releases', name: 'nav.releases', icon: 'releases', group: 'nav.change' },
] as const satisfies readonly { to: string; name: ConsoleKey; icon: string; group: ConsoleKey }[]
