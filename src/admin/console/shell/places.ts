import type { ConsoleKey } from '../messages/en.ts'

/** The pages that exist, in the order of the rail. */
export const PLACES = [
  { to: '/', name: 'nav.home', icon: 'home' },
  { to: '/live', name: 'nav.live', icon: 'live' },
  { to: '/collateral', name: 'nav.collateral', icon: 'collateral' },
] as const satisfies readonly { to: string; name: ConsoleKey; icon: string }[]
