import { createHash, createPrivateKey, createPublicKey, type KeyObject, sign, verify } from 'node:crypto'
import type { Sha256, SignEd25519, VerifyEd25519 } from '../../core/base/digest.ts'

/** DER heads that stand before the raw 32 bytes of a key (RFC 8410). */
const PRIVATE_HEAD = Buffer.from('302e020100300506032b657004220420', 'hex')
const PUBLIC_HEAD = Buffer.from('302a300506032b6570032100', 'hex')
const KEY_BYTES = 32
const SIGNATURE_BYTES = 64

export const sha256: Sha256 = (bytes) => new Uint8Array(createHash('sha256').update(bytes).digest())

export const verifyEd25519: VerifyEd25519 = (publicKey, message, signature) => {
  if (publicKey.length !== KEY_BYTES || signature.length !== SIGNATURE_BYTES) return false
  return verify(null, message, publicKeyObject(publicKey), signature)
}

export interface SigningKey {
  readonly publicKey: Uint8Array
  readonly sign: SignEd25519
}

/** The key pair of a seed. @throws {RangeError} a seed that is not 32 bytes. */
export function signingKey(seed: Uint8Array): SigningKey {
  if (seed.length !== KEY_BYTES) throw new RangeError(`an Ed25519 seed has ${KEY_BYTES} bytes, not ${seed.length}`)
  const key = createPrivateKey({ key: Buffer.concat([PRIVATE_HEAD, seed]), format: 'der', type: 'pkcs8' })
  const spki = createPublicKey(key).export({ format: 'der', type: 'spki' })
  const publicKey = new Uint8Array(spki.subarray(PUBLIC_HEAD.length))
  return { publicKey, sign: (message) => new Uint8Array(sign(null, message, key)) }
}

/** Making a key object costs more than a check; a verifier sees few keys, and a stranger's list of keys is bounded. */
const KNOWN = new Map<string, KeyObject>()
const MOST_KNOWN = 256

function publicKeyObject(raw: Uint8Array): KeyObject {
  const name = Buffer.from(raw).toString('hex')
  let key = KNOWN.get(name)
  if (key === undefined) {
    key = createPublicKey({ key: Buffer.concat([PUBLIC_HEAD, raw]), format: 'der', type: 'spki' })
    if (KNOWN.size >= MOST_KNOWN) KNOWN.clear()
    KNOWN.set(name, key)
  }
  return key
}
