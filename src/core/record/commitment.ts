import { hex, joined } from '../base/bytes.ts'
import type { Sha256 } from '../base/digest.ts'
import { utf8Bytes } from '../base/utf8.ts'

const BLOCK_BYTES = 64

/** HMAC-SHA-256 (RFC 2104). 32 bytes. */
export function hmac(sha256: Sha256, key: Uint8Array, message: Uint8Array): Uint8Array {
  const block = new Uint8Array(BLOCK_BYTES)
  block.set(key.length > BLOCK_BYTES ? sha256(key) : key)
  const inner = sha256(
    joined(
      block.map((byte) => byte ^ 0x36),
      message,
    ),
  )
  return sha256(
    joined(
      block.map((byte) => byte ^ 0x5c),
      inner,
    ),
  )
}

/** A salted commitment as it stands in an entry. */
export type Commitment = `hmac-sha256:${string}`

/**
 * Binds an entry to a value without telling it: HMAC-SHA-256(salt, label, 0, value). The label is the field's name, so
 * that one field's commitment never passes for another's.
 * @param salt 32 random bytes of this entry and field. Destroying it leaves a commitment to nothing.
 */
export function commitment(sha256: Sha256, salt: Uint8Array, label: string, value: string | Uint8Array): Commitment {
  const bytes = typeof value === 'string' ? utf8Bytes(value) : value
  return `hmac-sha256:${hex(hmac(sha256, salt, joined(utf8Bytes(label), Uint8Array.of(0), bytes)))}`
}
