import type { Hex256, Time } from './texts.ts'
import type { Level } from './tlp.ts'

/** Roles of a partner's trust root. A key has exactly one. */
export const ROLES = ['root', 'publisher', 'evaluator'] as const
export type Role = (typeof ROLES)[number]

export interface RoleKeys {
  /** Verifier keys, as in a signed note: `<name>+<id>+<base64>`. */
  readonly keys: readonly string[]
  readonly threshold: number
}

/** Whom a partner's signatures are from: versioned, rotated by the old and the new threshold. */
export interface Root {
  readonly type: 'root'
  /** 1, 2, …: never skipped. */
  readonly version: number
  readonly issued: Time
  /** From then on every feed of the partner is stale. */
  readonly expires: Time
  readonly roles: Readonly<Record<Role, RoleKeys>>
  readonly logs: { readonly [level in Level]?: { readonly origin: string; readonly vkey: string } }
  /** A tlog-policy file, as text; empty: no witness is asked for. */
  readonly witness_policy: string
  /** Of the envelope file of the version before; null for version 1. */
  readonly prev_sha256: Hex256 | null
  /** Size of each log when this version was made: what an older key signed before that place stays valid. */
  readonly positions?: { readonly [level in Level]?: number }
}
