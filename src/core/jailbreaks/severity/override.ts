import { RESPONSES, type Response } from './response-table.ts'

/**
 * A signed word of two people that another action is taken than the rules prescribe, in either direction. The number
 * itself is never edited. How it is signed: `registry/override-acts.ts`.
 */
export interface Override {
  readonly record: string
  readonly prescribed: Response
  readonly action: Response
  readonly by: readonly string[]
  readonly reason: string
  readonly issuedAtMs: number
  readonly expiresAtMs: number
}

export type OverrideFault = 'two_people' | 'reason' | 'expiry' | 'expired' | 'same_action' | 'statutory'

const LEAST_REASON = 10

/** Everything that keeps an override from holding at `nowMs`; empty when it holds. */
export function overrideFaults(override: Override, nowMs: number): readonly OverrideFault[] {
  const people = new Set(override.by.map((one) => one.trim().toLowerCase()).filter((one) => one !== ''))
  const faults: readonly (readonly [OverrideFault, boolean])[] = [
    ['two_people', people.size < 2],
    ['reason', override.reason.trim().length < LEAST_REASON],
    ['expiry', !(override.expiresAtMs > override.issuedAtMs) || !Number.isFinite(override.expiresAtMs)],
    ['expired', override.expiresAtMs <= nowMs],
    ['same_action', override.action === override.prescribed],
    // What the law fixes is nobody's to change.
    ['statutory', override.prescribed === 'mandatory_route'],
  ]
  return faults.flatMap(([fault, holds]) => (holds ? [fault] : []))
}

/** The override goes further than what the rules prescribe: shown wherever the measure is. */
export function isAbovePrescription({ prescribed, action }: Pick<Override, 'prescribed' | 'action'>): boolean {
  return RESPONSES.indexOf(action) > RESPONSES.indexOf(prescribed)
}
