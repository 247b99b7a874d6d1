import { createHmac, createSecretKey, hash } from 'node:crypto'
import type { OrgId } from '../../core/base/ids.ts'

/** Keyed hashes of texts for the cache of scores: no entry is shared by organisations, and none can be guessed from outside. */
export function createScoreDigest(secret: Uint8Array): (org: OrgId, text: string) => string {
  const key = createSecretKey(secret)
  const salts = new Map<OrgId, string>()
  return (org, text) => {
    let salt = salts.get(org)
    if (salt === undefined)
      salts.set(org, (salt = createHmac('sha256', key).update(`scores\0${org}`).digest('base64url')))
    return hash('sha256', salt + text, 'base64url')
  }
}
