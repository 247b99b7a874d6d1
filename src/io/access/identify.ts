import { createHmac, createSecretKey, type KeyObject } from 'node:crypto'
import type { OrgId, PrincipalId } from '../../core/base/ids.ts'
import { ORDINARY } from '../../core/trust/standing.ts'
import { AccessError, type Caller } from '../../gateway/ports.ts'

const DEFAULT_ORG = 'default' as OrgId

/**
 * Who calls, from the credential alone (wire.md §3.2). A caller's own upstream key is passed through and never stored:
 * its keyed hash is the principal, in the organisation `default`.
 *
 * @throws {AccessError} no credential; or one that says it is Sluice's own and is not known here.
 */
export function createIdentify(
  secret: Uint8Array,
  detail: Caller['detail'],
): (headers: Readonly<Record<string, string>>) => Caller {
  const key = createSecretKey(secret)
  return (headers) => {
    const credential = headers['x-sluice-key'] ?? headers['x-api-key'] ?? bearer(headers['authorization'])
    if (credential === undefined || credential === '') throw new AccessError('credential_invalid', 'no credential')
    if (credential.startsWith('slk_')) throw new AccessError('credential_invalid', 'unknown key')
    if (credential.startsWith('sldt_')) throw new AccessError('token_invalid', 'no grant of this instance signed it')
    const principal = `pri_${keyedHash(key, 'principal', credential)}` as PrincipalId
    return { org: DEFAULT_ORG, principal, standing: ORDINARY, detail }
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
