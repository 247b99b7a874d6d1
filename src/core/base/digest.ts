/** SHA-256 of bytes: 32 bytes, a new array each time. Core hashes with what the edge hands it. */
export type Sha256 = (bytes: Uint8Array) => Uint8Array

/** Ed25519 (RFC 8032, pure): true when `signature` (64 bytes) over `message` is of the raw 32-byte `publicKey`. Total. */
export type VerifyEd25519 = (publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array) => boolean

/** Ed25519 signature, 64 bytes, by a private key that the edge holds. */
export type SignEd25519 = (message: Uint8Array) => Uint8Array
