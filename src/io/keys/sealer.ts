import { createCipheriv, createDecipheriv, createSecretKey, type KeyObject, randomBytes } from 'node:crypto'
import type { Store } from '../../jobs/ports.ts'

const NONCE_BYTES = 12
const TAG_BYTES = 16
const KEY_BYTES = 32

/** AES-256-GCM: nonce (12) ‖ ciphertext ‖ tag (16). */
export function seal(key: KeyObject, plain: Uint8Array | string): Buffer {
  const nonce = randomBytes(NONCE_BYTES)
  const cipher = createCipheriv('aes-256-gcm', key, nonce)
  const text = typeof plain === 'string' ? cipher.update(plain, 'utf8') : cipher.update(plain)
  return Buffer.concat([nonce, text, cipher.final(), cipher.getAuthTag()])
}

/** @throws {Error} the bytes were altered, or the key is another one. */
export function unseal(key: KeyObject, blob: Uint8Array): Buffer {
  const decipher = createDecipheriv('aes-256-gcm', key, blob.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES })
  decipher.setAuthTag(blob.subarray(blob.length - TAG_BYTES))
  return Buffer.concat([decipher.update(blob.subarray(NONCE_BYTES, blob.length - TAG_BYTES)), decipher.final()])
}

export interface Sealer {
  /** The subject's data key, made on first use. Destroying its wrapped form makes everything under it unreadable. */
  dataKey(subject: string): Promise<Uint8Array>
  open(subject: string, blob: Uint8Array): Promise<Buffer>
}

/** Data keys per subject, wrapped by the master key in the store. */
export function createSealer({ master, store }: { master: Uint8Array; store: Pick<Store, 'dataKey'> }): Sealer {
  const wrapping = createSecretKey(master)
  const dataKey = async (subject: string) => {
    const wrapped = await store.dataKey(subject, () => seal(wrapping, randomBytes(KEY_BYTES)))
    return new Uint8Array(unseal(wrapping, wrapped))
  }
  return {
    dataKey,
    open: async (subject, blob) => unseal(createSecretKey(await dataKey(subject)), blob),
  }
}
