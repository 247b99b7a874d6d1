/** UTF-8 bytes of a text. Half a surrogate pair becomes U+FFFD, as everywhere. Linear. */
export function utf8Bytes(text: string): Uint8Array {
  const out = new Uint8Array(text.length * 3)
  let at = 0
  for (let i = 0; i < text.length; i++) {
    let code = text.charCodeAt(i)
    if (code >= 0xd800 && code < 0xe000) {
      const low = text.charCodeAt(i + 1)
      const paired = code < 0xdc00 && low >= 0xdc00 && low < 0xe000
      code = paired ? 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00) : 0xfffd
      if (paired) i++
    }
    if (code < 0x80) out[at++] = code
    else if (code < 0x800) {
      out[at++] = 0xc0 | (code >> 6)
      out[at++] = 0x80 | (code & 0x3f)
    } else if (code < 0x10000) {
      out[at++] = 0xe0 | (code >> 12)
      out[at++] = 0x80 | ((code >> 6) & 0x3f)
      out[at++] = 0x80 | (code & 0x3f)
    } else {
      out[at++] = 0xf0 | (code >> 18)
      out[at++] = 0x80 | ((code >> 12) & 0x3f)
      out[at++] = 0x80 | ((code >> 6) & 0x3f)
      out[at++] = 0x80 | (code & 0x3f)
    }
  }
  return out.slice(0, at)
}

/** Smallest code point of a sequence of that many bytes: a longer way to write it is refused. */
const LEAST = [0, 0, 0x80, 0x800, 0x10000]
const UNITS_AT_ONCE = 4096

/**
 * The text of UTF-8 bytes, or null where they are not valid: a sequence that is cut, longer than it need be, half a
 * surrogate pair, or beyond U+10FFFF (RFC 3629). A byte-order mark is a character like any other. Linear.
 */
export function utf8Text(bytes: Uint8Array): string | null {
  let text = ''
  let units: number[] = []
  for (let i = 0; i < bytes.length; ) {
    const first = bytes[i++]!
    const length = first < 0x80 ? 1 : first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 0
    if (length === 0) return null
    let code = length === 1 ? first : first & (0xff >> (length + 1))
    for (let k = 1; k < length; k++) {
      const next = bytes[i++]
      if (next === undefined || (next & 0xc0) !== 0x80) return null
      code = (code << 6) | (next & 0x3f)
    }
    if (code < LEAST[length]! || code > 0x10ffff || (code >= 0xd800 && code < 0xe000)) return null
    if (code < 0x10000) units.push(code)
    else units.push(0xd800 + ((code - 0x10000) >> 10), 0xdc00 + ((code - 0x10000) & 0x3ff))
    if (units.length >= UNITS_AT_ONCE) {
      text += String.fromCharCode(...units)
      units = []
    }
  }
  return text + String.fromCharCode(...units)
}
