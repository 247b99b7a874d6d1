import type { VerifyEd25519 } from '../../base/digest.ts'
import { utf8Text } from '../../base/utf8.ts'
import { openEnvelope } from '../../record/dsse.ts'
import { holderOf, isValidAt, type Person } from '../../record/person.ts'
import { payloadType } from '../exchange/payload-types.ts'
import { type OverrideFault, overrideFaults } from '../severity/override.ts'
import { type OverrideTerms, readOverrideTerms } from './override-terms.ts'

/** The longest that two people may set the rules aside. */
export const MOST_OVERRIDE_DAYS = 30
const DAY_MS = 86_400_000

export const INSTRUMENT = payloadType('instrument')

/** Everything for which a signed override is refused. */
export const OVERRIDE_REFUSALS = [
  ...(['decode', 'payload_type', 'terms', 'payload_changed', 'unknown_key', 'not_named', 'key_not_valid'] as const),
  ...(['signed_already', 'too_long', 'prescription_changed', 'withdrawn'] as const),
  ...(['two_people', 'reason', 'expiry', 'expired', 'same_action', 'statutory'] as const),
] as const
export type OverrideRefusal = (typeof OVERRIDE_REFUSALS)[number] | OverrideFault

/** Whose word counts, and how a signature is checked. */
export interface Signers {
  readonly people: readonly Person[]
  readonly verify: VerifyEd25519
}

/** A key of a known person that signed. */
export interface OverrideSigner {
  readonly person: string
  readonly keyid: string
  /** Base64. */
  readonly sig: string
  /** One of the people whom the override names. */
  readonly named: boolean
  readonly valid: boolean
}

export type OverrideExamined =
  | { readonly kind: 'unreadable'; readonly refusals: readonly OverrideRefusal[] }
  | {
      readonly kind: 'examined'
      readonly payload: string
      readonly terms: OverrideTerms
      /** One for each key. */
      readonly signers: readonly OverrideSigner[]
      /** Empty: it holds. */
      readonly refusals: readonly OverrideRefusal[]
    }

/**
 * Opens a signed override and says everything that is against it at a time: who signed, with a key of their own that was
 * valid then, whether they are the two who are named, and whether the terms hold. Two keys of one person are one person.
 * Pure and total: whoever has the envelope and the public keys comes to the same result.
 */
export function examineOverride(envelope: string, { people, verify }: Signers, atMs: number): OverrideExamined {
  const keys = people.flatMap((person) => person.keys.map(({ key }) => key))
  const opened = openEnvelope(envelope, { keys, threshold: 1, types: [INSTRUMENT] }, verify)
  if (opened.kind === 'rejected') {
    const { reason } = opened
    return { kind: 'unreadable', refusals: [reason === 'threshold' ? 'unknown_key' : reason] }
  }
  const payload = utf8Text(opened.bytes)
  const terms = payload === null ? null : readOverrideTerms(payload)
  if (payload === null || terms === null) return { kind: 'unreadable', refusals: ['terms'] }
  const signers = opened.signers.map((signer, i): OverrideSigner => {
    // Found: every key that was tried is somebody's.
    const { person, key } = holderOf(people, signer)!
    const named = terms.by.includes(person.id)
    return { person: person.id, ...opened.signatures[i]!, named, valid: isValidAt(key, atMs) }
  })
  const counting = signers.filter(({ named, valid }) => named && valid)
  const refusals: readonly OverrideRefusal[] = [
    ...(signers.some(({ named }) => !named) ? (['not_named'] as const) : []),
    ...(signers.some(({ valid }) => !valid) ? (['key_not_valid'] as const) : []),
    ...(terms.expiresAtMs - terms.issuedAtMs > MOST_OVERRIDE_DAYS * DAY_MS ? (['too_long'] as const) : []),
    ...overrideFaults({ ...terms, by: counting.map(({ person }) => person) }, atMs),
  ]
  return { kind: 'examined', payload, terms, signers, refusals }
}
