import type { Time } from './texts.ts'
import type { Tlp } from './tlp.ts'

/**
 * A signed act of an authority as it travels (governance.md §3). Only its outer shape is checked here; what one may do
 * is decided locally, by governance, and never by its arrival.
 */
export interface TravellingInstrument {
  readonly id: string
  readonly type: string
  readonly issuer: { readonly authority: string; readonly person: string; readonly delegation?: string | null }
  readonly addressee: { readonly org: string; readonly [name: string]: unknown }
  readonly ground: string
  readonly scope: { readonly [name: string]: unknown }
  readonly evidence: readonly { readonly ref: string; readonly grade: 'A' | 'B' | 'C' | 'D' }[]
  readonly start: Time
  readonly expiry: Time | null
  readonly tlp?: Tlp
}
