import { createHmac, createSecretKey, type KeyObject, randomBytes, randomInt, timingSafeEqual } from 'node:crypto'
import { type ApiKey, keyIdOf } from '../../core/trust/api-key.ts'

const ALPHABET = '0123456789abcdefghijklmnopqrstuvwxyz'
const NOBODY = Buffer.alloc(32)

/** A new secret with 256 random bits, and the id in it. Shown once; only its keyed hash is stored. */
export function newKeySecret(): { readonly id: string; readonly secret: string } {
  const name = Array.from({ length: 12 }, () => ALPHABET[randomInt(ALPHABET.length)]).join('')
  return { id: `key_${name}`, secret: `slk_${name}_${randomBytes(32).toString('base64url')}` }
}

/** Keyed hash of a key's secret, hex: a stolen store is no list of credentials. */
export function hashKey(pepper: Uint8Array, secret: string): string {
  return digest(createSecretKey(pepper), secret).toString('hex')
}

/** Keys that are valid now, by their secrets. Compared over digests of equal length, in constant time. */
export function keyBook(pepper: Uint8Array, keys: readonly ApiKey[]): (credential: string) => ApiKey | null {
  const key = createSecretKey(pepper)
  const byId = new Map(keys.map((one) => [one.id, { one, hash: Buffer.from(one.hash, 'hex') }]))
  return (credential) => {
    const id = keyIdOf(credential)
    const known = id === null ? undefined : byId.get(id)
    // Also for an id that nobody has: the time does not tell whether there is one.
    const same = timingSafeEqual(digest(key, credential), known?.hash ?? NOBODY)
    return same && known !== undefined && known.one.revokedAtMs === null ? known.one : null
  }
}

function digest(key: KeyObject, secret: string): Buffer {
  return createHmac('sha256', key).update('api-key\0').update(secret).digest()
}
