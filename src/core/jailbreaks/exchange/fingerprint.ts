/** HMAC-SHA-256 of bytes under a key, 32 bytes; the edge supplies it. */
export type HmacSha256 = (key: Uint8Array, bytes: Uint8Array) => Uint8Array

/** What of a prompt is committed to: its wording, not its typography. */
export function fingerprintText(prompt: string): string {
  return prompt.normalize('NFKC').toLowerCase().replace(/\s+/gu, ' ').trim()
}

/**
 * Commitment to a prompt under the coalition's exchange key: whoever holds the key can ask "do you know this prompt?"
 * without either side showing it; nobody else can guess. @param key At least 32 bytes, rotated yearly, never published.
 * @throws {RangeError} a shorter key.
 */
export function fingerprint(
  key: Uint8Array,
  prompt: string,
  hmac: HmacSha256,
  encode: (text: string) => Uint8Array,
): string {
  if (key.length < 32) throw new RangeError(`the exchange key has at least 32 bytes, not ${key.length}`)
  const digest = hmac(key, encode(fingerprintText(prompt)))
  return `hmac-sha256:${Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('')}`
}
