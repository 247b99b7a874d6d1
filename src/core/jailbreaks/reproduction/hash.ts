import type { Sha256 } from '../../base/digest.ts'

/** SHA-256 of a text's UTF-8 bytes. Half a surrogate pair is hashed as U+FFFD, as every encoder does. */
export function hashOf(text: string, sha256: Sha256): Uint8Array {
  return sha256(utf8(text))
}

/** The same as 64 hexadecimal digits. */
export function hexHashOf(text: string, sha256: Sha256): string {
  return Array.from(hashOf(text, sha256), (byte) => byte.toString(16).padStart(2, '0')).join('')
}

function utf8(text: string): Uint8Array {
  const bytes: number[] = []
  for (const character of text.toWellFormed()) {
    const code = character.codePointAt(0)!
    if (code < 0x80) bytes.push(code)
    else if (code < 0x800) bytes.push(0xc0 | (code >> 6), 0x80 | (code & 63))
    else if (code < 0x10000) bytes.push(0xe0 | (code >> 12), 0x80 | ((code >> 6) & 63), 0x80 | (code & 63))
    else bytes.push(0xf0 | (code >> 18), 0x80 | ((code >> 12) & 63), 0x80 | ((code >> 6) & 63), 0x80 | (code & 63))
  }
  return Uint8Array.from(bytes)
}
