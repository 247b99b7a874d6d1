import { createHmac, createSecretKey, type KeyObject } from 'node:crypto'
import type { OrgId, PrincipalId } from '../../core/base/ids.ts'
import type { ApiKey } from '../../core/trust/api-key.ts'
import type { KeySettings } from '../../core/trust/key-settings.ts'
import { ORDINARY } from '../../core/trust/standing.ts'
import { AccessError, type Caller } from '../../gateway/ports.ts'

const DEFAULT_ORG = 'default' as OrgId

/** Principals kept at hand, in memory alone: making one costs more than the rest of knowing who calls. */
const MOST_REMEMBERED = 1000

/**
 * Who calls, from the credential alone (wire.md §3.2). A key of Sluice names its organisation and settings, and the
 * operator's credential goes upstream; beside it, in `x-sluice-key`, a caller may bring its own. Any other credential is
 * the caller's own upstream key: passed through and never stored; its keyed hash is the principal, in `default`.
 *
 * @param settings Of callers without a key of Sluice.
 * @param keyOf The key that a secret belongs to, or null.
 * @throws {AccessError} no credential; or one that says it is Sluice's own and is not known here.
 */
export function createIdentify(
  secret: Uint8Array,
  settings: () => KeySettings,
  keyOf: (credential: string) => ApiKey | null,
): (headers: Readonly<Record<string, string>>) => Caller {
  const key = createSecretKey(secret)
  const known = new Map<string, PrincipalId>()
  const principalOf = (credential: string): PrincipalId => {
    let principal = known.get(credential)
    if (principal === undefined) {
      principal = `pri_${keyedHash(key, 'principal', credential)}` as PrincipalId
      if (known.size >= MOST_REMEMBERED) known.clear()
      known.set(credential, principal)
    }
    return principal
  }
  return (headers) => {
    const beside = headers['x-sluice-key']
    const credential = beside ?? headers['x-api-key'] ?? bearer(headers['authorization'])
    if (credential === undefined || credential === '') throw new AccessError('credential_invalid', 'no credential')
    if (credential.startsWith('sldt_')) throw new AccessError('token_invalid', 'no grant of this instance signed it')
    if (beside !== undefined || credential.startsWith('slk_')) {
      const known = keyOf(credential)
      if (known === null) throw new AccessError('credential_invalid', 'unknown key')
      return {
        org: known.org as OrgId,
        principal: known.id as PrincipalId,
        standing: ORDINARY,
        settings: known.settings,
        credential: beside === undefined ? 'operator' : 'caller',
      }
    }
    const principal = principalOf(credential)
    return { org: DEFAULT_ORG, principal, standing: ORDINARY, settings: settings(), credential: 'caller' }
  }
}

/** Keyed hash of a client's conversation key: joins turns of one conversation, and reveals nothing. */
export function createSessionOf(secret: Uint8Array): (org: OrgId, session: string) => string {
  const key = createSecretKey(secret)
  return (org, session) => `ses_${keyedHash(key, `session ${org}`, session)}`
}

function bearer(authorization: string | undefined): string | undefined {
  return authorization !== undefined && /^bearer /i.test(authorization) ? authorization.slice(7).trim() : undefined
}

/** 128 bits of HMAC-SHA-256, base64url; the label keeps hashes of different things apart. */
export function keyedHash(key: KeyObject, label: string, value: string): string {
  return createHmac('sha256', key).update(`${label}\0`).update(value).digest('base64url').slice(0, 22)
}
