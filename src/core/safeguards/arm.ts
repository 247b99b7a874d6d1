import { hash32 } from '../base/hash32.ts'
import type { Trial } from '../policy/receipt.ts'
import type { Bundle } from './bundle.ts'

/** Who decides a request in one slot. Shadows and dry runs only look on. */
export type Arm = 'enforcing' | 'canary'

/** Default shares of the canary, step by step, in percent. */
export const CANARY_STEPS: readonly number[] = [1, 5, 25, 50]

/** A bundle under its label, as gateways hold it. */
export interface Named {
  readonly release: string
  /** `<slot>-YYYY.MM.DD[.n]`; a dry run before `submit` has none yet, and is named by its release. */
  readonly label: string
  readonly hash: string
  readonly bundle: Bundle
}

/** What decides and what looks on in one slot. */
export interface SlotReleases {
  /** Null: a slot whose first release is still on its way; it decides nothing. */
  readonly enforcing: Named | null
  readonly canary: (Named & { readonly percent: number; readonly salt: string }) | null
  readonly shadow: Named | null
  readonly dryRuns: readonly Named[]
}

/** All slots, as every gateway holds them at one moment. */
export type ReleaseSet = Readonly<Record<string, SlotReleases>>

/** From so many organisations on the canary is shared out by organisation: a customer sees one safeguard at a time. */
const ORGS_FOR_STICKY = 20

/**
 * The arm of one request in one slot: always the same for the same organisation (with few of them: for the same session),
 * and who was in stays in when the share grows.
 *
 * A request without a session is decided by what is enforcing where sessions are shared out: it has nothing to stick to.
 */
export function armOf(slot: SlotReleases, org: string, session: string | null, orgCount: number): Arm {
  return trialOf(slot, org, session, orgCount)?.arm ?? 'enforcing'
}

/** The same as a part in the trial, for the receipt; null: there is none to take part in, or nothing to stick to. */
export function trialOf(slot: SlotReleases, org: string, session: string | null, orgCount: number): Trial | null {
  const { canary } = slot
  if (canary === null || canary.percent <= 0) return null
  const by = orgCount >= ORGS_FOR_STICKY ? 'org' : 'session'
  if (by === 'session' && session === null) return null
  const unit = by === 'org' ? `o\0${org}` : `s\0${org}\0${session}`
  const arm = position(canary.salt, unit) < canary.percent / 100 ? 'canary' : 'enforcing'
  return { release: canary.label, arm, percent: canary.percent, by }
}

/**
 * Where a unit stands in [0, 1), evenly spread over units for a fixed salt. No secret hangs on it but the salt: FNV-1a over
 * UTF-16 units, finished with the mixer of MurmurHash3, twice with different seeds for 53 bits.
 */
function position(salt: string, unit: string): number {
  const text = `${salt}\0${unit}`
  return (hash32(text, 0x811c9dc5) * 2 ** 21 + (hash32(text, 0x1b873593) >>> 11)) / 2 ** 53
}
