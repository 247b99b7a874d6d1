const STANDARD = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'

const VALUES: ReadonlyMap<string, number> = new Map([...STANDARD].map((character, i) => [character, i]))

/** Base64 (RFC 4648 §4): standard alphabet, padded. */
export function base64(bytes: Uint8Array): string {
  let out = ''
  for (let i = 0; i < bytes.length; i += 3) {
    const some = bytes.length - i
    const word = (bytes[i]! << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0)
    out += STANDARD[word >> 18]! + STANDARD[(word >> 12) & 63]!
    out += some > 1 ? STANDARD[(word >> 6) & 63]! : '='
    out += some > 2 ? STANDARD[word & 63]! : '='
  }
  return out
}

/**
 * The bytes of standard, padded base64 in its one canonical form, or null. Bits that nothing stands for must be zero:
 * else two texts would mean the same bytes, and a flipped bit would go unseen.
 */
export function bytesOfBase64(text: string): Uint8Array | null {
  if (text.length % 4 !== 0) return null
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0
  const bytes = decoded(text.slice(0, text.length - padding))
  return bytes !== null && base64(bytes) === text ? bytes : null
}

/** As DSSE asks: the standard or the URL-safe alphabet, padded or not. Null where it is neither. */
export function bytesOfAnyBase64(text: string): Uint8Array | null {
  const bare = text.replace(/={1,2}$/, '')
  if (bare !== text && text.length % 4 !== 0) return null
  if (/[+/]/.test(bare) && /[-_]/.test(bare)) return null
  return decoded(bare.replaceAll('-', '+').replaceAll('_', '/'))
}

/** @param text Without padding. */
function decoded(text: string): Uint8Array | null {
  if (text.length % 4 === 1) return null
  const out = new Uint8Array(Math.floor((text.length * 3) / 4))
  let at = 0
  let held = 0
  let bits = 0
  for (const character of text) {
    const value = VALUES.get(character)
    if (value === undefined) return null
    held = ((held << 6) | value) & 0xffff
    bits += 6
    if (bits < 8) continue
    bits -= 8
    out[at++] = (held >> bits) & 0xff
  }
  return out
}
