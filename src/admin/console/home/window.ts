import type { SummaryWindow } from '../api.ts'

export const WINDOWS = ['1h', '24h', '7d', '30d'] as const satisfies readonly SummaryWindow[]
export type HomeWindow = (typeof WINDOWS)[number]

/** The window in an address; 24 hours need not be said. */
export function windowOf(search: Readonly<Record<string, unknown>>): { readonly window?: HomeWindow } {
  const window = WINDOWS.find((one) => one === search['window'])
  return window === undefined || window === '24h' ? {} : { window }
}
