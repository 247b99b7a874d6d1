import { createHmac, createSecretKey, hash, type KeyObject, timingSafeEqual } from 'node:crypto'

const keys = new WeakMap<Uint8Array, KeyObject>()

/** The secret part of a decision's public link: 128 bits of HMAC-SHA-256, base64url. Nothing is stored. */
export function capabilityOf(secret: Uint8Array, decision: string): string {
  // A KeyObject is several times cheaper than raw bytes.
  let key = keys.get(secret)
  if (key === undefined) keys.set(secret, (key = createSecretKey(secret)))
  return createHmac('sha256', key).update('capability\0').update(decision).digest('base64url').slice(0, 22)
}

/** Compares two secrets in time that depends on neither: over digests, so that lengths do not show either. */
export function sameSecret(a: string, b: string): boolean {
  return timingSafeEqual(hash('sha256', a, 'buffer'), hash('sha256', b, 'buffer'))
}
