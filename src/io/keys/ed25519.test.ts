import fc from 'fast-check'
import { expect, test } from 'vitest'
import { signingKey, verifyEd25519 } from './ed25519.ts'

test('ed25519: the public test key of the formats comes from its seed', () => {
  const { publicKey } = signingKey(new Uint8Array(32).fill(7))
  expect(Buffer.from(publicKey).toString('hex')).toBe(
    'ea4a6c63e29c520abef5507b132ec5f9954776aebebe7b92421eea691446d22c',
  )
})

test('ed25519: what was signed verifies, and no flipped bit of message, signature or key does', () => {
  const bytes = (n: number) => fc.uint8Array({ minLength: n, maxLength: n })
  const flipped = (from: Uint8Array, at: number) =>
    from.map((byte, i) => (i === at >> 3 ? byte ^ (1 << (at & 7)) : byte))
  fc.assert(
    fc.property(bytes(32), fc.uint8Array({ minLength: 1, maxLength: 64 }), fc.nat(), (seed, message, at) => {
      const { publicKey, sign } = signingKey(seed)
      const signature = sign(message)
      expect(verifyEd25519(publicKey, message, signature)).toBe(true)
      expect(verifyEd25519(publicKey, flipped(message, at % (message.length * 8)), signature)).toBe(false)
      expect(verifyEd25519(publicKey, message, flipped(signature, at % 512))).toBe(false)
      expect(verifyEd25519(flipped(publicKey, at % 256), message, signature)).toBe(false)
      expect(verifyEd25519(publicKey.subarray(1), message, signature)).toBe(false)
    }),
  )
})
