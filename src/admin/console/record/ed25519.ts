import { bytesOfHex } from '../../../core/base/bytes.ts'
import type { VerifyLater } from './later.ts'

/** A key that is one (RFC 8032 §7.1, test 1): whoever refuses it has no Ed25519. */
const A_KEY = 'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a'

/** The browser's own Ed25519, or null: it has none, or this page came over a connection it does not trust. */
export async function openEd25519(): Promise<VerifyLater | null> {
  // Absent outside of a secure context, whatever the types say.
  const subtle = crypto.subtle as SubtleCrypto | undefined
  if (subtle === undefined) return null
  const keyOf = (bytes: Uint8Array) => subtle.importKey('raw', bytes.slice(), 'Ed25519', false, ['verify'])
  try {
    await keyOf(bytesOfHex(A_KEY)!)
  } catch {
    return null
  }
  return async (publicKey, message, signature) => {
    const key = await keyOf(publicKey).catch(() => null)
    return key !== null && (await subtle.verify('Ed25519', key, signature.slice(), message.slice()))
  }
}
