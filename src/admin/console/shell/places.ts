import type { ConsoleKey } from '../messages/en.ts'

/** The pages that exist, in the order of the rail. */
export const PLACES = [
  { to: '/', name: 'nav.home', icon: 'home' },
  { to: '/live', name: 'nav.live', icon: 'live' },
] as const satisfies readonly { to: string; name: ConsoleKey; icon: string }[]
