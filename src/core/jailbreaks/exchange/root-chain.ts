import { bytesOfAnyBase64 } from '../../base/base64.ts'
import { hex } from '../../base/bytes.ts'
import type { Sha256, VerifyEd25519 } from '../../base/digest.ts'
import { utf8Text } from '../../base/utf8.ts'
import { openEnvelope, payloadOf } from '../../record/dsse.ts'
import { parseVerifierKey, type VerifierKey } from '../../record/note-key.ts'
import { RecordError } from '../../record/record-error.ts'
import { type Policy, parsePolicy } from '../../record/witness-policy.ts'
import { type PayloadKind, payloadType } from './payload-types.ts'
import { ROLES, type Role, type Root } from './root.ts'
import { timeMs } from './time.ts'
import { LEVELS, type Level } from './tlp.ts'

/** What checking needs of the edge. */
export interface Tools {
  readonly sha256: Sha256
  readonly verify: VerifyEd25519
  /** First fault of a payload against its JSON Schema, or null. */
  schemaFault(kind: PayloadKind, value: unknown): string | null
}

/** A trust root that was accepted. */
export interface TrustedRoot {
  readonly root: Root
  /** Hex, of the envelope file. */
  readonly sha256: string
  readonly roles: Readonly<Record<Role, { readonly keys: readonly VerifierKey[]; readonly threshold: number }>>
  /** Whose checkpoints count at each level, and whose cosignatures. */
  readonly policies: { readonly [level in Level]?: Policy }
  readonly expiresMs: number
}

/** Why a root is not followed: one reason, the first found. */
export type RootFault =
  | 'pin'
  | 'decode'
  | 'threshold_before'
  | 'threshold'
  | 'payload_type'
  | 'parse'
  | 'schema'
  | 'version'
  | 'previous'
  | 'keys'
  | 'key_in_two_roles'
  | 'positions'
  | 'time'

export type RootResult =
  | { readonly kind: 'trusted'; readonly root: TrustedRoot }
  | { readonly kind: 'untrusted'; readonly fault: RootFault }

/** Version 1: trusted because a person compared its hash over a second channel. @param pin Hex SHA-256 of the file. */
export function firstRoot(file: Uint8Array, pin: string, tools: Tools): RootResult {
  if (hex(tools.sha256(file)) !== pin) return untrusted('pin')
  return openRoot(file, null, tools)
}

/** The version after `before`: signed by the root threshold of both. Never skips one. */
export function nextRoot(file: Uint8Array, before: TrustedRoot, tools: Tools): RootResult {
  return openRoot(file, before, tools)
}

function openRoot(file: Uint8Array, before: TrustedRoot | null, tools: Tools): RootResult {
  const envelope = utf8Text(file)
  if (envelope === null) return untrusted('decode')
  const types = [payloadType('root')]
  if (before !== null) {
    const old = openEnvelope(envelope, { ...before.roles.root, types }, tools.verify)
    if (old.kind === 'rejected') return untrusted(old.reason === 'threshold' ? 'threshold_before' : old.reason)
  }
  const claimed = claimedKeys(envelope, tools)
  if (typeof claimed === 'string') return untrusted(claimed)
  const { root, roles } = claimed
  const own = openEnvelope(envelope, { ...roles.root, types }, tools.verify)
  if (own.kind === 'rejected') return untrusted(own.reason)
  const sha256 = hex(tools.sha256(file))
  if (root.version !== (before?.root.version ?? 0) + 1) return untrusted('version')
  if (root.prev_sha256 !== (before?.sha256 ?? null)) return untrusted('previous')
  const [issuedMs, expiresMs] = [timeMs(root.issued), timeMs(root.expires)]
  if (issuedMs === null || expiresMs === null || issuedMs >= expiresMs) return untrusted('time')
  if (before !== null && !positionsGrow(root, before.root)) return untrusted('positions')
  const policies = policiesOf(root, roles, tools)
  if (typeof policies === 'string') return untrusted(policies)
  return { kind: 'trusted', root: { root, sha256, roles, policies, expiresMs } }
}

/**
 * The root as its text claims, before its own signatures are checked: its own keys are in it. Only what is needed for
 * that check is taken from it.
 */
function claimedKeys(envelope: string, tools: Tools): { root: Root; roles: TrustedRoot['roles'] } | RootFault {
  const opened = openEnvelope(envelope, { keys: [], threshold: 0 }, tools.verify)
  // Nobody is trusted here, so the threshold is never met: this tells only whether there is an envelope at all.
  if (opened.kind === 'rejected' && opened.reason === 'decode') return 'decode'
  const value = unverifiedPayload(envelope)
  if (value === undefined) return 'parse'
  if (tools.schemaFault('root', value) !== null) return 'schema'
  // The schema gives the same members as the type.
  const root = value as Root
  try {
    const roles = Object.fromEntries(
      ROLES.map((role) => {
        const { keys, threshold } = root.roles[role]
        const parsed = keys.map((text) => parseVerifierKey(tools.sha256, text))
        if (parsed.some(({ type }) => type !== 'note') || threshold > parsed.length)
          throw new RecordError('malformed', `roles.${role}: wanted signing keys, and no higher threshold than keys`)
        return [role, { keys: parsed, threshold }]
      }),
    ) as Record<Role, { keys: VerifierKey[]; threshold: number }>
    return { root, roles }
  } catch (error) {
    if (error instanceof RecordError) return 'keys'
    throw error
  }
}

function unverifiedPayload(envelope: string): unknown {
  const { payload, payloadType: type } = JSON.parse(envelope) as { payload: string; payloadType: string }
  const bytes = bytesOfAnyBase64(payload)
  if (bytes === null) return undefined
  try {
    return payloadOf({ kind: 'verified', payloadType: type, bytes, signers: [], signatures: [] })
  } catch (error) {
    if (error instanceof RecordError) return undefined
    throw error
  }
}

/** The log policy of each level; a fault where a key stands in two places. */
function policiesOf(root: Root, roles: TrustedRoot['roles'], tools: Tools): TrustedRoot['policies'] | RootFault {
  const seen = new Set<string>()
  const again = ({ publicKey }: VerifierKey) => {
    const text = hex(publicKey)
    const known = seen.has(text)
    seen.add(text)
    return known
  }
  for (const role of ROLES) for (const key of roles[role].keys) if (again(key)) return 'key_in_two_roles'
  try {
    const witnesses = parsePolicy(
      tools.sha256,
      root.witness_policy.trim() === '' ? 'quorum none\n' : root.witness_policy,
    )
    if (witnesses.logs.length > 0) return 'keys'
    for (const { key } of witnesses.witnesses) if (again(key)) return 'key_in_two_roles'
    const policies: { [level in Level]?: Policy } = {}
    for (const level of LEVELS) {
      const log = root.logs[level]
      if (log === undefined) continue
      const key = parseVerifierKey(tools.sha256, log.vkey)
      if (key.type !== 'note' || key.name !== log.origin) return 'keys'
      if (again(key)) return 'key_in_two_roles'
      policies[level] = { ...witnesses, logs: [{ key, url: null }] }
    }
    return policies
  } catch (error) {
    if (error instanceof RecordError) return 'keys'
    throw error
  }
}

/** Every log of the new root says at which size it began to reign, and never before the root before it did. */
function positionsGrow(root: Root, before: Root): boolean {
  return LEVELS.every((level) => {
    if (root.logs[level] === undefined || before.logs[level] === undefined) return true
    const at = root.positions?.[level]
    return at !== undefined && at >= (before.positions?.[level] ?? 0)
  })
}

/**
 * The root that reigns over a place in a log: what an older one's keys signed stays valid up to the rotation, and not
 * after. @param chain Version 1 first.
 */
export function rootAt(chain: readonly TrustedRoot[], level: Level, index: number): TrustedRoot | null {
  return chain.findLast(({ root }) => (root.positions?.[level] ?? 0) <= index) ?? null
}

function untrusted(fault: RootFault): RootResult {
  return { kind: 'untrusted', fault }
}
