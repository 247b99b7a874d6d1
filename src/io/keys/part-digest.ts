import { createHmac, createSecretKey, type KeyObject } from 'node:crypto'
import type { OrgId } from '../../core/base/ids.ts'
import type { PartDigest } from '../../core/safeguards/exception.ts'

/**
 * Hashes of parts under a secret of each organisation: who holds the store can neither guess a text from its hash nor
 * see that two organisations sent the same. Role and kind are of closed sets, so the first two line ends part the input.
 */
export function createPartDigest(secret: Uint8Array): PartDigest {
  const root = createSecretKey(secret)
  const keys = new Map<OrgId, KeyObject>()
  return (org, role, { place, text }) => {
    let key = keys.get(org)
    if (key === undefined)
      keys.set(org, (key = createSecretKey(createHmac('sha256', root).update(`parts\0${org}`).digest())))
    return createHmac('sha256', key).update(`${role}\n${place}\n`).update(text).digest('base64url')
  }
}

/** A number that only this instance knows, for near-duplicate signatures: without it nobody can test a text against one. */
export function signatureSeed(secret: Uint8Array): number {
  return createHmac('sha256', createSecretKey(secret)).update('signatures\0').digest().readUInt32LE(0)
}
