/** Shortest run of letters and digits that is worth trying as something encoded. */
export const RUN = 16
const NOISE = 64
/** Value of each ASCII code in base64, -1 for others; signs are left out, since a run without them is long enough. */
const VALUES = Int8Array.from({ length: 128 }, (_, code) =>
  'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'.indexOf(String.fromCharCode(code)),
)

/**
 * Is there a run of letters and digits that could be base64, base32 or hex? A run of sixteen covers one of any sixteen
 * places: only those are looked at, and what is around them.
 */
export function hasRun(text: string): boolean {
  for (let at = RUN - 1; at < text.length; at += RUN) {
    if (!isAlphanumeric(text.charCodeAt(at))) continue
    let from = at
    while (from > 0 && from > at - NOISE && isAlphanumeric(text.charCodeAt(from - 1))) from--
    let to = at + 1
    while (to < text.length && to < from + NOISE && isAlphanumeric(text.charCodeAt(to))) to++
    if (to - from >= RUN && mayBeEncoded(text, from, to)) return true
    at = Math.max(at, to - RUN)
  }
  return false
}

/** Could the run from `from` to `to`, of at least `RUN`, be something encoded? */
export function mayBeEncoded(text: string, from: number, to: number): boolean {
  return to - from >= NOISE || isPromising(text, from, to)
}

/** Would its beginning be text? Of names that are as long, next to none would. */
function isPromising(text: string, from: number, to: number): boolean {
  const before = from === 0 ? 32 : text.charCodeAt(from - 1)
  // A run may have begun earlier, before a sign of its alphabet.
  if (before === 43 || before === 47) return true
  let digits = true
  let upper = true
  for (let i = from; i < to; i++) {
    const code = text.charCodeAt(i)
    if (!((code >= 48 && code <= 57) || (code >= 65 && code <= 70) || (code >= 97 && code <= 102))) digits = false
    if (code >= 97) upper = false
  }
  if (digits || upper) return true
  let held = 0
  let continues = 0
  for (let i = 0; i < RUN; i++) {
    held = ((held << 6) | VALUES[text.charCodeAt(from + i)]!) & 0xffffff
    if (i % 4 !== 3) continue
    for (let shift = 16; shift >= 0; shift -= 8) {
      const byte = (held >> shift) & 0xff
      if (byte >= 0x80 && byte < 0xc0) {
        if (continues-- <= 0) return false
      } else {
        if (continues > 0 || (byte < 32 && byte !== 0 && byte !== 9 && byte !== 10 && byte !== 13)) return false
        continues = byte < 0x80 ? 0 : byte < 0xe0 ? 1 : byte < 0xf0 ? 2 : 3
      }
    }
  }
  return true
}

function isAlphanumeric(code: number): boolean {
  return code < 128 && VALUES[code]! >= 0
}
